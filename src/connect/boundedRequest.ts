import { errors, request } from 'undici';
import { boundedAgent } from '../loop/boundedAgent.ts';
import { networkFault } from '../loop/networkFault.ts';

/** The bounds of one request. */
export interface RequestLimits {
  /** How long, in milliseconds, the whole answer may take. */
  readonly answerMs: number;
  readonly bytes: number;
}

interface BoundedRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly token: string | undefined;
  /** Sent as JSON. */
  readonly body?: object;
}

export interface BoundedAnswer {
  readonly status: number;
  readonly text: string;
  /** The seconds of `Retry-After`; `undefined` if there are none. */
  readonly retryAfterSeconds: number | undefined;
}

type BoundedResult =
  | { readonly ok: true; readonly answer: BoundedAnswer }
  /** `fault` never quotes the answer or the request. */
  | { readonly ok: false; readonly fault: string };

/**
 * Sends one request, over a connection of its own. Follows no redirect, because the token must not reach another
 * address. Never rejects.
 */
export async function ask(wanted: BoundedRequest, limits: RequestLimits): Promise<BoundedResult> {
  const agent = boundedAgent(limits);
  try {
    // undici obeys an abort only once a request has a connection, which has a limit of its own.
    const response = await request(wanted.url, {
      method: wanted.method,
      dispatcher: agent,
      signal: AbortSignal.timeout(limits.answerMs),
      headers: {
        accept: 'application/json',
        'user-agent': 'sipwhy',
        ...(wanted.token !== undefined && { authorization: `Bearer ${wanted.token}` }),
        ...(wanted.body !== undefined && { 'content-type': 'application/json' }),
      },
      body: wanted.body === undefined ? null : JSON.stringify(wanted.body),
    });
    const seconds = Number(response.headers['retry-after']);
    const retryAfterSeconds = Number.isInteger(seconds) && seconds > 0 ? seconds : undefined;
    return { ok: true, answer: { status: response.statusCode, text: await response.body.text(), retryAfterSeconds } };
  } catch (error) {
    return { ok: false, fault: faultOf(error, limits) };
  } finally {
    await agent.destroy();
  }
}

function faultOf(error: unknown, { answerMs, bytes }: RequestLimits): string {
  if (error instanceof errors.ResponseExceededMaxSizeError)
    return `the answer is larger than ${bytes / 1024 / 1024} MiB`;
  const isLate =
    error instanceof errors.ConnectTimeoutError ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    (error instanceof Error && error.name === 'TimeoutError');
  return isLate ? `no full answer within ${answerMs / 1000} s` : networkFault(error);
}

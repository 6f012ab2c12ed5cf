import { isSample } from '../route.ts';
import { isSignedOut, session } from './session.ts';

/** Why the service did not answer as asked. */
export interface Problem {
  /** HTTP status; 0 if the service was not reached. */
  readonly status: number;
  /** Short and stable, as in `unknown_call`. */
  readonly code: string;
  /** What is wrong and what to do. */
  readonly detail: string;
  readonly retryAfterSeconds?: number;
}

export type Answer<T> = { readonly ok: true; readonly data: T } | { readonly ok: false; readonly problem: Problem };

interface Request {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Of sample data there is a copy of the API; a session is always the service's. */
const base = (path: string) => (isSample && path !== 'session' ? 'api/v1/sample/' : 'api/v1/');

/** Sends a request to the API; the path is below /api/v1. Notices if nobody is signed in. */
export async function request(path: string, ask: Request = {}): Promise<Answer<Response>> {
  const sent = session.value;
  const headers: Record<string, string> = { accept: ask.accept ?? 'application/json', ...ask.headers };
  if (ask.body !== undefined) headers['content-type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(base(path) + path, {
      method: ask.method ?? 'GET',
      headers,
      cache: 'no-store',
      ...(ask.body !== undefined && { body: JSON.stringify(ask.body) }),
      ...(ask.signal && { signal: ask.signal }),
    });
  } catch (error) {
    if (ask.signal?.aborted) throw error;
    return fail({ status: 0, code: 'unreachable', detail: 'sipwhy does not answer.' });
  }
  if (response.ok) return { ok: true, data: response };
  // If somebody signed in meanwhile, this answer says nothing about the new session.
  if (response.status === 401 && sent === session.value) isSignedOut.value = true;
  return fail(await problemOf(response));
}

/** Asks the API for JSON. The type is what the API promises; its schemas are the server's. */
export async function ask<T>(path: string, options: Request = {}): Promise<Answer<T>> {
  const answer = await request(path, options);
  if (!answer.ok) return answer;
  try {
    return { ok: true, data: (await answer.data.json()) as T };
  } catch (error) {
    if (options.signal?.aborted) throw error;
    return fail({ status: 0, code: 'unreadable', detail: 'The answer did not come from the sipwhy API.' });
  }
}

function fail(problem: Problem): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem };
}

async function problemOf(response: Response): Promise<Problem> {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  let body: { type?: unknown; detail?: unknown } = {};
  try {
    body = await response.json();
  } catch {
    // A proxy in front of sipwhy answered; its status says enough.
  }
  const busy = response.status === 503 && typeof body.detail !== 'string';
  return {
    status: response.status,
    code: String(body.type ?? '').replace('urn:sipwhy:problem:', ''),
    detail:
      typeof body.detail === 'string'
        ? body.detail
        : busy
          ? 'sipwhy is busy with webhooks.'
          : `sipwhy answered with HTTP status ${response.status}.`,
    ...(Number.isFinite(retryAfter) && { retryAfterSeconds: retryAfter }),
  };
}

import { createHash } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { Agent } from 'undici';
import { networkFault } from '../loop/networkFault.ts';

/** How long, in milliseconds, an endpoint may take. */
const TIMEOUT_MS = 10_000;

/** The result of one try to deliver a notice. */
type DeliveryResult =
  | { readonly result: 'delivered' }
  /** `gone`: the endpoint wants no further try (410). `retryAfterMs`: the wait that it asks for. */
  | {
      readonly result: 'timeout' | 'refused' | 'error_status';
      readonly gone?: true;
      readonly retryAfterMs?: number;
      readonly detail: string;
    };

/** An endpoint for incident notices, which are signed as standardwebhooks.com specifies. */
export class Endpoint {
  readonly name: string;
  readonly #url: string;
  readonly #signers: readonly Webhook[];
  /** Made for the first notice, for which the HTTP client is loaded. */
  #agent: Agent | undefined;

  /** `secrets`: several during a rotation; none if the endpoint does not support signatures. */
  constructor(url: string, secrets: readonly string[]) {
    this.name = endpointName(url);
    this.#url = url;
    this.#signers = secrets.map((secret) => new Webhook(secret));
  }

  /** Delivers a notice. Never rejects. `id` is the same for each try; `now` in epoch milliseconds; `signal` aborts it. */
  async deliver(id: string, body: string, now: number, signal: AbortSignal): Promise<DeliveryResult> {
    const timestamp = new Date(now);
    const signature = this.#signers.map((signer) => signer.sign(id, timestamp, body)).join(' ');
    try {
      // In the built program, a package in CommonJS that is loaded so has its default export only.
      const { Agent, request } = (await import('undici')).default;
      this.#agent ??= new Agent({
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
        connect: { timeout: TIMEOUT_MS },
      });
      const response = await request(this.#url, {
        method: 'POST',
        dispatcher: this.#agent,
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        headers: {
          'content-type': 'application/json',
          'user-agent': 'sipwhy',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now / 1000)),
          ...(signature !== '' && { 'webhook-signature': signature }),
        },
        body,
      });
      await response.body.dump();
      const { statusCode, headers } = response;
      if (statusCode >= 200 && statusCode < 300) return { result: 'delivered' };
      const seconds = Number(headers['retry-after']);
      return {
        result: 'error_status',
        detail: `answered ${statusCode}`,
        ...(statusCode === 410 && { gone: true }),
        ...(seconds > 0 && { retryAfterMs: seconds * 1000 }),
      };
    } catch (error) {
      return { result: isLate(error) ? 'timeout' : 'refused', detail: networkFault(error) };
    }
  }

  async close(): Promise<void> {
    await this.#agent?.destroy();
  }
}

/** Names an endpoint in place of its URL, which may contain a secret. */
export function endpointName(url: string): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 16);
}

/** The client's codes for an answer that took too long. */
const LATE: readonly unknown[] = ['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'];

function isLate(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'TimeoutError' || ('code' in error && LATE.includes(error.code));
}

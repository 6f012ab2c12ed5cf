import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { errors, Pool } from 'undici';
import { ANSWER_LIMIT_BYTES } from './verbs.ts';

/** A webhook to forward. */
export interface ForwardedRequest {
  readonly method: 'GET' | 'POST';
  /** Without the question mark; empty if there was none. */
  readonly query: string;
  readonly headers: RawHeaders;
  /** The original bytes; empty for a GET. */
  readonly body: Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  /** `undefined` if it is larger than the limit. */
  readonly body: Buffer | undefined;
}

type ApplicationResult =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly reason: 'timeout' | 'refused' | 'circuit_open' };

/** How many informational responses, such as early hints, may come before the answer. */
const HINTS_AT_MOST = 20;
/** After this many failed requests in a row, further ones fail at once. */
const FAILURES_TO_OPEN = 5;
/** How long, in milliseconds, requests fail at once before one is tried. It grows from the first to the longest. */
const FIRST_OPEN_MS = 2_000;
const LONGEST_OPEN_MS = 30_000;

/** The operator's own application. Webhooks are forwarded to it over connections that are kept open. */
export class Application {
  readonly #pool: Pool;
  readonly #url: URL;
  readonly #instance: string;
  readonly #breaker = circuitBreaker(handleAll, {
    breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
    halfOpenAfter: new ExponentialBackoff({ initialDelay: FIRST_OPEN_MS, maxDelay: LONGEST_OPEN_MS }),
  });
  readonly #policy;

  /**
   * `instance` names this process in the Via header. `onCircuit` is called when requests begin to fail at once, and when
   * the application answers again.
   */
  constructor(
    url: string,
    options: {
      readonly timeoutMs: number;
      readonly connections: number;
      readonly instance: string;
      readonly onCircuit?: (isOpen: boolean) => void;
    },
  ) {
    const { timeoutMs, connections, instance, onCircuit } = options;
    this.#url = new URL(url);
    this.#instance = instance;
    this.#pool = new Pool(this.#url.origin, {
      connections,
      pipelining: 1,
      allowH2: false,
      connect: { timeout: timeoutMs },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      maxResponseSize: ANSWER_LIMIT_BYTES,
    });
    // Aggressive, because undici obeys an abort only once a request has a connection.
    this.#policy = wrap(this.#breaker, timeout(timeoutMs, TimeoutStrategy.Aggressive));
    this.#breaker.onStateChange((state) => {
      if (state !== CircuitState.HalfOpen) onCircuit?.(state !== CircuitState.Closed);
    });
  }

  async ask({ method, query, headers, body }: ForwardedRequest): Promise<ApplicationResult> {
    // One request tests whether the application answers again. The others do not wait for it.
    if (this.#breaker.state === CircuitState.HalfOpen) return { ok: false, reason: 'circuit_open' };
    try {
      const answer = await this.#policy.execute(async ({ signal }) => {
        const response = await this.#pool.request({
          method,
          path: this.#pathWith(query),
          headers: headersToForward(headers, this.#instance),
          body: method === 'GET' ? null : body,
          signal,
          onInfo: limitedHints(),
        });
        return {
          status: response.statusCode,
          contentType: one(response.headers['content-type']),
          contentEncoding: one(response.headers['content-encoding']),
          body: await readAll(response.body),
        };
      });
      return { ok: true, answer };
    } catch (error) {
      return { ok: false, reason: reasonOf(error) };
    }
  }

  /** Aborts requests under way, and closes the connections. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  #pathWith(query: string): string {
    const { pathname, search } = this.#url;
    if (query === '') return pathname + search;
    return `${pathname}${search === '' ? '?' : `${search}&`}${query}`;
  }
}

/** Ends a request that gets informational responses without end. They are not counted by any limit of size. */
function limitedHints(): () => void {
  let hints = 0;
  return () => {
    hints += 1;
    if (hints > HINTS_AT_MOST) throw new Error(`more than ${HINTS_AT_MOST} informational responses`);
  };
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

async function readAll(body: { arrayBuffer(): Promise<ArrayBuffer> }): Promise<Buffer | undefined> {
  try {
    return Buffer.from(await body.arrayBuffer());
  } catch (error) {
    if (error instanceof errors.ResponseExceededMaxSizeError) return undefined;
    throw error;
  }
}

function reasonOf(error: unknown): Exclude<ApplicationResult, { ok: true }>['reason'] {
  if (error instanceof BrokenCircuitError) return 'circuit_open';
  const isLate =
    error instanceof TaskCancelledError ||
    error instanceof errors.ConnectTimeoutError ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError;
  return isLate ? 'timeout' : 'refused';
}

/** Headers of one connection only (RFC 9110, 7.6.1), or that the forwarded request sets itself. */
const NOT_FORWARDED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Names and values in turn, as received: order, case and repetitions are kept. */
type RawHeaders = readonly string[];

/** The headers to forward, unchanged, followed by a Via header that names this process. */
function headersToForward(received: RawHeaders, instance: string): string[] {
  const pairs: [name: string, value: string][] = [];
  for (let i = 0; i + 1 < received.length; i += 2) pairs.push([received[i] ?? '', received[i + 1] ?? '']);
  const ofThisConnection = pairs
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.toLowerCase().split(','))
    .map((name) => name.trim());
  const dropped = new Set([...NOT_FORWARDED, ...ofThisConnection]);
  return [...pairs.filter(([name]) => !dropped.has(name.toLowerCase())).flat(), 'Via', `1.1 ${instance}`];
}

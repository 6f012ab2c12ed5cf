import { errors } from 'undici';
import { networkFault } from '../loop/networkFault.ts';

/** The bounds of one reading of LiveKit's configuration. */
export interface ReadingLimits {
  /** How long, in milliseconds, LiveKit may take for one answer. */
  readonly answerMs: number;
  /** How long, in milliseconds, the whole reading may take. */
  readonly readingMs: number;
  /** The size of all answers together. */
  readonly bytes: number;
  /** How many answers each of the two lists may take. */
  readonly pages: number;
  /** How many items each of the two lists may have. */
  readonly items: number;
}

export const READING_LIMITS: ReadingLimits = {
  answerMs: 8_000,
  readingMs: 30_000,
  bytes: 32 * 1024 * 1024,
  pages: 1_000,
  items: 50_000,
};

/** One reading, with what it has used of its limits. */
export class ApiReading {
  readonly #limits: ReadingLimits;
  readonly #whole: AbortSignal;
  #bytes = 0;

  constructor(limits: ReadingLimits) {
    this.#limits = limits;
    this.#whole = AbortSignal.timeout(limits.readingMs);
  }

  /** Aborts one request when its time is up, or the reading's. */
  signal(): AbortSignal {
    return AbortSignal.any([this.#whole, AbortSignal.timeout(this.#limits.answerMs)]);
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#limits.bytes) throw new errors.ResponseExceededMaxSizeError();
  }

  /** An error for the operator. It leaves the cause out, because undici puts bytes of the answer there. */
  explained(error: unknown, method: string): Error {
    const { answerMs, readingMs, bytes } = this.#limits;
    if (error instanceof errors.ResponseExceededMaxSizeError)
      return new Error(`LiveKit’s lists are larger than ${bytes / 1024 / 1024} MiB`);
    if (this.#whole.aborted) return timeoutError(`LiveKit took longer than ${readingMs / 1000} s for its lists`);
    const isLate =
      error instanceof errors.ConnectTimeoutError ||
      error instanceof errors.HeadersTimeoutError ||
      error instanceof errors.BodyTimeoutError ||
      (error instanceof Error && error.name === 'TimeoutError');
    if (isLate) return timeoutError(`LiveKit took longer than ${answerMs / 1000} s to answer ${method}`);
    return new Error(`LiveKit cannot be asked for its configuration: ${networkFault(error)}`);
  }
}

function timeoutError(message: string): Error {
  return Object.assign(new Error(message), { name: 'TimeoutError' });
}

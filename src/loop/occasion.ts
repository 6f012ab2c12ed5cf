import type { Logger } from 'pino';

/** At most this often, in milliseconds, an occasion is logged. */
const LOG_EVERY_MS = 60_000;

/** Something that a peer can bring about as often as it likes. The first is logged, then at most one each minute. */
export class Occasion {
  readonly #logger: Logger;
  readonly #level: 'error' | 'warn';
  readonly #message: string;
  #isLoggedFrom = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(logger: Logger, level: 'error' | 'warn', message: string) {
    this.#logger = logger;
    this.#level = level;
    this.#message = message;
  }

  /** `fields` say more; `times` in the log is how often it happened since the last line. */
  met(fields: object): void {
    this.#count += 1;
    // The monotonic clock: a clock that is set back would silence the log.
    const now = performance.now();
    if (now < this.#isLoggedFrom) return;
    this.#logger[this.#level]({ ...fields, times: this.#count }, this.#message);
    this.#count = 0;
    this.#isLoggedFrom = now + LOG_EVERY_MS;
  }
}

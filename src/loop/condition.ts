import type { Logger } from 'pino';

/** A lasting condition. It is logged when it begins and when it ends, not each time that it is met. */
export class Condition {
  readonly #logger: Logger;
  readonly #begins: string;
  readonly #ends: string;
  readonly #level: 'error' | 'warn';
  #isOn = false;

  constructor(logger: Logger, begins: string, ends: string, level: 'error' | 'warn' = 'error') {
    this.#logger = logger;
    this.#begins = begins;
    this.#ends = ends;
    this.#level = level;
  }

  /** `error`: the error, or fields that say more. An error with `isLoggedOnce` is logged elsewhere. */
  met(error?: unknown): void {
    if (error instanceof Error && 'isLoggedOnce' in error && error.isLoggedOnce) return;
    if (!this.#isOn) this.#logger[this.#level](error, this.#begins);
    this.#isOn = true;
  }

  over(): void {
    if (this.#isOn) this.#logger.info(this.#ends);
    this.#isOn = false;
  }
}

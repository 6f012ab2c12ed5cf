import type { Logger } from 'pino';

/** A condition that lasts: it is logged when it begins and when it ends, not each time that it is met. */
export class Trouble {
  readonly #logger: Logger;
  readonly #begins: string;
  readonly #ends: string;
  #isOn = false;

  constructor(logger: Logger, begins: string, ends: string) {
    this.#logger = logger;
    this.#begins = begins;
    this.#ends = ends;
  }

  met(error?: unknown): void {
    if (!this.#isOn) this.#logger.error(error, this.#begins);
    this.#isOn = true;
  }

  over(): void {
    if (this.#isOn) this.#logger.info(this.#ends);
    this.#isOn = false;
  }
}

import type { Logger } from 'pino';
import { Condition } from '../condition.ts';
import type { StoreMetrics } from '../record/storeMetrics.ts';

/** How often, in milliseconds, calls are looked at for what is due. */
const EVERY_MS = 100;

/** Settles calls again and again, one turn after the other. Verdicts that cannot be written are tried again. */
export class Settling {
  readonly #settle: () => Promise<void>;
  readonly #metrics: StoreMetrics;
  readonly #trouble: Condition;
  #isStopping = false;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> | undefined;

  constructor(settle: () => Promise<void>, metrics: StoreMetrics, logger: Logger) {
    this.#settle = settle;
    this.#metrics = metrics;
    this.#trouble = new Condition(
      logger,
      'verdicts cannot be written: they are tried again',
      'verdicts are written again',
    );
  }

  start(): void {
    this.#turn = this.#once().finally(() => {
      if (!this.#isStopping) this.#timer = setTimeout(() => this.start(), EVERY_MS);
    });
  }

  /** No turn begins any more. */
  pause(): void {
    this.#isStopping = true;
    clearTimeout(this.#timer);
  }

  /** Has what is due by now settled; the rest goes on after the next start. */
  async finish(): Promise<void> {
    this.pause();
    await this.#turn;
    await this.#once();
  }

  async #once(): Promise<void> {
    try {
      await this.#settle();
      this.#trouble.over();
    } catch (error) {
      this.#metrics.failed('verdict');
      this.#trouble.met(error);
    }
  }
}

/**
 * Does work at once when it is asked for, and again after `everyMs` milliseconds if it was asked for meanwhile. So what
 * comes singly isn't delayed, and what comes in numbers is done together. The timer doesn't keep the process alive.
 */
export class Pace {
  readonly #everyMs: number;
  readonly #work: () => void;
  #isAsked = false;
  #resting: NodeJS.Timeout | undefined;

  constructor(everyMs: number, work: () => void) {
    this.#everyMs = everyMs;
    this.#work = work;
  }

  ask(): void {
    this.#isAsked = true;
    if (!this.#resting) this.#turn();
  }

  /** Does now what was asked for and waits. */
  flush(): void {
    if (!this.#isAsked) return;
    this.#isAsked = false;
    this.#work();
  }

  #turn(): void {
    this.#resting = this.#isAsked ? setTimeout(() => this.#turn(), this.#everyMs).unref() : undefined;
    this.flush();
  }
}

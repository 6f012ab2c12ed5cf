const EVERY_MS = 500;

/** Shows on a terminal how far a long command is, and the total at its end. Elsewhere it prints nothing. */
export class Progress {
  readonly #what: string;
  readonly #isShown: boolean;
  readonly #began = performance.now();
  #count = 0;
  #shownAt = this.#began;

  /** `what`: what is counted, such as `cases`. `isQuiet`: the output is for a program. */
  constructor(what: string, isQuiet: boolean) {
    this.#what = what;
    this.#isShown = process.stderr.isTTY === true && !isQuiet;
  }

  /** Counts one. */
  step(): void {
    this.#count += 1;
    if (!this.#isShown || performance.now() - this.#shownAt < EVERY_MS) return;
    this.#shownAt = performance.now();
    process.stderr.write(`\r${this.#count} ${this.#what}`);
  }

  end(): void {
    if (!this.#isShown) return;
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(1);
    process.stderr.write(`\r${this.#count} ${this.#what} in ${seconds} s\n`);
  }
}

/** How many of a trunk's latest attempts are remembered, and for how many trunks. */
const ATTEMPTS_KEPT = 100;
const TRUNKS_KEPT = 1_000;
/** How many attempts are remembered in all. */
const ALL_KEPT = 20_000;
const CHANGES_KEPT = 1_000;

interface Remembered {
  /** Epoch milliseconds at which it began. */
  readonly at: number;
  readonly connected: boolean;
}

/**
 * Remembers how attempts on each trunk ended, to find when failures began after a change. Bounded, and lost when the
 * process ends; without it, no explanation names a first failure.
 */
export class FirstFailures {
  readonly #byTrunk = new Map<string, Map<string, Remembered>>();
  readonly #firsts = new Map<string, number>();
  #size = 0;

  /** Notes how an attempt ended, replacing an earlier note. */
  note(trunk: string, id: string, at: number, connected: boolean): void {
    const attempts = this.#byTrunk.get(trunk) ?? new Map<string, Remembered>();
    this.#byTrunk.delete(trunk);
    this.#byTrunk.set(trunk, attempts);
    const before = attempts.size;
    attempts.delete(id);
    attempts.set(id, { at, connected });
    dropOldest(attempts, ATTEMPTS_KEPT);
    this.#size += attempts.size - before;
    // The trunk that has been without a call for longest is evicted first.
    for (const [oldest, { size }] of this.#byTrunk) {
      if (this.#byTrunk.size <= TRUNKS_KEPT && this.#size <= ALL_KEPT) break;
      this.#byTrunk.delete(oldest);
      this.#size -= size;
    }
  }

  /**
   * When, in epoch milliseconds, calls on a trunk began to fail after a change; `undefined` where they failed before
   * it too, or if no earlier call is known.
   */
  after({ since, at }: { readonly since: number; readonly at: number }, trunk: string): number | undefined {
    const key = `${at} ${trunk}`;
    const attempts = [...(this.#byTrunk.get(trunk)?.values() ?? [])].sort((a, b) => a.at - b.at);
    const index = attempts.findIndex((attempt) => !attempt.connected && attempt.at > since);
    const first = attempts[index];
    const known = this.#firsts.get(key);
    if (!first || !attempts[index - 1]?.connected) return known;
    // By the time of a later failure, the calls from before the change may have been evicted.
    const earliest = Math.min(first.at, known ?? first.at);
    this.#firsts.delete(key);
    this.#firsts.set(key, earliest);
    dropOldest(this.#firsts, CHANGES_KEPT);
    return earliest;
  }
}

function dropOldest(map: Map<string, unknown>, limit: number): void {
  for (const key of map.keys()) {
    if (map.size <= limit) return;
    map.delete(key);
  }
}

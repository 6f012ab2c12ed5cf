import type { Store } from '../journal/store.ts';

/** As many open calls are looked up in the store at once at most, and how often, in milliseconds. */
const AT_ONCE = 200;
const EVERY_MS = 1_000;

/**
 * Open calls that were let go of, since more are open than memory is to be used for. Each waits in the store for its
 * next webhook; what is due meanwhile is seen by going round all that are open, a few at a time.
 */
export class ParkedCalls {
  readonly #store: Pick<Store, 'unfinishedCalls'>;
  readonly #atOnce: number;
  /** There may be some after this one; `undefined` while none are parked. */
  #after: string | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isAnyParked = false;

  /** `callsAtHand`: as many have room in memory. */
  constructor(store: Pick<Store, 'unfinishedCalls'>, callsAtHand: number) {
    this.#store = store;
    // Those that are taken up now must not drive each other out before they are looked at.
    this.#atOnce = Math.min(AT_ONCE, Math.ceil(callsAtHand / 2));
  }

  /** To be told whenever calls were let go of. */
  added(): void {
    this.#isAnyParked = true;
    this.#after ??= '';
  }

  /** Open calls to look at now; most of the time none. `now` in epoch milliseconds. */
  async next(now: number): Promise<string[]> {
    if (this.#after === undefined || now - this.#lookedAt < EVERY_MS) return [];
    this.#lookedAt = now;
    if (this.#after === '') this.#isAnyParked = false;
    const callIds = await this.#store.unfinishedCalls(this.#after, this.#atOnce);
    this.#after = callIds.at(-1);
    // Once more round, if some were let go of since it began.
    if (this.#after === undefined && this.#isAnyParked) this.#after = '';
    return callIds;
  }
}

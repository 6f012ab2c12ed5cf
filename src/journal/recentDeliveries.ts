/** How many deliveries a generation has. */
const GENERATION = 10_000;

/**
 * When the latest deliveries arrived, by fingerprint: at least one generation of them, and at most two. A single map whose
 * oldest entry is deleted for each new one would take tens of microseconds for it: V8 keeps the places of deleted entries,
 * and passes them all to find the first that is left.
 */
export class RecentDeliveries {
  readonly #generation: number;
  #latest = new Map<string, number>();
  #earlier = new Map<string, number>();

  constructor(generation = GENERATION) {
    this.#generation = generation;
  }

  /** When it arrived, in epoch milliseconds; `undefined` if that is not known any more. */
  get(digest: string): number | undefined {
    return this.#latest.get(digest) ?? this.#earlier.get(digest);
  }

  set(digest: string, at: number): void {
    if (this.#latest.size >= this.#generation && !this.#latest.has(digest)) {
      this.#earlier = this.#latest;
      this.#latest = new Map();
    }
    this.#latest.set(digest, at);
  }

  delete(digest: string): void {
    this.#latest.delete(digest);
    this.#earlier.delete(digest);
  }
}

/** Width of a slot in milliseconds: how much later than its deadline a call may be taken up. */
const SLOT_MS = 100;

/** Which call is to be looked at when. Setting and taking cost the same however many calls are open. */
export class Deadlines {
  readonly #slots = new Map<number, Set<string>>();
  readonly #slotOf = new Map<string, number>();

  /** Sets the one deadline of a call, in epoch milliseconds. */
  set(id: string, at: number): void {
    const slot = Math.ceil(at / SLOT_MS);
    const before = this.#slotOf.get(id);
    if (before === slot) return;
    if (before !== undefined) this.#leave(before, id);
    this.#slotOf.set(id, slot);
    const ids = this.#slots.get(slot) ?? new Set<string>();
    this.#slots.set(slot, ids.add(id));
  }

  delete(id: string): void {
    const slot = this.#slotOf.get(id);
    if (slot === undefined) return;
    this.#slotOf.delete(id);
    this.#leave(slot, id);
  }

  /** The earliest deadline, rounded up to its slot; `undefined` when there is none. */
  next(): number | undefined {
    let earliest = Number.POSITIVE_INFINITY;
    for (const slot of this.#slots.keys()) earliest = Math.min(earliest, slot);
    return Number.isFinite(earliest) ? earliest * SLOT_MS : undefined;
  }

  /** Removes and returns calls whose deadline has come, the longest due first, about `limit` of them. */
  takeDue(now: number, limit: number): string[] {
    const due = [...this.#slots.keys()].filter((slot) => slot * SLOT_MS <= now).sort((a, b) => a - b);
    const taken: string[] = [];
    for (const slot of due) {
      for (const id of this.#slots.get(slot) ?? []) {
        if (taken.length >= limit) return taken;
        taken.push(id);
        this.delete(id);
      }
    }
    return taken;
  }

  #leave(slot: number, id: string): void {
    const ids = this.#slots.get(slot);
    ids?.delete(id);
    if (ids?.size === 0) this.#slots.delete(slot);
  }
}

/** Positions of trunks in their snapshot, ascending: LiveKit's choice depends on the order. */
export type Positions = readonly number[];

/** Which trunks are looked for, by one field: those that pass it, those that do not fail it, or all. */
export type Wanted = 'pass' | 'not_fail' | 'all';

/** Up to so many trunks are gone through one by one; more are sorted by whom they admit. */
const FEW = 12;

/**
 * What sorting may still take, in entries. It grows with the product of a trunk's lists, so a configuration in which
 * many trunks share many numbers, callers and addresses at once would take all memory; past this they are gone through.
 */
export interface Budget {
  entries: number;
}

/** Whether it pays, and is affordable, to sort these trunks; takes what it costs. */
export function isSorted(positions: Positions, budget: Budget, sizeOf: (position: number) => number): boolean {
  if (positions.length <= FEW) return false;
  let size = 0;
  for (const p of positions) size += sizeOf(p);
  if (size > budget.entries) return false;
  budget.entries -= size;
  return true;
}

/** Enters a position under a key; a trunk that names the same thing twice is entered once. */
export function enter(lists: Map<string, number[]>, key: string, position: number): void {
  const list = lists.get(key);
  if (!list) lists.set(key, [position]);
  else if (list.at(-1) !== position) list.push(position);
}

/** The first `count` positions of all lists together that are accepted, ascending, each once. */
export function takeFirst(lists: readonly Positions[], count: number, accept: (position: number) => boolean): number[] {
  const taken: number[] = [];
  for (const list of lists) {
    for (const p of list) {
      if (taken.length === count && p >= (taken[count - 1] ?? 0)) break;
      if (taken.includes(p) || !accept(p)) continue;
      let at = taken.length;
      while (at > 0 && (taken[at - 1] ?? 0) > p) at--;
      taken.splice(at, 0, p);
      if (taken.length > count) taken.pop();
    }
  }
  return taken;
}

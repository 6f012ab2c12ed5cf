import type { Admission, ReadOrigin } from './admission.ts';
import { type Budget, enter, isSorted, type Positions, type Wanted } from './positions.ts';
import { SourceGroup } from './sourceGroup.ts';

interface ByCaller {
  /** Trunks without a list of callers. */
  readonly everyCaller: SourceGroup;
  readonly byCaller: ReadonlyMap<string, SourceGroup>;
}

/** Trunks that are alike in their called number, to be found by whom they admit. */
export class TrunkGroup {
  readonly positions: Positions;
  readonly #all: SourceGroup;
  /** `undefined` where the group is not sorted. */
  readonly #sorted: ByCaller | undefined;

  constructor(positions: Positions, admissions: readonly Admission[], budget: Budget) {
    this.positions = positions;
    this.#all = new SourceGroup(positions, admissions, budget);
    if (!isSorted(positions, budget, (p) => 1 + (admissions[p]?.callers?.size ?? 0))) return;
    const everyCaller: number[] = [];
    const byCaller = new Map<string, number[]>();
    for (const p of positions) {
      const callers = admissions[p]?.callers;
      if (!callers) everyCaller.push(p);
      else for (const caller of callers) enter(byCaller, caller, p);
    }
    const groupOf = (some: Positions) => new SourceGroup(some, admissions, budget);
    this.#sorted = {
      everyCaller: groupOf(everyCaller),
      byCaller: new Map(byCaller.entries().map(([caller, some]) => [caller, groupOf(some)])),
    };
  }

  /** Lists that together hold every trunk of the group that is wanted by both fields, and perhaps others. */
  find(origin: ReadOrigin, caller: Wanted, source: Wanted): Positions[] {
    const isAnybody = caller === 'all' || (caller === 'not_fail' && origin.caller === undefined);
    if (isAnybody || !this.#sorted) return this.#all.find(origin, source);
    const { everyCaller, byCaller } = this.#sorted;
    const own = origin.caller === undefined ? undefined : byCaller.get(origin.caller);
    return [...everyCaller.find(origin, source), ...(own ? own.find(origin, source) : [])];
  }
}

import { type Admission, judgeCaller, judgeSource, type ReadOrigin } from './admission.ts';
import { type Positions, takeFirst, type Wanted } from './positions.ts';
import type { TrunkGroup } from './trunkGroup.ts';

/** What stands between a call and a trunk, apart from the called number. */
export interface Distance {
  readonly faults: number;
  readonly unknowns: number;
}

interface Step extends Distance {
  /** Where trunks at this distance are found, by caller and source, once all that are nearer have been taken. */
  readonly find: readonly (readonly [caller: Wanted, source: Wanted])[];
}

const STEPS: readonly Step[] = [
  { faults: 0, unknowns: 0, find: [['pass', 'pass']] },
  {
    faults: 0,
    unknowns: 1,
    find: [
      ['pass', 'not_fail'],
      ['not_fail', 'pass'],
    ],
  },
  { faults: 0, unknowns: 2, find: [['not_fail', 'not_fail']] },
  {
    faults: 1,
    unknowns: 0,
    find: [
      ['pass', 'all'],
      ['all', 'pass'],
    ],
  },
  {
    faults: 1,
    unknowns: 1,
    find: [
      ['not_fail', 'all'],
      ['all', 'not_fail'],
    ],
  },
  { faults: 2, unknowns: 0, find: [['all', 'all']] },
];

export function distanceOf(admission: Admission, origin: ReadOrigin): Distance {
  const caller = judgeCaller(admission, origin);
  const source = judgeSource(admission, origin);
  return {
    faults: (caller === 'fail' ? 1 : 0) + (source === 'fail' ? 1 : 0),
    unknowns: (caller === 'unknown' ? 1 : 0) + (source === 'unknown' ? 1 : 0),
  };
}

/** The trunks of these groups that come nearest to admitting the call: by faults, then unknowns, then in their order. */
export function takeNearest(
  groups: readonly TrunkGroup[],
  admissions: readonly Admission[],
  origin: ReadOrigin,
  count: number,
  isTaken: (position: number) => boolean,
): Positions {
  const nearest: number[] = [];
  const unknowable = countUnknowable(origin);
  for (const { faults, unknowns, find } of STEPS) {
    if (nearest.length === count) break;
    if (unknowns > unknowable) continue;
    const lists = groups.flatMap((group) => find.flatMap(([caller, source]) => group.find(origin, caller, source)));
    const found = takeFirst(lists, count - nearest.length, (p) => {
      const admission = admissions[p];
      if (!admission || isTaken(p) || nearest.includes(p)) return false;
      const distance = distanceOf(admission, origin);
      return distance.faults === faults && distance.unknowns === unknowns;
    });
    nearest.push(...found);
  }
  return nearest;
}

/** How many of the two fields may be neither passed nor failed. */
function countUnknowable({ caller, sources, fromHost }: ReadOrigin): number {
  return (caller === undefined ? 1 : 0) + (sources.length === 1 && fromHost !== undefined ? 0 : 1);
}

import {
  type Admission,
  judgeCaller,
  judgeSource,
  type ReadOrigin,
  readAdmission,
  readOrigin,
  type Verdict,
} from './admission.ts';
import { formOf } from './likeNumbers.ts';
import { takeNearest } from './nearestFirst.ts';
import { likeness } from './number.ts';
import { NumberIndex } from './numberIndex.ts';
import { type Budget, type Positions, takeFirst, type Wanted } from './positions.ts';
import type { InboundTrunk } from './snapshot.ts';
import { TrunkGroup } from './trunkGroup.ts';
import type { CallToTrunks, TrunkChoice, TrunkJudgement } from './trunkJudgement.ts';

/** What the called number says of a trunk. */
interface SaysOfCalled {
  /** Whether the trunk takes it: it is listed, or none is. */
  readonly takeCalled: boolean;
  /** Other forms of it, one of which the trunk lists; empty when it lists none. */
  readonly forms: ReadonlySet<string>;
}

/** Trunks of which it says the same. */
interface Neighbours extends SaysOfCalled {
  readonly groups: readonly TrunkGroup[];
}

const TAKEN: SaysOfCalled = { takeCalled: true, forms: new Set() };
const OTHER: SaysOfCalled = { takeCalled: false, forms: new Set() };
/** How much more sorting may take than the trunks themselves. */
const BUDGET_FACTOR = 8;

/**
 * The trunks of a snapshot, sorted once, so that the choice and the nearest trunks cost the same among ten trunks and
 * among a hundred thousand.
 *
 * Trunks are looked up by called number, then caller, then source address. A look-up may find too many, never too
 * few, and each trunk found is held against the call by the same tests as without an index. Built in time linear to
 * the trunks' lists.
 */
export class TrunkIndex {
  readonly #trunks: readonly InboundTrunk[];
  readonly #isStrict: boolean;
  readonly #admissions: readonly Admission[];
  readonly #numbers: NumberIndex;
  readonly #defaults: TrunkGroup;
  readonly #all: TrunkGroup;
  /** The forms of a trunk's numbers, kept once they have been asked for. */
  readonly #forms = new Map<number, readonly string[]>();

  constructor(trunks: readonly InboundTrunk[], isStrict: boolean) {
    this.#trunks = trunks;
    this.#isStrict = isStrict;
    this.#admissions = trunks.map((trunk) => readAdmission(trunk, isStrict));
    const budget = budgetFor(trunks);
    const groupOf = (positions: Positions) => new TrunkGroup(positions, this.#admissions, budget);
    this.#all = groupOf([...trunks.keys()]);
    this.#defaults = groupOf([...trunks.keys()].filter((p) => trunks[p]?.numbers.length === 0));
    this.#numbers = new NumberIndex(trunks, groupOf);
  }

  /** LiveKit's choice, where what is not known of the call is held to pass, or to fail. */
  choose(call: CallToTrunks, unknown: 'pass' | 'fail'): TrunkChoice {
    if (this.#trunks.length === 0) return { kind: 'empty' };
    const origin = readOrigin(call, this.#isStrict);
    const wanted: Wanted = unknown === 'pass' ? 'not_fail' : 'pass';
    const firstTwo = (group: TrunkGroup | undefined) =>
      takeFirst(group?.find(origin, wanted, wanted) ?? [], 2, (p) => this.#admits(p, origin, unknown)).map((p) =>
        this.#judge(p, origin, call.called, TAKEN),
      );
    const [specific, other] = firstTwo(this.#numbers.listing(call.called));
    if (specific && other) return { kind: 'multiple_specific_trunks', between: [specific, other] };
    if (specific) return { kind: 'specific', trunk: specific };
    const [first, second] = firstTwo(this.#defaults);
    if (first && second) return { kind: 'multiple_default_trunks', between: [first, second] };
    return first ? { kind: 'default', trunk: first } : { kind: 'none' };
  }

  /**
   * The trunks that come nearest to taking the call. First by their numbers: those that list the called one, list it
   * in another form, list none and so take all, list others. Then by faults, then by what is unknown, then in order.
   */
  nearest(call: CallToTrunks, count: number): TrunkJudgement[] {
    const origin = readOrigin(call, this.#isStrict);
    const taken = new Set<number>();
    const judgements: TrunkJudgement[] = [];
    for (const neighbours of this.#byNearness(call.called)) {
      const left = count - taken.size;
      const found = takeNearest(neighbours.groups, this.#admissions, origin, left, (p) => taken.has(p));
      for (const p of found) {
        taken.add(p);
        judgements.push(this.#judge(p, origin, call.called, neighbours));
      }
      if (taken.size === count) break;
    }
    return judgements;
  }

  /** All trunks to which the called number says the same as to the nearest one, in their order. */
  neighbours(call: CallToTrunks): { readonly size: number; judgements(): Iterable<TrunkJudgement> } {
    const origin = readOrigin(call, this.#isStrict);
    for (const neighbours of this.#byNearness(call.called)) {
      const [only, another] = neighbours.groups;
      const positions = another ? union(neighbours.groups) : (only?.positions ?? []);
      if (positions.length === 0) continue;
      const judge = (p: number) => this.#judge(p, origin, call.called, neighbours);
      return { size: positions.length, judgements: () => positions.values().map(judge) };
    }
    return { size: 0, judgements: () => [] };
  }

  *#byNearness(called: string): Generator<Neighbours> {
    const listing = this.#numbers.listing(called);
    yield { ...TAKEN, groups: listing ? [listing] : [] };
    yield { takeCalled: false, ...this.#numbers.listingAlike(called) };
    yield { ...TAKEN, groups: [this.#defaults] };
    yield { ...OTHER, groups: [this.#all] };
  }

  #admits(position: number, origin: ReadOrigin, unknown: 'pass' | 'fail'): boolean {
    const { admission } = this.#at(position);
    const isMet = (verdict: Verdict) => verdict === 'pass' || (verdict === 'unknown' && unknown === 'pass');
    return isMet(judgeCaller(admission, origin)) && isMet(judgeSource(admission, origin));
  }

  #judge(position: number, origin: ReadOrigin, called: string, { takeCalled, forms }: SaysOfCalled): TrunkJudgement {
    const { trunk, admission } = this.#at(position);
    return {
      trunk,
      called: takeCalled ? 'pass' : 'fail',
      source: judgeSource(admission, origin),
      caller: judgeCaller(admission, origin),
      alike: forms.size === 0 ? undefined : this.#alike(position, called, forms),
    };
  }

  /** The first number of the trunk, in its own order, that is the called one in one of these other forms. */
  #alike(position: number, called: string, forms: ReadonlySet<string>): TrunkJudgement['alike'] {
    const { numbers } = this.#at(position).trunk;
    const formsOfTrunk = this.#forms.get(position) ?? numbers.map(formOf);
    this.#forms.set(position, formsOfTrunk);
    for (const [i, number] of numbers.entries()) {
      const how = forms.has(formsOfTrunk[i] ?? '') ? likeness(called, number) : undefined;
      if (how) return { number, how };
    }
    return undefined;
  }

  #at(position: number): { readonly trunk: InboundTrunk; readonly admission: Admission } {
    const trunk = this.#trunks[position];
    const admission = this.#admissions[position];
    if (!trunk || !admission) throw new RangeError(`no trunk at position ${position}`);
    return { trunk, admission };
  }
}

/** The positions of several groups, ascending, each once. */
function union(groups: readonly TrunkGroup[]): Positions {
  return [...new Set(groups.flatMap((group) => group.positions))].sort((a, b) => a - b);
}

function budgetFor(trunks: readonly InboundTrunk[]): Budget {
  let entries = 0;
  for (const { numbers, allowed_numbers, allowed_addresses } of trunks) {
    entries += 1 + numbers.length + allowed_numbers.length + allowed_addresses.length;
  }
  return { entries: BUDGET_FACTOR * entries };
}

// An index lives as long as the trunks that it is over.
const INDEXES = new WeakMap<readonly InboundTrunk[], Map<boolean, TrunkIndex>>();

/** The index over these trunks; built when it is first asked for. */
export function indexOver(trunks: readonly InboundTrunk[], isStrict: boolean): TrunkIndex {
  const kept = INDEXES.get(trunks) ?? new Map<boolean, TrunkIndex>();
  INDEXES.set(trunks, kept);
  const index = kept.get(isStrict) ?? new TrunkIndex(trunks, isStrict);
  kept.set(isStrict, index);
  return index;
}

import { type ReadOrigin, readOrigin } from '../admission.ts';
import { type NumberLikeness, normaliseNumber } from '../number.ts';
import type { InboundTrunk } from '../snapshot.ts';
import { Candidate, takeAdmitting, takeNearest } from './candidate.ts';
import type { CallToTrunks, TrunkChoice, TrunkJudgement } from './judgeDispatch.ts';
import { LikeNumbers } from './likeNumbers.ts';
import { OriginIndex } from './originIndex.ts';

/** Trunks that the called number fits equally well. */
interface Neighbours {
  /** In the snapshot's order. */
  readonly candidates: readonly Candidate[];
  /** Whether they accept the called number: they list it, or list no number. */
  readonly takeCalled: boolean;
  /** The other forms of the called number that they list, normalised. */
  readonly forms: ReadonlyMap<string, NumberLikeness>;
}

const NO_FORMS: Neighbours['forms'] = new Map();

/** How many entries of lists are indexed in one step. */
const STEP = 1_000;

/**
 * The trunks of a snapshot by the numbers that they list. The trunks that a called number finds are tested one by one, as
 * without an index. Built on first use, or earlier in steps.
 */
export class TrunkIndex {
  readonly #trunks: readonly InboundTrunk[];
  #built: Built | undefined;

  constructor(trunks: readonly InboundTrunk[]) {
    this.#trunks = trunks;
  }

  /** Builds the index in short steps. A look-up before the last step builds the whole index at once. */
  *prepare(strictAddresses: boolean): Generator<void> {
    if (this.#built) return;
    const built = emptyIndex();
    let entries = 0;
    for (const [position, trunk] of this.#trunks.entries()) {
      addTrunk(built, trunk, position).sources(strictAddresses);
      // One trunk costs as much as ten entries.
      entries += 10 + trunk.numbers.length + trunk.allowed_numbers.length + trunk.allowed_addresses.length;
      if (entries < STEP) continue;
      entries = 0;
      yield;
    }
    yield* built.byNumber.prepare();
    this.#built = built;
  }

  /** Whether any trunk accepts this called number, for some caller. */
  takes(called: string): boolean {
    return this.#index.defaults.length > 0 || this.#listing(called).length > 0;
  }

  /** Whether any trunk lists this caller. */
  listsCaller(caller: string): boolean {
    return this.#index.byOrigin.lists(normaliseNumber(caller));
  }

  /** The first trunk that lists the number; `undefined` if none does. */
  ownerOf(number: string): InboundTrunk | undefined {
    return this.#listing(number)[0]?.trunk;
  }

  /**
   * The trunks that the call can match: the `count` nearest of those that list the called number, and of those that accept
   * every number.
   */
  concerning(call: CallToTrunks, count: number): InboundTrunk[] {
    const origin = readOrigin(call);
    return [this.#listing(call.called), this.#index.defaults].flatMap((candidates) =>
      takeNearest(candidates, origin, count).map(({ trunk }) => trunk),
    );
  }

  /**
   * The trunks that list one of these numbers in any form, and those that accept every number, in their order;
   * `undefined` if they are more than `most`.
   */
  accepting(numbers: readonly string[], most: number): InboundTrunk[] | undefined {
    const lists = [this.#index.defaults, ...numbers.map((number) => this.#listing(number))];
    if (lists.reduce((sum, list) => sum + list.length, 0) > most) return undefined;
    return [...new Set(lists.flat())].sort((a, b) => a.position - b.position).map(({ trunk }) => trunk);
  }

  /** The trunks that list the same number, for each listed number; last, the trunks that accept every number. */
  sharingNumber(): (readonly Candidate[])[] {
    return [...this.#index.byNumber.groups(), this.#index.defaults];
  }

  /** LiveKit's choice if unknown fields pass or fail as given by `unknown`. */
  choose(call: CallToTrunks, unknown: 'pass' | 'fail'): TrunkChoice {
    if (this.#trunks.length === 0) return { kind: 'empty' };
    const origin = readOrigin(call);
    const firstTwo = (candidates: readonly Candidate[]) =>
      takeAdmitting(candidates, origin, 2, unknown).map((candidate) => judge(candidate, origin, true, NO_FORMS));
    const [specific, other] = firstTwo(this.#listing(call.called));
    if (specific && other) return { kind: 'multiple_specific_trunks', between: [specific, other] };
    if (specific) return { kind: 'specific', trunk: specific };
    const [first, second] = firstTwo(this.#index.defaults);
    if (first && second) return { kind: 'multiple_default_trunks', between: [first, second] };
    return first ? { kind: 'default', trunk: first } : { kind: 'none' };
  }

  /**
   * The trunks nearest to admitting the call. Their numbers decide first: trunks that list the called one, list it in
   * another form, list none and so accept all, list others. Then faults decide, then unknown fields, then the order.
   */
  nearest(call: CallToTrunks, count: number): TrunkJudgement[] {
    const origin = readOrigin(call);
    const taken = new Set<Candidate>();
    const judgements: TrunkJudgement[] = [];
    for (const { candidates, takeCalled, forms } of this.#byNearness(call.called)) {
      for (const candidate of this.#nearestAmong(candidates, origin, count - taken.size, taken)) {
        taken.add(candidate);
        judgements.push(judge(candidate, origin, takeCalled, forms));
      }
      if (taken.size === count) break;
    }
    return judgements;
  }

  /** How many trunks the called number fits as well as it fits the nearest one, that one included. */
  countNeighbours({ called }: CallToTrunks): number {
    return this.#bestFitting(called).candidates.length;
  }

  /** The `count` of them that are nearest to admitting the call, in their order. */
  neighbours(call: CallToTrunks, count: number): TrunkJudgement[] {
    const origin = readOrigin(call);
    const { candidates, takeCalled, forms } = this.#bestFitting(call.called);
    return this.#nearestAmong(candidates, origin, count)
      .sort((a, b) => a.position - b.position)
      .map((candidate) => judge(candidate, origin, takeCalled, forms));
  }

  #nearestAmong(
    candidates: readonly Candidate[],
    origin: ReadOrigin,
    count: number,
    taken: ReadonlySet<Candidate> = new Set(),
  ): Candidate[] {
    // There may be too many trunks to test all of them for each call.
    if (candidates === this.#index.all) return this.#index.byOrigin.nearest(origin, count, taken);
    return takeNearest(taken.size === 0 ? candidates : candidates.filter((one) => !taken.has(one)), origin, count);
  }

  /** The trunks that the called number fits best; empty if there are no trunks. */
  #bestFitting(called: string): Neighbours {
    for (const neighbours of this.#byNearness(called)) if (neighbours.candidates.length > 0) return neighbours;
    return { candidates: [], takeCalled: false, forms: NO_FORMS };
  }

  *#byNearness(called: string): Generator<Neighbours> {
    yield { candidates: this.#listing(called), takeCalled: true, forms: NO_FORMS };
    yield this.#listingAlike(called);
    yield { candidates: this.#index.defaults, takeCalled: true, forms: NO_FORMS };
    yield { candidates: this.#index.all, takeCalled: false, forms: NO_FORMS };
  }

  /** The trunks that list the number as LiveKit compares it. */
  #listing(called: string): readonly Candidate[] {
    return this.#index.byNumber.ownersOf(normaliseNumber(called));
  }

  /** The trunks that list it in another form. Some of them may also list it as LiveKit compares it. */
  #listingAlike(called: string): Neighbours {
    const forms = new Map<string, NumberLikeness>();
    const lists: (readonly Candidate[])[] = [];
    for (const { number, owners, how } of this.#index.byNumber.find(called)) {
      if (how === 'as_written' || how === 'normalised') continue;
      forms.set(number, how);
      lists.push(owners);
    }
    const [only = [], another] = lists;
    const candidates = another ? [...new Set(lists.flat())].sort((a, b) => a.position - b.position) : only;
    return { candidates, takeCalled: false, forms };
  }

  get #index(): Built {
    if (!this.#built) {
      this.#built = emptyIndex();
      for (const [position, trunk] of this.#trunks.entries()) addTrunk(this.#built, trunk, position);
    }
    return this.#built;
  }
}

function judge(
  candidate: Candidate,
  origin: ReadOrigin,
  takeCalled: boolean,
  forms: Neighbours['forms'],
): TrunkJudgement {
  const { trunk } = candidate;
  return {
    trunk,
    called: takeCalled ? 'pass' : 'fail',
    source: candidate.judgeSource(origin),
    caller: candidate.judgeCaller(origin),
    alike: forms.size === 0 ? undefined : firstAlike(trunk, forms),
  };
}

/** The trunk's first number that is one of these forms. */
function firstAlike({ numbers }: InboundTrunk, forms: Neighbours['forms']): TrunkJudgement['alike'] {
  for (const number of numbers) {
    const how = forms.get(normaliseNumber(number));
    if (how) return { number, how };
  }
  return undefined;
}

interface Built {
  readonly all: Candidate[];
  /** The keys are normalised. */
  readonly byNumber: LikeNumbers<Candidate>;
  /** The trunks that list no number. They accept every number that no other trunk lists. */
  readonly defaults: Candidate[];
  readonly byOrigin: OriginIndex;
}

function emptyIndex(): Built {
  return { all: [], byNumber: new LikeNumbers(), defaults: [], byOrigin: new OriginIndex() };
}

/** Adds a trunk to the index. Trunks are added in their order. */
function addTrunk({ all, byNumber, defaults, byOrigin }: Built, trunk: InboundTrunk, position: number): Candidate {
  const candidate = new Candidate(trunk, position);
  all.push(candidate);
  byOrigin.add(candidate);
  byNumber.add(candidate, trunk.numbers.map(normaliseNumber));
  if (trunk.numbers.length === 0) defaults.push(candidate);
  return candidate;
}

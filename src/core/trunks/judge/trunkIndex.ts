import { type ReadOrigin, readOrigin } from '../admission.ts';
import { type NumberLikeness, normaliseNumber } from '../number.ts';
import type { InboundTrunk } from '../snapshot.ts';
import { Candidate, takeAdmitting, takeNearest } from './candidate.ts';
import type { CallToTrunks, TrunkChoice, TrunkJudgement } from './judgeDispatch.ts';
import { LikeNumbers } from './likeNumbers.ts';
import { OriginIndex } from './originIndex.ts';

/** Trunks of which the called number says the same. */
interface Neighbours {
  /** In the snapshot's order. */
  readonly candidates: readonly Candidate[];
  /** Whether they take it: it is listed, or none is. */
  readonly takeCalled: boolean;
  /** The other forms of it that trunks list, normalised. */
  readonly forms: ReadonlyMap<string, NumberLikeness>;
}

const NO_FORMS: Neighbours['forms'] = new Map();

/** Trunks read in one step of building the index. */
const STEP = 100;

/**
 * The trunks of a snapshot by the numbers that they list. What a called number finds is gone through one by one, by the
 * same tests as without an index. Built when first asked, or before that in steps.
 */
export class TrunkIndex {
  readonly #trunks: readonly InboundTrunk[];
  #built: Built | undefined;

  constructor(trunks: readonly InboundTrunk[]) {
    this.#trunks = trunks;
  }

  /** Builds the index in short steps. Until the last one is done the index is built at once for whoever asks. */
  *prepare(strictAddresses: boolean): Generator<void> {
    if (this.#built) return;
    const built = emptyIndex();
    for (const [position, trunk] of this.#trunks.entries()) {
      enter(built, trunk, position).sources(strictAddresses);
      if (position % STEP === STEP - 1) yield;
    }
    this.#built = built;
  }

  /** Whether a trunk takes this called number, whoever calls. */
  takes(called: string): boolean {
    return this.#index.defaults.length > 0 || this.#listing(called).length > 0;
  }

  /** The first trunk that lists the number; `undefined` when none does. */
  ownerOf(number: string): InboundTrunk | undefined {
    return this.#listing(number)[0]?.trunk;
  }

  /** The trunks that have a part in calls to these numbers: those that list one of them, and those that take all. */
  concerning(called: readonly string[]): ReadonlySet<InboundTrunk> {
    const candidates = [...called.flatMap((number) => this.#listing(number)), ...this.#index.defaults];
    return new Set(candidates.map(({ trunk }) => trunk));
  }

  /** Trunks that take the same number, for each number that is listed; and last those that take every number. */
  sharingNumber(): (readonly Candidate[])[] {
    return [...this.#index.byNumber.groups(), this.#index.defaults];
  }

  /** LiveKit's choice, where what is not known of the call is held to pass, or to fail. */
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
   * The trunks that come nearest to taking the call. First by their numbers: those that list the called one, list it
   * in another form, list none and so take all, list others. Then by faults, then by what is unknown, then in order.
   */
  nearest(call: CallToTrunks, count: number): TrunkJudgement[] {
    const origin = readOrigin(call);
    const taken = new Set<Candidate>();
    const judgements: TrunkJudgement[] = [];
    for (const { candidates, takeCalled, forms } of this.#byNearness(call.called)) {
      const left = count - taken.size;
      // All trunks are too many to go through for each call.
      const nearest =
        candidates === this.#index.all
          ? this.#index.byOrigin.nearest(origin, left, taken)
          : takeNearest(taken.size === 0 ? candidates : candidates.filter((one) => !taken.has(one)), origin, left);
      for (const candidate of nearest) {
        taken.add(candidate);
        judgements.push(judge(candidate, origin, takeCalled, forms));
      }
      if (taken.size === count) break;
    }
    return judgements;
  }

  /** All trunks to which the called number says the same as to the nearest one, in their order. */
  neighbours(call: CallToTrunks): { readonly size: number; judgements(): Iterable<TrunkJudgement> } {
    const origin = readOrigin(call);
    for (const { candidates, takeCalled, forms } of this.#byNearness(call.called)) {
      if (candidates.length === 0) continue;
      const judgements = () => candidates.values().map((candidate) => judge(candidate, origin, takeCalled, forms));
      return { size: candidates.length, judgements };
    }
    return { size: 0, judgements: () => [] };
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

  /** The trunks that list it in another form; some may list it as LiveKit compares it, too. */
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
      for (const [position, trunk] of this.#trunks.entries()) enter(this.#built, trunk, position);
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
  // The first one in the trunk's own order.
  const number = forms.size === 0 ? undefined : trunk.numbers.find((listed) => forms.has(normaliseNumber(listed)));
  const how = number === undefined ? undefined : forms.get(normaliseNumber(number));
  return {
    trunk,
    called: takeCalled ? 'pass' : 'fail',
    source: candidate.judgeSource(origin),
    caller: candidate.judgeCaller(origin),
    alike: number === undefined || how === undefined ? undefined : { number, how },
  };
}

interface Built {
  readonly all: Candidate[];
  /** Numbers are normalised here. */
  readonly byNumber: LikeNumbers<Candidate>;
  /** Those that list no number, and so take every one that no other trunk takes. */
  readonly defaults: Candidate[];
  readonly byOrigin: OriginIndex;
}

function emptyIndex(): Built {
  return { all: [], byNumber: new LikeNumbers(), defaults: [], byOrigin: new OriginIndex() };
}

/** Trunks are entered in their order. */
function enter({ all, byNumber, defaults, byOrigin }: Built, trunk: InboundTrunk, position: number): Candidate {
  const candidate = new Candidate(trunk, position);
  all.push(candidate);
  byOrigin.add(candidate);
  byNumber.add(candidate, trunk.numbers.map(normaliseNumber));
  if (trunk.numbers.length === 0) defaults.push(candidate);
  return candidate;
}

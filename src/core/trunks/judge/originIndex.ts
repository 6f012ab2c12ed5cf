import { distanceOf, FAULT, type ReadOrigin, type Verdict } from '../admission.ts';
import { normaliseNumber } from '../number.ts';
import { type Candidate, takeFirst } from './candidate.ts';
import { addTo } from './likeNumbers.ts';

/** Trunks with the same verdict on the source of a call, in their order. */
interface SourceGroup {
  readonly everyCaller: Candidate[];
  /** The trunks with `allowed_numbers`. */
  readonly someCallers: Candidate[];
}

interface BySource {
  /** The `sourceKey` of these verdicts. */
  readonly key: string;
  readonly lists: Readonly<Record<Verdict, SourceGroup>>;
  /** The verdict of each trunk, by its position. */
  readonly verdicts: readonly Verdict[];
}

/**
 * All trunks of a snapshot by the callers and sources that they admit, for a call whose called number does not help. The
 * addresses of the SBCs are the same for every call, so each trunk is compared with them only once.
 */
export class OriginIndex {
  readonly #candidates: Candidate[] = [];
  readonly #byCaller = new Map<string, Candidate[]>();
  #latest: BySource | undefined;

  /** Adds a candidate. Add all of them in their order, before the first look-up. */
  add(candidate: Candidate): void {
    this.#candidates.push(candidate);
    for (const caller of candidate.trunk.allowed_numbers) {
      const key = normaliseNumber(caller);
      if (this.#byCaller.get(key)?.at(-1) !== candidate) addTo(this.#byCaller, key, candidate);
    }
  }

  /** Whether a trunk lists this caller, normalised. */
  lists(caller: string): boolean {
    return this.#byCaller.has(caller);
  }

  /** The result of `takeNearest` among all trunks that are not in `taken`. */
  nearest(origin: ReadOrigin, count: number, taken: ReadonlySet<Candidate>): Candidate[] {
    const { lists, verdicts } = this.#bySource(origin);
    const listing = origin.caller === undefined ? [] : (this.#byCaller.get(origin.caller) ?? []);
    const nearest: Candidate[] = [];
    for (let distance = 0; distance <= 2 * FAULT && nearest.length < count; distance++) {
      const wanted = count - nearest.length;
      const found: Candidate[] = [];
      const take = (caller: Verdict, source: Verdict, candidates: readonly Candidate[]) => {
        if (distanceOf({ source, caller }) !== distance) return;
        const fits = (one: Candidate) =>
          verdicts[one.position] === source && one.judgeCaller(origin) === caller && !taken.has(one);
        found.push(...takeFirst(candidates, wanted, fits));
      };
      for (const source of ['pass', 'unknown', 'fail'] as const) {
        take('pass', source, lists[source].everyCaller);
        take('pass', source, listing);
        take(origin.caller === undefined ? 'unknown' : 'fail', source, lists[source].someCallers);
      }
      found.sort((a, b) => a.position - b.position);
      nearest.push(...found.slice(0, wanted));
    }
    return nearest;
  }

  #bySource(origin: ReadOrigin): BySource {
    if (this.#latest?.key !== origin.sourceKey) this.#latest = sortBySource(this.#candidates, origin);
    return this.#latest;
  }
}

function sortBySource(candidates: readonly Candidate[], origin: ReadOrigin): BySource {
  const verdicts = candidates.map((candidate) => candidate.judgeSource(origin));
  const none = (): SourceGroup => ({ everyCaller: [], someCallers: [] });
  const lists = { pass: none(), unknown: none(), fail: none() };
  for (const candidate of candidates) {
    const { everyCaller, someCallers } = lists[candidate.judgeSource(origin)];
    (candidate.trunk.allowed_numbers.length === 0 ? everyCaller : someCallers).push(candidate);
  }
  return { key: origin.sourceKey, lists, verdicts };
}

import { distanceOf, FAULT, type ReadOrigin, type Verdict } from '../admission.ts';
import { normaliseNumber } from '../number.ts';
import { type Candidate, takeFirst } from './candidate.ts';
import { addTo } from './likeNumbers.ts';

/** Trunks to which the source of a call says the same, in their order. */
interface OfSource {
  readonly everyCaller: Candidate[];
  /** Those with `allowed_numbers`. */
  readonly someCallers: Candidate[];
}

interface BySource {
  /** What these verdicts depend on. */
  readonly key: string;
  readonly lists: Readonly<Record<Verdict, OfSource>>;
  /** By position. */
  readonly verdicts: readonly Verdict[];
}

/**
 * All trunks of a snapshot by whom they admit, for a call whose called number tells none of them from the others. The
 * SBCs' addresses are the same for call after call, so each trunk is held against them once.
 */
export class OriginIndex {
  readonly #candidates: Candidate[] = [];
  readonly #byCaller = new Map<string, Candidate[]>();
  #latest: BySource | undefined;

  /** Candidates come in their order, before the first call. */
  add(candidate: Candidate): void {
    this.#candidates.push(candidate);
    for (const caller of candidate.trunk.allowed_numbers) {
      const key = normaliseNumber(caller);
      if (this.#byCaller.get(key)?.at(-1) !== candidate) addTo(this.#byCaller, key, candidate);
    }
  }

  /** The same as `takeNearest` among all trunks, without those taken. */
  nearest(origin: ReadOrigin, count: number, taken: ReadonlySet<Candidate>): Candidate[] {
    const { lists, verdicts } = this.#bySource(origin);
    const listing = origin.caller === undefined ? [] : (this.#byCaller.get(origin.caller) ?? []);
    const nearest: Candidate[] = [];
    for (let distance = 0; distance <= 2 * FAULT && nearest.length < count; distance++) {
      const found: Candidate[] = [];
      const take = (caller: Verdict, source: Verdict, candidates: readonly Candidate[]) => {
        if (distanceOf({ source, caller }) !== distance) return;
        const fits = (one: Candidate) =>
          verdicts[one.position] === source && one.judgeCaller(origin) === caller && !taken.has(one);
        found.push(...takeFirst(candidates, count - nearest.length, fits));
      };
      for (const source of ['pass', 'unknown', 'fail'] as const) {
        take('pass', source, lists[source].everyCaller);
        take('pass', source, listing);
        take(origin.caller === undefined ? 'unknown' : 'fail', source, lists[source].someCallers);
      }
      found.sort((a, b) => a.position - b.position);
      nearest.push(...found.slice(0, count - nearest.length));
    }
    return nearest;
  }

  #bySource(origin: ReadOrigin): BySource {
    const { sources, fromHost = null, strictAddresses } = origin;
    const key = JSON.stringify([sources.map((source) => source ?? null), fromHost, strictAddresses]);
    if (this.#latest?.key !== key) this.#latest = sortBySource(this.#candidates, origin, key);
    return this.#latest;
  }
}

function sortBySource(candidates: readonly Candidate[], origin: ReadOrigin, key: string): BySource {
  const verdicts = candidates.map((candidate) => candidate.judgeSource(origin));
  const none = (): OfSource => ({ everyCaller: [], someCallers: [] });
  const lists = { pass: none(), unknown: none(), fail: none() };
  for (const [i, candidate] of candidates.entries()) {
    const { everyCaller, someCallers } = lists[verdicts[i] ?? 'unknown'];
    (candidate.trunk.allowed_numbers.length === 0 ? everyCaller : someCallers).push(candidate);
  }
  return { key, lists, verdicts };
}

import { distanceOf, judgeCaller, judgeSource, type ReadOrigin, type Verdict } from '../admission.ts';
import { type AddressList, readAddresses } from '../allowedAddresses.ts';
import { numberSet } from '../number.ts';
import type { InboundTrunk } from '../snapshot.ts';

/** A trunk of a snapshot, with its lists parsed once for many calls. */
export class Candidate {
  readonly trunk: InboundTrunk;
  /** Its index in the snapshot. LiveKit's choice depends on the order. */
  readonly position: number;
  // A field is several times faster to read than numberSet's map.
  #callers: ReadonlySet<string> | undefined;
  #loose: AddressList | undefined;
  #strict: AddressList | undefined;
  #latest: { readonly key: string; readonly verdict: Verdict } | undefined;

  constructor(trunk: InboundTrunk, position: number) {
    this.trunk = trunk;
    this.position = position;
  }

  /** Its allowed addresses, in one of LiveKit's two modes. */
  sources(strictAddresses: boolean): AddressList {
    if (strictAddresses) {
      this.#strict ??= readAddresses(this.trunk.allowed_addresses, true);
      return this.#strict;
    }
    this.#loose ??= readAddresses(this.trunk.allowed_addresses, false);
    return this.#loose;
  }

  judgeSource(origin: ReadOrigin): Verdict {
    // The addresses of the SBCs are the same for nearly every call.
    if (this.#latest?.key !== origin.sourceKey) {
      this.#latest = { key: origin.sourceKey, verdict: judgeSource(this.sources(origin.strictAddresses), origin) };
    }
    return this.#latest.verdict;
  }

  judgeCaller(origin: ReadOrigin): Verdict {
    if (this.trunk.allowed_numbers.length === 0) return 'pass';
    this.#callers ??= numberSet(this.trunk.allowed_numbers);
    return judgeCaller(this.#callers, origin);
  }
}

/** The first `count` candidates that admit the call, if unknown fields pass or fail as given by `unknown`. */
export function takeAdmitting(
  candidates: readonly Candidate[],
  origin: ReadOrigin,
  count: number,
  unknown: 'pass' | 'fail',
): Candidate[] {
  const isMet = (verdict: Verdict) => verdict === 'pass' || (verdict === 'unknown' && unknown === 'pass');
  return takeFirst(candidates, count, (one) => isMet(one.judgeCaller(origin)) && isMet(one.judgeSource(origin)));
}

/** The `count` candidates nearest to admitting the call, by distance and then in their order. */
export function takeNearest(candidates: readonly Candidate[], origin: ReadOrigin, count: number): Candidate[] {
  const byDistance: Candidate[][] = [];
  for (const candidate of candidates) {
    const distance = distanceOf({ source: candidate.judgeSource(origin), caller: candidate.judgeCaller(origin) });
    const list = byDistance[distance] ?? [];
    byDistance[distance] = list;
    if (list.length < count) list.push(candidate);
    // No other candidate can be nearer.
    if (distance === 0 && list.length === count) break;
  }
  return byDistance.flat().slice(0, count);
}

/** The first `count` candidates that `accept` accepts. */
export function takeFirst(
  candidates: readonly Candidate[],
  count: number,
  accept: (candidate: Candidate) => boolean,
): Candidate[] {
  const taken: Candidate[] = [];
  for (const candidate of candidates) {
    if (taken.length === count) break;
    if (accept(candidate)) taken.push(candidate);
  }
  return taken;
}

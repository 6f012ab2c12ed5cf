import {
  type Admission,
  distanceOf,
  judgeCaller,
  judgeSource,
  type ReadOrigin,
  readAdmission,
  type Verdict,
} from './admission.ts';
import type { InboundTrunk } from './snapshot.ts';

/** A trunk of a snapshot, with its lists read once for many calls. */
export class Candidate {
  readonly trunk: InboundTrunk;
  /** Its place in the snapshot: LiveKit's choice depends on the order. */
  readonly position: number;
  #loose: Admission | undefined;
  #strict: Admission | undefined;

  constructor(trunk: InboundTrunk, position: number) {
    this.trunk = trunk;
    this.position = position;
  }

  /** Whom the trunk admits in one of LiveKit's two modes. */
  admission(strictAddresses: boolean): Admission {
    if (strictAddresses) {
      this.#strict ??= readAdmission(this.trunk, true);
      return this.#strict;
    }
    this.#loose ??= readAdmission(this.trunk, false);
    return this.#loose;
  }

  judgeOrigin(origin: ReadOrigin): { readonly source: Verdict; readonly caller: Verdict } {
    const admission = this.admission(origin.strictAddresses);
    return { source: judgeSource(admission, origin), caller: judgeCaller(admission, origin) };
  }

  /** Whether the trunk admits the call, where what is not known of it is held to pass, or to fail. */
  admits(origin: ReadOrigin, unknown: 'pass' | 'fail'): boolean {
    const isMet = (verdict: Verdict) => verdict === 'pass' || (verdict === 'unknown' && unknown === 'pass');
    const admission = this.admission(origin.strictAddresses);
    return isMet(judgeCaller(admission, origin)) && isMet(judgeSource(admission, origin));
  }
}

/** The candidates that come nearest to admitting the call, by distance and then in their order, without those taken. */
export function takeNearest(
  candidates: readonly Candidate[],
  origin: ReadOrigin,
  count: number,
  taken: ReadonlySet<Candidate>,
): Candidate[] {
  const byDistance: Candidate[][] = [];
  for (const candidate of candidates) {
    const distance = distanceOf(candidate.judgeOrigin(origin));
    const list = byDistance[distance] ?? [];
    byDistance[distance] = list;
    if (list.length < count && !taken.has(candidate)) list.push(candidate);
    // None comes nearer.
    if (distance === 0 && list.length === count) break;
  }
  return byDistance.flat().slice(0, count);
}

/** The first `count` candidates that admit the call. */
export function takeFirst(
  candidates: readonly Candidate[],
  origin: ReadOrigin,
  count: number,
  unknown: 'pass' | 'fail',
): Candidate[] {
  const taken: Candidate[] = [];
  for (const candidate of candidates) {
    if (candidate.admits(origin, unknown)) taken.push(candidate);
    if (taken.length === count) break;
  }
  return taken;
}

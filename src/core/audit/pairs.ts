import type { AddressList } from '../trunks/allowedAddresses.ts';
import { sharedNumber } from '../trunks/number.ts';
import type { InboundTrunk, Snapshot } from '../trunks/snapshot.ts';
import { type Source, sharedSource } from './addressList.ts';

/** Two trunks that both match one call, which LiveKit answers with 503. */
export interface TrunkPair {
  readonly a: InboundTrunk;
  readonly b: InboundTrunk;
  /** A called number that both take; `undefined` for two default trunks. */
  readonly called: string | undefined;
  /** A caller that both admit; `undefined` for any. */
  readonly caller: string | undefined;
  readonly source: Source;
}

/** The search stops after this many comparisons of numbers and addresses, which take about a tenth of a second. */
const MOST_COMPARISONS = 300_000;

/**
 * The pairs of trunks that both match one call, each pair once. `isComplete` is false when the search stopped early: a
 * thousand trunks for one number make half a million pairs.
 * Source: github.com/livekit/protocol v1.54.0, `sip.MatchTrunkDetailed`.
 */
export function findPairs(
  snapshot: Snapshot,
  strict: boolean,
): { readonly pairs: readonly TrunkPair[]; readonly isComplete: boolean } {
  const pairs: TrunkPair[] = [];
  const seen = new Set<number>();
  let comparisons = 0;

  for (const takers of snapshot.trunkIndex.sharingNumber()) {
    for (const [i, b] of takers.entries()) {
      const ofB = b.sources(strict);
      for (const a of takers.values().take(i)) {
        const key = a.position * snapshot.trunks.length + b.position;
        comparisons += 1;
        if (seen.has(key)) continue;
        seen.add(key);
        const ofA = a.sources(strict);
        comparisons += cost(a.trunk, b.trunk, ofA, ofB);
        if (comparisons > MOST_COMPARISONS) return { pairs, isComplete: false };
        const pair = compare(a.trunk, b.trunk, sharedSource(ofA, ofB));
        if (pair) pairs.push(pair);
      }
    }
  }
  return { pairs, isComplete: true };
}

function compare(a: InboundTrunk, b: InboundTrunk, source: Source | undefined): TrunkPair | undefined {
  const caller = source && sharedNumber(a.allowed_numbers, b.allowed_numbers);
  if (!caller) return undefined;
  const called = sharedNumber(a.numbers, b.numbers);
  return { a, b, called: numberOf(called), caller: numberOf(caller), source };
}

function numberOf(found: ReturnType<typeof sharedNumber>): string | undefined {
  return typeof found === 'object' ? found.number : undefined;
}

function cost(a: InboundTrunk, b: InboundTrunk, ofA: AddressList, ofB: AddressList): number {
  return (
    Math.min(a.allowed_numbers.length, b.allowed_numbers.length) +
    Math.min(a.numbers.length, b.numbers.length) +
    ofA.prefixes.length * ofB.prefixes.length
  );
}

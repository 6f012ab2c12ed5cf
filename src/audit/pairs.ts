import { addTo } from '../trunks/grouped.ts';
import { normaliseNumber } from '../trunks/number.ts';
import type { InboundTrunk } from '../trunks/snapshot.ts';
import { type AddressList, readAddresses, type Source, sharedSource } from './addressList.ts';
import { shared } from './numberSet.ts';

/** Two trunks that both match one call, which LiveKit answers with 503. */
export interface TrunkPair {
  readonly a: InboundTrunk;
  readonly b: InboundTrunk;
  /** A called number that both take; `undefined` for two default trunks. */
  readonly called: string | undefined;
  /** A caller that both let in; `undefined` for any. */
  readonly caller: string | undefined;
  readonly source: Source;
}

/** Comparisons of numbers and addresses after which the search stops: a few tenths of a second. */
const MOST_COMPARISONS = 3_000_000;

/**
 * The pairs of trunks for which there is a call that both match, each once, as long as the search goes. `isComplete`
 * says whether it went to the end: a thousand trunks for one number make half a million pairs.
 * Source: github.com/livekit/protocol v1.54.0, `sip.MatchTrunkDetailed`.
 */
export function findPairs(
  trunks: readonly InboundTrunk[],
  strict: boolean,
): { readonly pairs: readonly TrunkPair[]; readonly isComplete: boolean } {
  const pairs: TrunkPair[] = [];
  const places = new Map(trunks.map((trunk, place) => [trunk, place]));
  const lists = new Map(trunks.map((trunk) => [trunk, readAddresses(trunk.allowed_addresses, strict)]));
  const seen = new Set<number>();
  let comparisons = 0;

  for (const takers of takersByNumber(trunks)) {
    for (const [i, b] of takers.entries()) {
      const addresses = lists.get(b);
      for (const a of takers.slice(0, i)) {
        const key = (places.get(a) ?? 0) * trunks.length + (places.get(b) ?? 0);
        const others = lists.get(a);
        comparisons += 1;
        if (seen.has(key) || !addresses || !others) continue;
        seen.add(key);
        comparisons += cost(a, b, others, addresses);
        if (comparisons > MOST_COMPARISONS) return { pairs, isComplete: false };
        const pair = compare(a, b, others, addresses);
        if (pair) pairs.push(pair);
      }
    }
  }
  return { pairs, isComplete: true };
}

/** The trunks that take one number, for each number that more than one takes; and the default trunks. */
function takersByNumber(trunks: readonly InboundTrunk[]): InboundTrunk[][] {
  const byNumber = new Map<string, InboundTrunk[]>();
  for (const trunk of trunks) {
    for (const number of new Set(trunk.numbers.map(normaliseNumber))) addTo(byNumber, number, trunk);
  }
  const defaults = trunks.filter((trunk) => trunk.numbers.length === 0);
  return [...byNumber.values(), defaults].filter((takers) => takers.length > 1);
}

function compare(a: InboundTrunk, b: InboundTrunk, ofA: AddressList, ofB: AddressList): TrunkPair | undefined {
  const caller = shared(a.allowed_numbers, b.allowed_numbers);
  const source = caller && sharedSource(ofA, ofB);
  if (!source) return undefined;
  const called = shared(a.numbers, b.numbers);
  return { a, b, called: numberOf(called), caller: numberOf(caller), source };
}

function numberOf(found: ReturnType<typeof shared>): string | undefined {
  return typeof found === 'object' ? found.number : undefined;
}

function cost(a: InboundTrunk, b: InboundTrunk, ofA: AddressList, ofB: AddressList): number {
  return (
    Math.min(a.allowed_numbers.length, b.allowed_numbers.length) +
    Math.min(a.numbers.length, b.numbers.length) +
    ofA.prefixes.length * ofB.prefixes.length
  );
}

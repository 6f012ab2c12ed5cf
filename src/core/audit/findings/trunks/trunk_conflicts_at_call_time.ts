import { type Fix, plainFix, trunkName } from '../../../fixes/fix.ts';
import { trunkListFix } from '../../../fixes/trunkFix.ts';
import { findCreationConflicts } from '../../../trunks/match/conflicts.ts';
import { normaliseNumber } from '../../../trunks/number.ts';
import type { InboundTrunk } from '../../../trunks/snapshot.ts';
import { defineFinding } from '../../finding.ts';
import { findPairs, type TrunkPair } from '../../pairs.ts';

/** Pairs told one by one; the rest is only counted. */
const PAIRS_LISTED = 50;

export const trunkConflictsAtCallTime = defineFinding({
  id: 'trunk_conflicts_at_call_time',
  severity: 'critical',
  title: 'two trunks match the same call',
  why:
    'LiveKit decides for neither of two trunks that match a call, and answers 503 Try again later. It refuses some such ' +
    'pairs when they are created, but only where both have the same caller in allowed_numbers, or both have none.',
  fix: 'Take the number off one of the two trunks, or make their allowed_numbers or allowed_addresses disjoint.',
  *find(snapshot, { strictAddresses }) {
    const { pairs, isComplete } = findPairs(snapshot, strictAddresses);
    for (const pair of pairs.slice(0, PAIRS_LISTED)) {
      const { a, b } = pair;
      const ids = [a.sip_trunk_id, b.sip_trunk_id];
      yield { trunks: ids, rules: [], what: describe(pair), fixes: fixesFor(pair) };
    }
    const unlisted = pairs.length - PAIRS_LISTED;
    if (unlisted > 0) {
      const what = `${isComplete ? '' : 'At least '}${unlisted} more pairs of trunks match the same call.`;
      yield { trunks: [], rules: [], what, fixes: [], count: unlisted };
    } else if (!isComplete) {
      const what = 'Too many trunks take the same number to compare them all: more pairs may match the same call.';
      yield { trunks: [], rules: [], what, fixes: [] };
    }
  },
});

function describe({ a, b, called, caller, source }: TrunkPair): string {
  const both = `${trunkName(a)} and ${trunkName(b)}`;
  const what = called === undefined ? 'have no numbers, and so both take what no other trunk takes' : `take ${called}`;
  const from = caller === undefined ? 'from any caller' : `from ${caller}`;
  const fromHost = source.fromHost === undefined ? '' : ` with the From host ${source.fromHost}`;
  const example = `a call ${called === undefined ? '' : `to ${called} `}${from}, sent from ${source.address ?? 'any address'}${fromHost}`;
  const creation =
    findCreationConflicts([a, b]).length > 0
      ? 'LiveKit itself refuses to create the second of them.'
      : 'LiveKit lets such a pair be created.';
  return `${both} ${called === undefined ? what : `both ${what}`}: ${example}, is answered 503. ${creation}`;
}

function fixesFor({ a, b, called }: TrunkPair): Fix[] {
  const apart = `Delete ${trunkName(a)} or ${trunkName(b)}, or make their callers or addresses disjoint.`;
  const fixes =
    called === undefined ? [] : [a, b].map((trunk) => removal(trunk, called)).filter((fix) => fix !== undefined);
  return [plainFix(apart), ...fixes];
}

// A trunk that loses its only number becomes a default trunk, which takes every number.
function removal(trunk: InboundTrunk, called: string): Fix | undefined {
  const remove = trunk.numbers.filter((number) => normaliseNumber(number) === normaliseNumber(called));
  if (remove.length === trunk.numbers.length) return undefined;
  return trunkListFix(trunk, 'numbers', { remove }, `Or take ${remove.join(', ')} off ${trunkName(trunk)}.`);
}

import { isOpenToAll } from '../../../fixes/exposures.ts';
import { type Fix, trunkName } from '../../../fixes/fix.ts';
import { addressesApart, trunkListFix } from '../../../fixes/trunkFix.ts';
import { findCreationConflicts } from '../../../trunks/match/creationConflicts.ts';
import { normaliseNumber } from '../../../trunks/number.ts';
import type { InboundTrunk } from '../../../trunks/snapshot.ts';
import { few, fewOf, written } from '../../few.ts';
import { defineFinding } from '../../finding.ts';
import { findPairs, type TrunkPair } from '../../pairs.ts';

/** Pairs that are listed; the others are only counted. */
const PAIRS_LISTED = 50;

export const trunkConflictsAtCallTime = defineFinding({
  id: 'trunk_conflicts_at_call_time',
  severity: 'critical',
  title: 'two trunks match the same call',
  runbook: {
    meaning:
      'LiveKit can’t choose between two trunks that match a call, and answers 503 "Try again later". It rejects some of these pairs when they are created, but only where both list the same caller in allowed_numbers, or neither lists any.',
    impact:
      'Every call that both trunks match fails at once with 503. Calls that only one of them matches connect, so the failures can look random.',
    diagnosis: [
      '`sipwhy audit` names both trunks and a call that both match.',
      '`sipwhy history` shows when the second trunk was created, or when a list was emptied.',
      'Which of the two trunks should get the calls? Compare their passwords, and the dispatch rules that are bound to them.',
    ],
    mitigation: [
      'Remove the number from one trunk: `lk sip inbound update --id ST_… --numbers …` with the numbers that remain. Never leave a trunk without numbers: it would accept every number.',
      'Or keep both, and give them callers (allowed_numbers) or addresses (allowed_addresses) that do not overlap.',
      'Delete a trunk only if it has no other number. Bind its dispatch rules to the other trunk first.',
      'Verify that `sipwhy audit` no longer lists the pair, and that `sipwhy check <number> --caller <caller>` names one trunk.',
    ],
  },
  fix: 'Give the two trunks callers or addresses that do not overlap, or remove the number from one that has others.',
  *find(snapshot, { strictAddresses }) {
    const { pairs, isComplete } = findPairs(snapshot, strictAddresses);
    for (const pair of pairs.slice(0, PAIRS_LISTED)) {
      const ids = [pair.a.sip_trunk_id, pair.b.sip_trunk_id];
      yield { trunks: ids, rules: [], describe: () => ({ what: describe(pair), fixes: fixesFor(pair) }) };
    }
    const unlisted = pairs.length - PAIRS_LISTED;
    if (unlisted > 0) {
      const what = `${isComplete ? '' : 'At least '}${unlisted} more pairs of trunks match the same call.`;
      yield { trunks: [], rules: [], describe: () => ({ what, fixes: [] }), count: unlisted };
    } else if (!isComplete) {
      const what = 'Too many trunks accept the same number to compare them all. More pairs may match the same call.';
      yield { trunks: [], rules: [], describe: () => ({ what, fixes: [] }) };
    }
  },
  examples: [
    {
      shows: 'one trunk with allowed_numbers and one without, which LiveKit lets you create',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'], allowed_numbers: ['+15550123'] }, ST_2: { numbers: ['15550100'] } },
      },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 and ST_2 both accept +15550100. A call to +15550100 from +15550123, sent from any address, gets 503. LiveKit does not reject such a pair when it is created.',
      },
    },
    {
      shows: 'the same number without allowed_numbers, which LiveKit rejects when the second trunk is created',
      configuration: { trunks: { ST_1: { numbers: ['+15550100'] }, ST_2: { numbers: ['+15550100'] } } },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 and ST_2 both accept +15550100. A call to +15550100 from any caller, sent from any address, gets 503. LiveKit rejects such a pair when it is created.',
      },
    },
    {
      shows: 'two numbers in common make one finding',
      configuration: {
        trunks: {
          ST_1: { numbers: ['+15550100', '+15550101', '+15550102'] },
          ST_2: { numbers: ['+15550101', '+15550100'], allowed_numbers: ['+15550123'] },
        },
      },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 and ST_2 both accept +15550101. A call to +15550101 from +15550123, sent from any address, gets 503. LiveKit does not reject such a pair when it is created.',
      },
    },
    {
      shows: 'two default trunks, one of them for some callers',
      configuration: {
        trunks: {
          ST_1: { allowed_addresses: ['192.0.2.0/24'] },
          ST_2: { allowed_addresses: ['192.0.2.7'], allowed_numbers: ['+15550123'] },
        },
      },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 and ST_2 have no numbers, so both accept every number that no other trunk lists. A call from +15550123, sent from 192.0.2.7, gets 503. LiveKit does not reject such a pair when it is created.',
      },
    },
    {
      shows: 'an address on one trunk and a host name on the other, for a call that has both',
      configuration: {
        trunks: {
          ST_1: { numbers: ['+15550100'], allowed_addresses: ['192.0.2.1'] },
          ST_2: { numbers: ['+15550100'], allowed_addresses: ['sbc.example.com'], allowed_numbers: ['+15550123'] },
        },
      },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 and ST_2 both accept +15550100. A call to +15550100 from +15550123, sent from 192.0.2.1 with the From host sbc.example.com, gets 503. LiveKit does not reject such a pair when it is created.',
      },
    },
    {
      shows: 'different numbers: 00 in front is not +',
      configuration: { trunks: { ST_1: { numbers: ['+15550100'] }, ST_2: { numbers: ['0015550100'] } } },
    },
    {
      shows: 'different callers',
      configuration: {
        trunks: {
          ST_1: { numbers: ['+15550100'], allowed_numbers: ['+15550123'] },
          ST_2: { numbers: ['+15550100'], allowed_numbers: ['+15550124'] },
        },
      },
    },
    {
      shows: 'two halves of an address block',
      configuration: {
        trunks: {
          ST_1: { numbers: ['+15550100'], allowed_addresses: ['192.0.2.0/25'] },
          ST_2: { numbers: ['+15550100'], allowed_addresses: ['192.0.2.128/25'] },
        },
      },
    },
    {
      shows: 'a host name, which admits nobody where LiveKit compares strictly',
      configuration: {
        trunks: {
          ST_1: { numbers: ['+15550100'] },
          ST_2: { numbers: ['+15550100'], allowed_addresses: ['sbc.example.com'] },
        },
        strictAddresses: true,
      },
    },
    {
      shows: 'a default trunk beside a trunk with the number, which comes first',
      configuration: { trunks: { ST_1: { numbers: ['+15550100'] }, ST_2: { allowed_addresses: ['192.0.2.1'] } } },
    },
    {
      shows: 'one trunk with its number in two formats',
      configuration: { trunks: { ST_1: { numbers: ['+15550100', '15550100'] } } },
    },
  ],
});

function describe({ a, b, called, caller, source }: TrunkPair): string {
  const both = `${trunkName(a)} and ${trunkName(b)}`;
  const pair =
    called === undefined
      ? `${both} have no numbers, so both accept every number that no other trunk lists.`
      : `${both} both accept ${called}.`;
  const to = called === undefined ? '' : ` to ${called}`;
  const from = caller ?? 'any caller';
  const fromHost = source.fromHost === undefined ? '' : ` with the From host ${source.fromHost}`;
  const address = source.address ?? 'any address';
  const rejects = findCreationConflicts([a, b]).length > 0 ? 'rejects' : 'does not reject';
  return `${pair} A call${to} from ${from}, sent from ${address}${fromHost}, gets 503. LiveKit ${rejects} such a pair when it is created.`;
}

function fixesFor({ a, b }: TrunkPair): Fix[] {
  // The trunk that keeps the numbers should refuse as few calls as possible.
  const [narrow, wide] = limits(a).length < limits(b).length ? [b, a] : [a, b];
  const removals = [removal(narrow, wide), removal(wide, narrow)].filter((fix) => fix !== undefined);
  const apart = `Give ${trunkName(a)} and ${trunkName(b)} callers (allowed_numbers) or addresses (allowed_addresses) that do not overlap, or delete the one that no call needs.`;
  return [...removals, addressesApart([a, b], apart)];
}

// A trunk that loses its only number becomes a default trunk, which takes every number.
function removal(trunk: InboundTrunk, keeper: InboundTrunk): Fix | undefined {
  const kept = new Set(keeper.numbers.map(normaliseNumber));
  const remove = trunk.numbers.filter((number) => kept.has(normaliseNumber(number)));
  if (remove.length === trunk.numbers.length) return undefined;
  const only = limits(keeper);
  const openly = isOpenToAll(keeper) ? ', from every address and without a password' : '';
  const rest = `Then ${trunkName(keeper)} accepts these calls${openly}${only.length > 0 ? `, but only ${only.join(', ')}` : ''}.`;
  return trunkListFix(trunk, 'numbers', { remove }, `Remove ${few(remove)} from ${trunkName(trunk)}. ${rest}`);
}

/** What a trunk asks of calls besides the called number. */
function limits(trunk: InboundTrunk): string[] {
  const { allowed_numbers: callers, allowed_addresses: addresses } = trunk;
  return [
    ...(callers.length > 0 ? [`from the caller ${few(callers)}`] : []),
    ...(addresses.length > 0 ? [`sent from ${fewOf(addresses, written)}`] : []),
    ...(trunk.auth_username !== '' && trunk.has_password ? ['with a username and a password'] : []),
  ];
}

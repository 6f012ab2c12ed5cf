import { type Fix, plainFix, type TrunkList, trunkName } from '../../../fixes/fix.ts';
import { trunkListFix } from '../../../fixes/trunkFix.ts';
import { ODD, oddEntry } from '../../../trunks/numberEntry.ts';
import type { InboundTrunk } from '../../../trunks/snapshot.ts';
import { quoted } from '../../auditFixes.ts';
import { fewOf } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

const LISTS = ['numbers', 'allowed_numbers'] as const;

export const trunkNumberNeverMatches = defineFinding({
  id: 'trunk_number_never_matches',
  severity: 'critical',
  title: 'a trunk lists something that no call carries as a number',
  runbook: {
    meaning:
      'LiveKit compares each entry of numbers and allowed_numbers with one number. It knows no wildcards, no prefixes, no SIP URIs and no lists in one text. Such an entry matches only a call that carries exactly this text.',
    impact:
      'Calls to these numbers, or from these callers, do not match the trunk. Self-hosted LiveKit sends one 180 and then nothing, and newer builds answer 404, unless a rule without trunk_ids admits them past the trunk.',
    diagnosis: [
      '`sipwhy audit` names the entries and what is wrong with each.',
      'An empty entry often comes from a script that reads a variable which is not set.',
    ],
    mitigation: [
      'Write each number in full, with + and the country code, one number per entry. Of a SIP URI, write only the user part.',
      'If the trunk should take every number, or every caller, empty the list. First check that no other trunk does the same: two such trunks conflict. If `sipwhy audit` then reports `trunk_open`, restrict allowed_addresses or set a password.',
      'Verify that `sipwhy audit` no longer lists the trunk, and that `sipwhy check <number> --caller <caller>` names it.',
    ],
  },
  fix: 'Write each number in full, one per entry, or empty the list if the trunk should take every number.',
  *find({ trunks }) {
    for (const trunk of trunks) {
      yield undefined;
      for (const field of LISTS) {
        const odd = oddIn(trunk, field);
        if (odd.length === 0) continue;
        yield {
          trunks: [trunk.sip_trunk_id],
          rules: [],
          describe: () => ({ what: describe(trunk, field, odd), fixes: fixesFor(trunk, field, odd) }),
        };
      }
    }
  },
  examples: [
    {
      shows: 'a star for every number',
      configuration: { trunks: { ST_1: { numbers: ['*'] } } },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 has "*" in numbers (LiveKit knows no patterns and no prefixes). No number is left, so no call to a number matches ST_1.',
      },
    },
    {
      shows: 'a pattern beside a number',
      configuration: { trunks: { ST_1: { numbers: ['+15550100', '+1555*'] } } },
      want: { trunk: 'ST_1', what: 'ST_1 has "+1555*" in numbers (LiveKit knows no patterns and no prefixes).' },
    },
    {
      shows: 'a SIP URI',
      configuration: { trunks: { ST_1: { numbers: ['sip:2000@192.0.2.20:5070'] } } },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 has "sip:2000@192.0.2.20:5070" in numbers (LiveKit compares it with the user part alone, never with a URI). No number is left, so no call to a number matches ST_1.',
      },
    },
    {
      shows: 'two callers in one text',
      configuration: { trunks: { ST_1: { numbers: ['+15550100'], allowed_numbers: ['+15550123, +15550124'] } } },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 has "+15550123, +15550124" in allowed_numbers (LiveKit reads it as one number). No number is left, so no caller with a number matches ST_1.',
      },
    },
    {
      shows: 'only an empty entry',
      configuration: { trunks: { ST_1: { numbers: [''] } } },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 has "" in numbers (the entry is empty). No number is left, so no call to a number matches ST_1.',
      },
    },
    {
      shows: 'an empty entry beside a number, which keeps no call away',
      configuration: { trunks: { ST_1: { numbers: ['', '+15550100'] } } },
    },
    {
      shows: 'a number with blanks, and a name',
      configuration: { trunks: { ST_1: { numbers: ['+1 (555) 0100', 'call-desk'] } } },
    },
    {
      shows: 'a code that people dial',
      configuration: { trunks: { ST_1: { numbers: ['*72'] } } },
    },
    {
      shows: 'an empty list, which takes every number',
      configuration: { trunks: { ST_1: {} } },
    },
  ],
});

/** The entries that no call carries. An empty one beside numbers does no harm. */
function oddIn(trunk: InboundTrunk, field: TrunkList): string[] {
  const odd = trunk[field].filter(oddEntry);
  return odd.length === trunk[field].length ? odd : odd.filter((entry) => entry.trim() !== '');
}

function describe(trunk: InboundTrunk, field: TrunkList, odd: readonly string[]): string {
  const name = trunkName(trunk);
  const entries = fewOf(odd, (entry) => `${JSON.stringify(entry)} in ${field} (${wrongWith(entry)})`);
  const who = field === 'numbers' ? 'call to a number' : 'caller with a number';
  const rest = odd.length === trunk[field].length ? ` No number is left, so no ${who} matches ${name}.` : '';
  return `${name} has ${entries}.${rest}`;
}

function wrongWith(entry: string): string {
  const odd = oddEntry(entry);
  return odd ? ODD[odd.kind] : '';
}

/** What only a person knows comes first. If anything is left to a person, there is nothing to apply before. */
function fixesFor(trunk: InboundTrunk, field: TrunkList, odd: readonly string[]): Fix[] {
  const name = `${field} of ${trunkName(trunk)}`;
  const unknown = odd.filter((entry) => oddEntry(entry)?.instead === undefined);
  const who = field === 'numbers' ? 'should take every number' : 'should admit every caller';
  if (unknown.length > 0) {
    return [
      plainFix(
        `In ${name}, write the numbers in full instead of ${quoted(unknown)}, or empty the list if the trunk ${who}.`,
      ),
    ];
  }
  const instead = [...new Set(odd.flatMap((entry) => oddEntry(entry)?.instead ?? []))];
  const add = instead.filter((number) => !trunk[field].includes(number));
  const empties = add.length === 0 && odd.length === trunk[field].length;
  const action =
    add.length > 0
      ? `In ${name}, write ${quoted(add)} instead of ${quoted(odd)}, one number per entry.`
      : `Remove ${quoted(odd)} from ${name}.${empties ? ` If the list is empty, the trunk ${field === 'numbers' ? 'takes every number that no other trunk lists' : 'admits every caller'}.` : ''}`;
  return [trunkListFix(trunk, field, { ...(add.length > 0 && { add }), remove: odd }, action)];
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matchTrunk } from '../../../src/core/trunks/match/match.ts';
import { parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';

const CALL = { from_user: '+15550123', from_host: 'sbc.example.com', to_user: '+15550100', source_ip: '192.0.2.10' };
const OPEN = { sip_trunk_id: 'open' };
const LISTED = { sip_trunk_id: 'listed', numbers: ['15550100'] };
const LISTED_TOO = { sip_trunk_id: 'listed too', numbers: ['+15550100'] };
const CALLED_OTHER = { sip_trunk_id: 'called', numbers: ['+15550199'] };
const BARS_CALLER = { sip_trunk_id: 'caller', numbers: ['+15550100'], allowed_numbers: ['+15550999'] };
const BARS_SOURCE = { sip_trunk_id: 'source', numbers: ['+15550100'], allowed_addresses: ['198.51.100.7'] };

/** The kind of match or the error, the trunks it names, and what was filtered. */
function matched(...trunks: object[]): [string, string[], string[]] {
  const match = matchTrunk(trunks.map(parseTrunk), CALL);
  const named = match.ok ? (match.trunk ? [match.trunk] : []) : match.between;
  return [
    match.ok ? match.matchType : match.error,
    named.map((trunk) => trunk.sip_trunk_id),
    match.filtered.map(({ sip_trunk_id, reason }) => `${sip_trunk_id}: ${reason}`),
  ];
}

describe('LiveKit’s choice of a trunk', () => {
  for (const [what, trunks, wanted] of [
    ['no trunks', [], ['empty', [], []]],
    ['a trunk with another number', [CALLED_OTHER], ['none', [], ['called: CalledNumberDisallowed']]],
    ['a trunk that bars the caller', [BARS_CALLER], ['none', [], ['caller: CallingNumberDisallowed']]],
    ['a trunk that bars the source', [BARS_SOURCE], ['none', [], ['source: SourceAddressDisallowed']]],
    [
      'a trunk that bars both the caller and the source',
      [{ ...BARS_CALLER, allowed_addresses: ['198.51.100.7'] }],
      ['none', [], ['caller: CallingNumberDisallowed']],
    ],
    ['one default trunk', [OPEN], ['default', ['open'], []]],
    ['two default trunks', [OPEN, { sip_trunk_id: 'open too' }], ['multiple_default_trunks', ['open', 'open too'], []]],
    ['a specific trunk after a default one', [OPEN, LISTED], ['specific', ['listed'], []]],
    ['a specific trunk before a default one', [LISTED, OPEN], ['specific', ['listed'], []]],
    ['two specific trunks', [LISTED, LISTED_TOO], ['multiple_specific_trunks', ['listed', 'listed too'], []]],
    [
      'a trunk that lists the number twice',
      [{ ...LISTED, numbers: ['15550100', '+15550100'] }],
      ['specific', ['listed'], []],
    ],
    [
      'a trunk whose second number is the called one',
      [{ ...LISTED, numbers: ['+15550199', '+15550100', '+15550198'] }],
      ['specific', ['listed'], ['listed: CalledNumberDisallowed']],
    ],
  ] as const) {
    it(`with ${what} is ${wanted[0]}`, () => assert.deepEqual(matched(...trunks), wanted));
  }
});

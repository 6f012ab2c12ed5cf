import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findPairs } from '../../../src/core/audit/pairs.ts';
import { looseAddresses, matchTrunk, strictAddresses } from '../../../src/core/trunks/match/match.ts';
import { parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { type InboundTrunk, Snapshot } from '../../../src/core/trunks/snapshot.ts';

const ADDRESSES = [
  '192.0.2.1',
  '192.0.2.0/30',
  '192.0.2.2',
  '198.51.100.0/24',
  'a.example',
  'b.example',
  'x y',
  '192.0.2.*',
  '::ffff:192.0.2.1',
];
const SOURCES = [
  '192.0.2.1',
  '192.0.2.2',
  '192.0.2.3',
  '192.0.2.99',
  '198.51.100.7',
  '203.0.113.1',
  '::ffff:192.0.2.1',
];
const CALLERS = ['100', '+100', '200', 'anonymous', '300'];
const CALLED = ['1', '+1', '2', 'desk', '3'];
const some = (values: readonly string[], maxLength = 2) => fc.subarray([...values], { maxLength });

const trunk: fc.Arbitrary<Omit<InboundTrunk, 'sip_trunk_id'>> = fc
  .record({ numbers: some(CALLED), allowed_numbers: some(CALLERS), allowed_addresses: some(ADDRESSES, 3) })
  .map((fields) => parseTrunk({ sip_trunk_id: '', ...fields }));

describe('the pairs that are found', () => {
  it('are exactly those for which LiveKit’s own match finds a call that both accept', () => {
    fc.assert(
      fc.property(trunk, trunk, fc.boolean(), (first, second, strict) => {
        const trunks = [
          { ...first, sip_trunk_id: 'ST_1' },
          { ...second, sip_trunk_id: 'ST_2' },
        ];
        const isAllowed = strict ? strictAddresses : looseAddresses;
        const clashes = (from_user: string, to_user: string, source_ip: string, from_host: string) =>
          !matchTrunk(trunks, { from_user, to_user, source_ip, from_host }, isAllowed).ok;
        const isThere = CALLERS.some((caller) =>
          CALLED.some((called) =>
            SOURCES.some((source) => ['a.example', 'b.example'].some((host) => clashes(caller, called, source, host))),
          ),
        );
        const { pairs, isComplete } = findPairs(new Snapshot({ trunks, rules: [] }), strict);
        assert.equal(isComplete, true);
        assert.equal(pairs.length > 0, isThere);
        for (const { caller, called, source } of pairs) {
          assert.ok(
            clashes(caller ?? '300', called ?? '3', source.address ?? '203.0.113.1', source.fromHost ?? 'c.example'),
          );
        }
      }),
      { numRuns: 2_000, seed: 20260801 },
    );
  });
});

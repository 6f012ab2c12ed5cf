import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findUnreachable } from '../../../src/core/audit/unreachable.ts';
import { matchDispatch } from '../../../src/core/trunks/match/dispatch.ts';
import { isListed } from '../../../src/core/trunks/number.ts';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { type DispatchRule, type InboundTrunk, Snapshot } from '../../../src/core/trunks/snapshot.ts';
import { rulesInReach } from '../trunks/rulesInReach.ts';

const CALLED = ['1', '+1', '2', 'desk'];
const CALLERS = ['100', '+100', 'anonymous'];
const UNLISTED = '999';
const TRUNKS = ['ST_1', 'ST_2'];
const some = (values: readonly string[], maxLength = 2) => fc.subarray([...values], { maxLength });

const rule: fc.Arbitrary<object> = fc
  .record({
    kind: fc.constantFrom('direct', 'individual', 'callee'),
    room: fc.constantFrom('a', 'b'),
    pin: fc.constantFrom('', '', '1234'),
    trunk_ids: some(TRUNKS),
    numbers: some(CALLED),
    inbound_numbers: some(CALLERS),
  })
  .map(({ kind, room, pin, ...rest }) => ({
    rule: { [`dispatch_rule_${kind}`]: { room_name: room, room_prefix: room, pin } },
    ...rest,
  }));
const trunk = fc.record({ numbers: some(CALLED), allowed_numbers: some(CALLERS) });
const snapshot = fc.record({ trunks: fc.tuple(trunk, trunk), rules: fc.array(rule, { maxLength: 4 }) }).map(
  ({ trunks, rules }) =>
    new Snapshot({
      trunks: trunks.map((fields, i) => parseTrunk({ sip_trunk_id: TRUNKS[i], ...fields })),
      rules: rules.map((fields, i) => parseRule({ sip_dispatch_rule_id: `SDR_${i}`, ...fields })),
    }),
);
const RUNS = { numRuns: 2_000, seed: 20260801 };

describe('the conflicts that are found', () => {
  it('are on the trunks where LiveKit’s own match says that rules conflict', () => {
    fc.assert(
      fc.property(snapshot, ({ trunks, rules, clashes }) => {
        for (const { sip_trunk_id: id } of trunks) {
          const match = matchDispatch(rulesInReach(rules, id), id, {
            from_user: '',
            to_user: '',
            pin: '',
            no_pin: false,
          });
          const isThere = !match.ok && match.error === 'conflict';
          assert.equal(
            clashes.some(({ trunkIds }) => trunkIds.size === 0 || trunkIds.has(id)),
            isThere,
          );
        }
      }),
      RUNS,
    );
  });
});

/** Numbers as they are written where the call is decided: the rule's own, or else the trunk's, or any other. */
function writtenFor(ofRule: readonly string[], ofTrunk: readonly string[]): readonly string[] {
  if (ofRule.length > 0) return ofRule.filter((number) => isListed(number, ofTrunk));
  return ofTrunk.length > 0 ? ofTrunk : [UNLISTED];
}

function isEverChosen(wanted: DispatchRule, rules: readonly DispatchRule[], on: InboundTrunk): boolean {
  const inReach = rulesInReach(rules, on.sip_trunk_id);
  return writtenFor(wanted.inbound_numbers, on.allowed_numbers).some((from_user) =>
    writtenFor(wanted.numbers, on.numbers).some((to_user) => {
      const call = { from_user, to_user, pin: wanted.pin, no_pin: wanted.pin === '' };
      const match = matchDispatch(inReach, on.sip_trunk_id, call);
      return match.ok && match.rule === wanted;
    }),
  );
}

describe('the rules that are reported as unreachable', () => {
  it('are those that LiveKit’s own match never chooses on any of their trunks', () => {
    fc.assert(
      fc.property(snapshot, (given) => {
        const { trunks, rules, clashes } = given;
        fc.pre(clashes.length === 0);
        const found = new Set([...findUnreachable(given)].map((one) => one?.rule));
        for (const one of rules.filter((bound) => bound.trunk_ids.length > 0)) {
          const ofRule = trunks.filter((on) => one.trunk_ids.includes(on.sip_trunk_id));
          assert.equal(found.has(one), !ofRule.some((on) => isEverChosen(one, rules, on)));
        }
      }),
      { ...RUNS, numRuns: 4_000 },
    );
  });
});

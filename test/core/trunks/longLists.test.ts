import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hashLists } from '../../../src/core/trunks/judge/listedCaller.ts';
import { RuleIndex } from '../../../src/core/trunks/judge/ruleIndex.ts';
import { TrunkIndex } from '../../../src/core/trunks/judge/trunkIndex.ts';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';

describe('the work on long lists', () => {
  const DIRECT = { dispatch_rule_direct: { room_name: 'desk' } };
  const steps = (work: Generator<void, unknown>) => [...work].length;
  const many = (count: number) => Array.from({ length: count }, (_, i) => `+1555${10_000 + i}`);
  const indexOf = (fields: object) =>
    new RuleIndex([parseRule({ sip_dispatch_rule_id: 'SDR_1', rule: DIRECT, ...fields })]);
  const listing = (fields: object) => [parseTrunk({ sip_trunk_id: 'ST_1', ...fields })];

  for (const [count, wanted] of [
    [999, 2],
    [1_000, 3],
  ] as const) {
    it(`of a rule with ${count} trunks has ${wanted} pauses`, () => {
      const trunk_ids = Array.from({ length: count }, (_, i) => `ST_${i}`);
      assert.equal(steps(indexOf({ trunk_ids }).prepare()), wanted);
    });
  }

  // The keys of the rule, and the index of its numbers.
  for (const [count, wanted] of [
    [999, 2],
    [1_000, 4],
  ] as const) {
    it(`of a rule with ${count} numbers has ${wanted} pauses`, () => {
      assert.equal(steps(indexOf({ numbers: many(count) }).prepare()), wanted);
    });
  }

  it('of a whole configuration pauses in its trunks and in its rules', () => {
    const snapshot = new Snapshot({ trunks: listing({ numbers: many(990) }), rules: [] });
    assert.equal(steps(snapshot.prepare(false)), 4);
  });

  for (const [count, wanted] of [
    [99, 0],
    [100, 1],
    [250, 2],
  ] as const) {
    it(`of ${count} callers to hash has ${wanted} pauses`, () => {
      const snapshot = new Snapshot({ trunks: listing({ allowed_numbers: many(count) }), rules: [] });
      assert.equal(steps(hashLists(snapshot, 'a key of sixteen or more characters')), wanted);
    });
  }

  for (const field of ['numbers', 'allowed_numbers', 'allowed_addresses']) {
    for (const [count, wanted] of [
      [989, 0],
      [990, 1],
    ] as const) {
      it(`of a trunk with ${count} ${field} has ${wanted} pauses`, () => {
        assert.equal(steps(new TrunkIndex(listing({ [field]: many(count) })).prepare(false)), wanted);
      });
    }
  }
});

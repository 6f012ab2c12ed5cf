import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';

const trunks = [parseTrunk({ sip_trunk_id: 'ST_1', numbers: ['+15550100'] })];
const rules = [parseRule({ sip_dispatch_rule_id: 'SDR_1', trunk_ids: ['ST_1'] })];

describe('a trunk', () => {
  it('keeps the other fields that are set, and drops times of changes', () => {
    const { rest } = parseTrunk({
      sip_trunk_id: 'ST_1',
      metadata: 'desk',
      krisp_enabled: false,
      headers: {},
      created_at: '2026-11-23T12:00:00Z',
      updated_at: '2026-11-23T12:00:00Z',
    });
    assert.deepEqual(rest, { metadata: '<not stored by sipwhy>' });
  });
});

describe('a snapshot', () => {
  it('is its trunks and rules alone as JSON and as a clone, whatever was asked of it', () => {
    const snapshot = new Snapshot({ trunks, rules });
    for (const _ of snapshot.prepare(false));
    assert.equal(snapshot.trunkIndex.takes('15550100'), true);
    assert.equal(snapshot.clashes.length, 0);
    assert.equal(JSON.stringify(snapshot), JSON.stringify({ trunks, rules }));
    assert.deepEqual(structuredClone({ ...snapshot }), { trunks, rules });
    assert.deepEqual(structuredClone(snapshot), { trunks, rules });
  });

  it('has for a rule the trunks that it is bound to and that exist, each once, and all for a wildcard rule', () => {
    const two = [...trunks, parseTrunk({ sip_trunk_id: 'ST_2' })];
    const snapshot = new Snapshot({ trunks: two, rules: [] });
    const trunksOf = (...trunk_ids: string[]) =>
      snapshot.trunksOf(parseRule({ sip_dispatch_rule_id: 'SDR_1', trunk_ids })).map((one) => one.sip_trunk_id);
    assert.deepEqual(trunksOf('ST_2', 'ST_gone', 'ST_2'), ['ST_2']);
    assert.deepEqual(trunksOf(), ['ST_1', 'ST_2']);
  });

  it('shares with a copy the index of what stays, and no other', () => {
    const snapshot = new Snapshot({ trunks, rules });
    const withoutRules = snapshot.with({ rules: [] });
    assert.equal(withoutRules.trunkIndex, snapshot.trunkIndex);
    assert.deepEqual(withoutRules.ruleIndex.boundTo('ST_1'), []);
    const withoutTrunks = snapshot.with({ trunks: [] });
    assert.equal(withoutTrunks.ruleIndex, snapshot.ruleIndex);
    assert.equal(withoutTrunks.trunkIndex.takes('15550100'), false);
    assert.equal(snapshot.trunkIndex.takes('15550100'), true);
  });
});

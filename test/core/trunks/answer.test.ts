import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, parseQuestion } from '../../../src/core/trunks/match/answer.ts';

describe('a matching question', () => {
  for (const json of [null, undefined, 'trunk', 7, true, [], {}, { kind: 7 }, { kind: 'trunks' }]) {
    it(`is not ${JSON.stringify(json)}: the error names the kinds`, () => {
      assert.throws(() => parseQuestion(json), /^Error: not a question: kind must be normalize, trunk, dispatch$/);
    });
  }

  it('of the wrong shape names the field, or the line', () => {
    assert.throws(() => parseQuestion({ kind: 'normalize', input: 7 }), /^Error: not a question: \/input /);
    assert.throws(() => parseQuestion({ kind: 'normalize' }), /^Error: not a question: the line /);
  });
});

describe('the answer', () => {
  const trunk = { sip_trunk_id: 'ST_1', numbers: ['+15550100'] };
  const filtered = { sip_trunk_id: 'ST_1', reason: 'CalledNumberDisallowed' };
  const direct = (pin: string) => ({
    sip_dispatch_rule_id: 'SDR_1',
    trunk_ids: ['ST_1'],
    rule: { dispatch_rule_direct: { room_name: 'desk', pin } },
  });
  for (const [what, question, wanted] of [
    ['a number', { kind: 'normalize', input: '1 (555) 0100' }, { result: '+15550100' }],
    [
      'a call that one trunk takes',
      { kind: 'trunk', call: { to_user: '15550100' }, trunks: [trunk] },
      { sip_trunk_id: 'ST_1', match_type: 'specific', filtered: [], conflicts: [] },
    ],
    [
      'a call without a called number',
      { kind: 'trunk', call: {}, trunks: [trunk] },
      { sip_trunk_id: '', match_type: 'none', filtered: [filtered], conflicts: [] },
    ],
    [
      'a call on a trunk with a rule',
      { kind: 'dispatch', sip_trunk_id: 'ST_1', call: {}, rules: [direct('')] },
      { sip_dispatch_rule_id: 'SDR_1', priority: 2_100, result: 'ACCEPT' },
    ],
    [
      'a call without a word on pins, to a rule with one',
      { kind: 'dispatch', sip_trunk_id: 'ST_1', call: {}, rules: [direct('1234')] },
      { sip_dispatch_rule_id: 'SDR_1', priority: 2_000, result: 'REQUEST_PIN' },
    ],
    [
      'a call that leaves out rules with a pin',
      { kind: 'dispatch', sip_trunk_id: 'ST_1', call: { no_pin: true }, rules: [direct('1234')] },
      { error: 'no_rule' },
    ],
    [
      'a call without a trunk',
      { kind: 'dispatch', sip_trunk_id: '', call: {}, rules: [direct('')] },
      { error: 'no_rule' },
    ],
  ] as const) {
    it(`to ${what}`, () => assert.deepEqual(answer(parseQuestion(question)), wanted));
  }

  it('compares addresses strictly only where that is asked', () => {
    const mapped = { kind: 'trunk', call: { source_ip: '::ffff:192.0.2.1', to_user: '15550100' } };
    const trunks = [{ ...trunk, allowed_addresses: ['192.0.2.1'] }];
    const matchType = (more: object) => answer(parseQuestion({ ...mapped, ...more, trunks })).match_type;
    assert.deepEqual([matchType({ strict_addresses: true }), matchType({})], ['specific', 'none']);
  });
});

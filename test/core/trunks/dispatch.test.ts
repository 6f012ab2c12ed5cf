import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RuleIndex } from '../../../src/core/trunks/judge/ruleIndex.ts';
import { dispatchPriority, matchDispatch } from '../../../src/core/trunks/match/dispatch.ts';
import { parseRule } from '../../../src/core/trunks/readSnapshot.ts';

function rule(kind: 'direct' | 'individual' | 'callee' | 'of another kind', fields: object = {}, pin = '') {
  return parseRule({
    sip_dispatch_rule_id: 'SDR_1',
    rule: { [`dispatch_rule_${kind}`]: { pin } },
    ...fields,
  });
}

describe('the priority of a dispatch rule', () => {
  for (const [what, one, priority] of [
    ['direct with a pin and both lists', rule('direct', { inbound_numbers: ['1'], numbers: ['2'] }, '1234'), 0],
    ['direct and open', rule('direct', { inbound_numbers: ['1'], numbers: ['2'] }), 100],
    ['individual', rule('individual', { inbound_numbers: ['1'], numbers: ['2'] }, '1234'), 1],
    ['callee', rule('callee', { inbound_numbers: ['1'], numbers: ['2'] }, '1234'), 2],
    ['for every caller', rule('direct', { numbers: ['2'] }, '1234'), 1_000],
    ['for every called number', rule('direct', { inbound_numbers: ['1'] }, '1234'), 1_000],
    ['for every call', rule('callee'), 2_102],
    ['of an unknown kind', rule('of another kind'), 2_147_483_647],
  ] as const) {
    it(`${what} is ${priority}`, () => assert.equal(dispatchPriority(one), priority));
  }
});

describe('a rule of an unknown kind', () => {
  it('makes LiveKit reject the whole set', () => {
    const odd = rule('of another kind');
    const call = { from_user: '', to_user: '', pin: '', no_pin: false };
    assert.deepEqual(matchDispatch([rule('direct'), odd], undefined, call), {
      ok: false,
      error: 'invalid_rule',
      rule: odd,
    });
  });
});

describe('rules that clash', () => {
  const clashes = (...rules: object[]) =>
    new RuleIndex(rules.map((fields, i) => rule('individual', { sip_dispatch_rule_id: `SDR_${i}`, ...fields })))
      .clashes()
      .map((clash) => [clash.rule.sip_dispatch_rule_id, clash.other.sip_dispatch_rule_id, [...clash.trunkIds].join()]);
  const ODD = { rule: { 'dispatch_rule_of another kind': {} } };
  for (const [what, rules, wanted] of [
    ['have no lists', [{}, {}], [['SDR_1', 'SDR_0', '']]],
    ['are bound to one trunk', [{ trunk_ids: ['a', 'b'] }, { trunk_ids: ['b'] }], [['SDR_1', 'SDR_0', 'b']]],
    ['list a number in two forms', [{ numbers: ['+1'] }, { numbers: ['2', '1'] }], [['SDR_1', 'SDR_0', '']]],
    ['list a caller', [{ inbound_numbers: ['1'] }, { inbound_numbers: ['1'] }], [['SDR_1', 'SDR_0', '']]],
    [
      'come in the order of the later rule, whatever their trunks',
      [{ trunk_ids: ['b'] }, { trunk_ids: ['a'] }, { trunk_ids: ['a'] }, { trunk_ids: ['b'] }],
      [
        ['SDR_2', 'SDR_1', 'a'],
        ['SDR_3', 'SDR_0', 'b'],
      ],
    ],
    [
      'come, of one later rule, in the order of the earlier ones',
      [
        { trunk_ids: ['a'], numbers: ['0'] },
        { trunk_ids: ['a'], numbers: ['0'] },
        { trunk_ids: ['b'], numbers: ['2'] },
        { trunk_ids: ['a'], numbers: ['3'] },
        { trunk_ids: ['a', 'b'], numbers: ['2', '3'] },
      ],
      [
        ['SDR_1', 'SDR_0', 'a'],
        ['SDR_4', 'SDR_2', 'b'],
        ['SDR_4', 'SDR_3', 'a'],
      ],
    ],
  ] as const) {
    it(what, () => assert.deepEqual(clashes(...rules), wanted));
  }

  it('are none with other numbers, callers, trunks or pins, nor of an unknown kind', () => {
    const pinned = { rule: { dispatch_rule_individual: { pin: '1' } } };
    for (const other of [{ numbers: ['1'] }, { inbound_numbers: ['1'] }, { trunk_ids: ['a'] }, pinned, ODD]) {
      assert.deepEqual(clashes({}, other), []);
    }
    assert.deepEqual(clashes(ODD, ODD), []);
  });
});

describe('the rules in reach of a trunk', () => {
  const bound = (sip_dispatch_rule_id: string, ...trunk_ids: string[]) =>
    rule('individual', { sip_dispatch_rule_id, trunk_ids });
  const index = new RuleIndex([
    bound('any 1'),
    bound('first 1', 'ST_1'),
    bound('any 2'),
    bound('both', 'ST_1', 'ST_2', 'ST_1'),
    bound('second', 'ST_2'),
    bound('any 3'),
  ]);
  for (const [trunk, wanted] of [
    ['ST_1', ['any 1', 'first 1', 'any 2', 'both', 'any 3']],
    ['ST_2', ['any 1', 'any 2', 'both', 'second', 'any 3']],
    ['ST_3', ['any 1', 'any 2', 'any 3']],
  ] as const) {
    it(`${trunk} are its own and those of no trunk, in their order`, () => {
      assert.deepEqual(
        [...index.inReachOf(trunk)].map(({ sip_dispatch_rule_id }) => sip_dispatch_rule_id),
        wanted,
      );
    });
  }
});

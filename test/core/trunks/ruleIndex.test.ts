import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RuleIndex } from '../../../src/core/trunks/judge/ruleIndex.ts';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import type { DispatchRule } from '../../../src/core/trunks/snapshot.ts';

const rule = (id: string, fields: object = {}): DispatchRule =>
  parseRule({ sip_dispatch_rule_id: id, rule: { dispatch_rule_individual: { room_prefix: id } }, ...fields });
const idOf = ({ sip_dispatch_rule_id: id }: DispatchRule) => id;

describe('whether one of three rules can take a call that a trunk admits', () => {
  const lists = (numbers: string[], inbound_numbers: string[]) => ({ numbers, inbound_numbers });
  const OTHERS = [lists(['8'], ['88']), lists(['9'], ['99'])];
  for (const [what, numbers, allowed_numbers, third, canTake] of [
    ['any rule can, on an open trunk', [], [], lists(['1'], ['11']), true],
    ['a rule for every call can', ['1'], ['11'], lists([], []), true],
    ['one for a called number of the trunk can', ['1'], [], lists(['1'], ['11']), true],
    ['one for another called number can’t', ['1'], [], lists(['2'], ['11']), false],
    ['one for every called number can', ['1'], [], lists([], ['11']), true],
    ['one for a caller of the trunk can', [], ['11'], lists(['1'], ['11']), true],
    ['one for another caller can’t', [], ['11'], lists(['1'], ['22']), false],
    ['one for every caller can', [], ['11'], lists(['1'], []), true],
    ['one for both numbers of the trunk can', ['1'], ['11'], lists(['1'], ['11']), true],
    ['one for its called number and another caller can’t', ['1'], ['11'], lists(['1'], ['22']), false],
    ['one for its caller and another called number can’t', ['1'], ['11'], lists(['2'], ['11']), false],
    ['one for its called number and every caller can', ['1'], ['11'], lists(['1'], []), true],
    ['one for its caller and every called number can', ['1'], ['11'], lists([], ['11']), true],
    ['one for another caller and every called number can’t', ['1'], ['11'], lists([], ['22']), false],
  ] as const) {
    it(what, () => {
      const trunk = parseTrunk({ sip_trunk_id: 'ST_1', numbers, allowed_numbers });
      const rules = [...OTHERS, third].map((fields, i) => rule(`SDR_${i}`, fields));
      assert.equal(new RuleIndex(rules).canTakeFrom(trunk), canTake);
      const bound = rules.map((one) => ({ ...one, trunk_ids: ['ST_1'] }));
      assert.equal(new RuleIndex(bound).canTakeFrom(trunk), canTake);
    });
  }
});

describe('a call to one of a trunk’s own numbers', () => {
  const chosen = (numbers: string[], ...rules: object[]) => {
    const index = new RuleIndex(rules.map((fields, i) => rule(`SDR_${i}`, { trunk_ids: ['ST_1'], ...fields })));
    const trunk = parseTrunk({ sip_trunk_id: 'ST_1', numbers });
    return index.chooseForOwnNumber(trunk, '11', '9')?.sip_dispatch_rule_id;
  };
  for (const [what, numbers, rules, wanted] of [
    ['gets the rule for every number', ['1', '2'], [{}], 'SDR_0'],
    ['gets it, though another rule lists the called number', ['1'], [{}, { numbers: ['9'] }], 'SDR_0'],
    ['gets the rule that lists one of them, in the rule’s own form', ['1', '2'], [{}, { numbers: ['+2'] }], 'SDR_1'],
    ['gets the first of two rules', ['1', '2'], [{ numbers: ['2'] }, { numbers: ['1'] }], 'SDR_0'],
    ['has the called number if no rule lists one of the trunk’s', ['1', '2'], [{ numbers: ['9'] }], 'SDR_0'],
    ['gets no rule for other callers', ['1', '2'], [{ numbers: ['1'], inbound_numbers: ['22'] }], undefined],
    [
      'gets a later rule if the first is for other callers',
      ['1', '2'],
      [{ numbers: ['1'], inbound_numbers: ['22'] }, { numbers: ['2'] }],
      'SDR_1',
    ],
    ['has the called number if the trunk lists none', [], [{ numbers: ['9'] }], 'SDR_0'],
  ] as const) {
    it(what, () => assert.equal(chosen([...numbers], ...rules), wanted));
  }
});

describe('a copy of an index with other rules', () => {
  const rules = ['SDR_0', 'SDR_1', 'SDR_2'].map((id) => rule(id, { trunk_ids: ['ST_1'] }));
  const [first, second, third] = rules as [DispatchRule, DispatchRule, DispatchRule];
  const index = new RuleIndex(rules);
  const changed = { ...first, name: 'changed' };
  const added = rule('SDR_3', { trunk_ids: ['ST_1'] });
  const wildcard = rule('SDR_4');

  it('has a replaced rule in its old place, and an added one at the end', () => {
    const copy = index.with([changed, second, third, added], new Map([[first, changed]]), [added]);
    assert.deepEqual(copy.boundTo('ST_1').map(idOf), ['SDR_0', 'SDR_1', 'SDR_2', 'SDR_3']);
  });

  it('has not what was deleted, though it was added or replaced before', () => {
    const once = index.with([changed, second, third, added], new Map([[first, changed]]), [added, wildcard]);
    const copy = once.with(
      [second, third],
      new Map([
        [changed, undefined],
        [added, undefined],
        [wildcard, undefined],
      ]),
      [],
    );
    assert.deepEqual(copy.boundTo('ST_1').map(idOf), ['SDR_1', 'SDR_2']);
    assert.deepEqual(copy.wildcards, []);
    assert.equal(copy.countInReachOf('ST_1'), 2);
  });

  it('leaves the original as it was', () => {
    index.with([second, third], new Map([[first, undefined]]), []);
    assert.deepEqual(index.boundTo('ST_1').map(idOf), ['SDR_0', 'SDR_1', 'SDR_2']);
  });
});

describe('the pair of rules that LiveKit names', () => {
  const clash = (...rules: object[]) =>
    new RuleIndex(rules.map((fields, i) => rule(`SDR_${i}`, fields))).clashOn('ST_1')?.map(idOf);
  const ON = { trunk_ids: ['ST_1'] };
  for (const [what, rules, wanted] of [
    ['is none without a shared key', [ON, { ...ON, numbers: ['1'] }], undefined],
    ['is the later rule with the earlier one', [ON, ON], ['SDR_1', 'SDR_0']],
    [
      'is that of the earliest later rule',
      [
        { ...ON, numbers: ['1'] },
        { ...ON, numbers: ['2'] },
        { ...ON, numbers: ['2'] },
        { ...ON, numbers: ['1'] },
      ],
      ['SDR_2', 'SDR_1'],
    ],
    [
      'has the holder of the first shared called number of the later rule',
      [
        { ...ON, numbers: ['1'] },
        { ...ON, numbers: ['2'] },
        { ...ON, numbers: ['2', '1'] },
      ],
      ['SDR_2', 'SDR_1'],
    ],
    [
      'has the holder of its first shared caller before that',
      [
        { ...ON, inbound_numbers: ['11'], numbers: ['2'] },
        { ...ON, inbound_numbers: ['22'], numbers: ['1'] },
        { ...ON, inbound_numbers: ['22', '11'], numbers: ['2', '1'] },
      ],
      ['SDR_2', 'SDR_1'],
    ],
    ['is one rule that repeats a number', [{ ...ON, numbers: ['1', '+1'] }], ['SDR_0', 'SDR_0']],
    ['is one rule that repeats its trunk', [{ trunk_ids: ['ST_1', 'ST_1'] }], ['SDR_0', 'SDR_0']],
  ] as const) {
    it(what, () => assert.deepEqual(clash(...rules), wanted));
  }
});

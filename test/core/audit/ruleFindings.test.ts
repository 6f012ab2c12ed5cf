import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foundIn, tableOf } from './auditedConfiguration.ts';

const direct = (room_name: string, pin = '') => ({ rule: { dispatch_rule_direct: { room_name, pin } } });
const TRUNK = { ST_1: { numbers: ['+442079460001'] } };
const TWO = { ...TRUNK, ST_2: { numbers: ['+442079460002'] } };
const on = (...trunk_ids: string[]) => ({ trunk_ids });

tableOf('trunk_without_rule', {
  has: [
    ['there is no rule', { trunks: TRUNK }, /there is no dispatch rule at all/],
    [
      'the rules are for another trunk',
      { trunks: TWO, rules: { SDR_2: on('ST_2') } },
      /^ST_1 takes calls, and the only dispatch rule is not for it/,
    ],
    [
      'its rule takes another number',
      { trunks: TRUNK, rules: { SDR_1: { ...on('ST_1'), numbers: ['+442079460002'] } } },
      /is served by SDR_1 only, and it takes other numbers/,
    ],
    [
      'its rule takes callers that the trunk keeps out',
      {
        trunks: { ST_1: { ...TRUNK.ST_1, allowed_numbers: ['+15550100'] } },
        rules: { SDR_1: { ...on('ST_1'), inbound_numbers: ['+15550101'] } },
      },
    ],
  ],
  hasNot: [
    ['its rule takes its number', { trunks: TRUNK, rules: { SDR_1: { ...on('ST_1'), numbers: ['+442079460001'] } } }],
    ['a rule without trunk_ids leads on', { trunks: TRUNK, rules: { SDR_1: {} } }],
    [
      'it is a default trunk with a rule for one number',
      { trunks: { ST_1: {} }, rules: { SDR_1: { ...on('ST_1'), numbers: ['100'] } } },
    ],
    ['its rule is of a kind that is not known here', { trunks: TRUNK, rules: { SDR_1: { ...on('ST_1'), rule: {} } } }],
  ],
});

tableOf('rule_for_missing_trunk', {
  has: [
    [
      'the only trunk of a rule is gone',
      { trunks: TRUNK, rules: { SDR_1: on('ST_old') } },
      /^SDR_1 is bound only to ST_old, which does not exist, so that no call reaches it\.$/,
    ],
    [
      'one of two trunks is gone',
      { trunks: TRUNK, rules: { SDR_1: on('ST_1', 'ST_old') } },
      /is bound to ST_old, which/,
    ],
  ],
  hasNot: [
    ['all its trunks exist', { trunks: TWO, rules: { SDR_1: on('ST_1', 'ST_2') } }],
    ['it has no trunks', { trunks: TRUNK, rules: { SDR_1: {} } }],
  ],
});

describe('the fix of a rule for a missing trunk', () => {
  it('never takes the last trunk off, which would make a wildcard rule', () => {
    const [found] = foundIn('rule_for_missing_trunk', { trunks: TRUNK, rules: { SDR_1: on('ST_old') } });
    assert.doesNotMatch(JSON.stringify(found?.fixes), /trunk_ids/);
  });
  it('leaves the trunks that exist', () => {
    const [found] = foundIn('rule_for_missing_trunk', { trunks: TRUNK, rules: { SDR_1: on('ST_1', 'ST_old') } });
    assert.deepEqual(JSON.parse(found?.fixes[0]?.pastes[0]?.text ?? ''), {
      sip_dispatch_rule_id: 'SDR_1',
      update: { trunk_ids: { set: ['ST_1'] } },
    });
  });
});

tableOf('rule_numbers_swapped', {
  has: [
    [
      'the trunk’s number among the callers',
      { trunks: TRUNK, rules: { SDR_1: { ...on('ST_1'), inbound_numbers: ['442079460001'] } } },
      /^SDR_1 has 442079460001 in inbound_numbers, called on ST_1\.$/,
    ],
    [
      'both lists exchanged',
      {
        trunks: { ST_1: { ...TRUNK.ST_1, allowed_numbers: ['+15550100'] } },
        rules: { SDR_1: { ...on('ST_1'), inbound_numbers: ['+442079460001'], numbers: ['+15550100'] } },
      },
      /in inbound_numbers, called on ST_1, and \+15550100 in numbers, allowed to call ST_1/,
    ],
    [
      'a caller among the called numbers',
      {
        trunks: { ST_1: { ...TRUNK.ST_1, allowed_numbers: ['+15550100'] } },
        rules: { SDR_1: { ...on('ST_1'), numbers: ['+15550100'] } },
      },
    ],
    ['a rule without trunk_ids', { trunks: TRUNK, rules: { SDR_1: { inbound_numbers: ['+442079460001'] } } }],
  ],
  hasNot: [
    [
      'each list is right',
      {
        trunks: { ST_1: { ...TRUNK.ST_1, allowed_numbers: ['+15550100'] } },
        rules: { SDR_1: { ...on('ST_1'), inbound_numbers: ['+15550100'], numbers: ['+442079460001'] } },
      },
    ],
    [
      'an outside caller is among the callers',
      { trunks: TRUNK, rules: { SDR_1: { ...on('ST_1'), inbound_numbers: ['+442079460001', '+15550100'] } } },
    ],
    [
      'calls between two of a trunk’s own numbers',
      {
        trunks: { ST_1: { numbers: ['+442079460001', '+442079460002'] } },
        rules: { SDR_1: { ...on('ST_1'), inbound_numbers: ['+442079460001'], numbers: ['+442079460002'] } },
      },
    ],
    [
      'the number is that of a trunk of another rule',
      { trunks: TWO, rules: { SDR_1: { ...on('ST_1'), inbound_numbers: ['+442079460002'] } } },
    ],
    [
      'the trunk lets in its own number, as in the incident',
      {
        trunks: { ST_1: { ...TRUNK.ST_1, allowed_numbers: ['+442079460001'] } },
        rules: { SDR_1: { ...on('ST_1'), numbers: ['+442079460001'] } },
      },
    ],
  ],
});

describe('the fix of swapped numbers', () => {
  it('exchanges the lists and keeps the rest of the rule', () => {
    const [found] = foundIn('rule_numbers_swapped', {
      trunks: TRUNK,
      rules: { SDR_1: { ...on('ST_1'), ...direct('lobby', '4711'), name: 'desk', inbound_numbers: ['442079460001'] } },
    });
    assert.deepEqual(JSON.parse(found?.fixes[0]?.pastes[0]?.text ?? ''), {
      sip_dispatch_rule_id: 'SDR_1',
      replace: {
        rule: { dispatch_rule_direct: { room_name: 'lobby', pin: '<the pin of the rule>' } },
        name: 'desk',
        trunk_ids: ['ST_1'],
        numbers: ['+442079460001'],
      },
    });
  });
});

tableOf('rule_number_form', {
  has: [
    [
      'the rule without +, the trunk with it',
      { trunks: TRUNK, rules: { SDR_1: { ...on('ST_1'), numbers: ['442079460001'] } } },
      /^SDR_1: 442079460001 in numbers is \+442079460001 on ST_1\.$/,
    ],
    [
      'blanks, which the trunk has too and nobody sends',
      {
        trunks: { ST_1: { numbers: ['+44 20 7946 0001'] } },
        rules: { SDR_1: { ...on('ST_1'), numbers: ['+44 20 7946 0001'] } },
      },
      /is written as nobody sends it/,
    ],
    [
      'an international prefix, which no trunk number has',
      { trunks: TRUNK, rules: { SDR_1: { ...on('ST_1'), numbers: ['00442079460001'] } } },
    ],
    [
      'a caller in another form than the trunk lists it',
      {
        trunks: { ST_1: { ...TRUNK.ST_1, allowed_numbers: ['+15550100123'] } },
        rules: { SDR_1: { ...on('ST_1'), inbound_numbers: ['15550100123'] } },
      },
      /15550100123 in inbound_numbers is \+15550100123 on ST_1/,
    ],
    ['a rule without trunk_ids', { trunks: TRUNK, rules: { SDR_1: { numbers: ['442079460001'] } } }],
  ],
  hasNot: [
    ['the same form', { trunks: TRUNK, rules: { SDR_1: { ...on('ST_1'), numbers: ['+442079460001'] } } }],
    [
      'the form of one of the two that the trunk lists',
      {
        trunks: { ST_1: { numbers: ['+442079460001', '442079460001'] } },
        rules: { SDR_1: { ...on('ST_1'), numbers: ['442079460001'] } },
      },
    ],
    ['another number', { trunks: TRUNK, rules: { SDR_1: { ...on('ST_1'), numbers: ['442079460002'] } } }],
    [
      'a number of a trunk of another rule',
      { trunks: TWO, rules: { SDR_1: { ...on('ST_1'), numbers: ['442079460002'] } } },
    ],
    [
      'a name with dashes is no number',
      { trunks: { ST_1: { numbers: ['call-desk'] } }, rules: { SDR_1: { ...on('ST_1'), numbers: ['call-desk'] } } },
    ],
  ],
});

tableOf('dispatch_rules_conflict', {
  has: [
    [
      'two rules for the same trunk',
      { trunks: TRUNK, rules: { SDR_1: on('ST_1'), SDR_2: { ...on('ST_1'), ...direct('lobby') } } },
      /^SDR_1 and SDR_2 both take calls from any caller to any number without a pin, on ST_1: every call to ST_1 is/,
    ],
    [
      'two wildcard rules, with one number in two forms',
      { trunks: TRUNK, rules: { SDR_1: { numbers: ['+442079460001'] }, SDR_2: { numbers: ['442079460001', '100'] } } },
      /without trunk_ids: every call to every trunk is answered 503/,
    ],
    [
      'one rule with two forms of one number',
      { trunks: TRUNK, rules: { SDR_1: { ...on('ST_1'), numbers: ['+442079460001', '442079460001'] } } },
      /^SDR_1 names 442079460001 a second time in another form, and so clashes with itself/,
    ],
    ['one rule with one trunk twice', { trunks: TRUNK, rules: { SDR_1: on('ST_1', 'ST_1') } }, /names one trunk twice/],
  ],
  hasNot: [
    [
      'one of them has a pin',
      { trunks: TRUNK, rules: { SDR_1: on('ST_1'), SDR_2: { ...on('ST_1'), ...direct('lobby', '4711') } } },
    ],
    [
      'one of them is for one number',
      { trunks: TRUNK, rules: { SDR_1: on('ST_1'), SDR_2: { ...on('ST_1'), numbers: ['+442079460001'] } } },
    ],
    ['they are for two trunks', { trunks: TWO, rules: { SDR_1: on('ST_1'), SDR_2: on('ST_2') } }],
    ['one of them is a wildcard rule', { trunks: TRUNK, rules: { SDR_1: on('ST_1'), SDR_2: {} } }],
    [
      'the trunk on which they meet is gone',
      { trunks: TWO, rules: { SDR_1: on('ST_1', 'ST_old'), SDR_2: on('ST_2', 'ST_old') } },
    ],
  ],
});

tableOf('dispatch_rule_unreachable', {
  has: [
    [
      'its number is another trunk’s',
      { trunks: TWO, rules: { SDR_1: { ...on('ST_1'), numbers: ['+442079460002'] } } },
      /^SDR_1 gets no call: ST_1 takes calls to \+442079460001, not to \+442079460002\.$/,
    ],
    [
      'its caller is kept out by the trunk',
      {
        trunks: { ST_1: { ...TRUNK.ST_1, allowed_numbers: ['+15550100'] } },
        rules: { SDR_1: { ...on('ST_1'), inbound_numbers: ['+15550101'] } },
      },
      /ST_1 takes calls from \+15550100, not from \+15550101/,
    ],
    [
      'a rule for the trunk’s only number comes before the rule for any',
      {
        trunks: TRUNK,
        rules: { SDR_1: on('ST_1'), SDR_2: { ...on('ST_1'), ...direct('lobby'), numbers: ['+442079460001'] } },
      },
      /^SDR_1 gets no call: on ST_1 SDR_2 comes first for all that it takes/,
    ],
    [
      'a direct rule for the number comes before the individual rule for a caller',
      {
        trunks: TRUNK,
        rules: {
          SDR_1: { ...on('ST_1'), inbound_numbers: ['+15550100'] },
          SDR_2: { ...on('ST_1'), ...direct('lobby'), numbers: ['+442079460001'] },
        },
      },
    ],
    [
      'two rules together come before it',
      {
        trunks: { ST_1: { numbers: ['+442079460001', '+442079460002'] } },
        rules: {
          SDR_1: on('ST_1'),
          SDR_2: { ...on('ST_1'), numbers: ['+442079460001'] },
          SDR_3: { ...on('ST_1'), numbers: ['+442079460002'] },
        },
      },
      /on ST_1 SDR_2, SDR_3 come first/,
    ],
  ],
  hasNot: [
    ['its number is the trunk’s', { trunks: TRUNK, rules: { SDR_1: { ...on('ST_1'), numbers: ['+442079460001'] } } }],
    [
      'its number is that of one of its two trunks',
      { trunks: TWO, rules: { SDR_1: { ...on('ST_1', 'ST_2'), numbers: ['+442079460002'] } } },
    ],
    [
      'the rule that comes first takes one of two numbers',
      {
        trunks: { ST_1: { numbers: ['+442079460001', '+442079460002'] } },
        rules: { SDR_1: on('ST_1'), SDR_2: { ...on('ST_1'), numbers: ['+442079460001'] } },
      },
    ],
    [
      'the individual rule for a caller comes before the callee rule for the number',
      {
        trunks: TRUNK,
        rules: {
          SDR_1: { ...on('ST_1'), inbound_numbers: ['+15550100'] },
          SDR_2: { ...on('ST_1'), rule: { dispatch_rule_callee: { room_prefix: 'desk' } }, numbers: ['+442079460001'] },
        },
      },
    ],
    [
      'the rule that comes first asks for a pin, which the caller may leave out',
      {
        trunks: TRUNK,
        rules: { SDR_1: on('ST_1'), SDR_2: { ...on('ST_1'), ...direct('lobby', '4711'), numbers: ['+442079460001'] } },
      },
    ],
    [
      'it is a wildcard rule, which calls that no trunk matched reach',
      { trunks: TRUNK, rules: { SDR_1: on('ST_1'), SDR_2: {} } },
    ],
    ['its trunks are gone, which is another finding', { trunks: TRUNK, rules: { SDR_1: on('ST_old') } }],
    [
      'rules clash, so that none is chosen',
      {
        trunks: TRUNK,
        rules: { SDR_1: on('ST_1'), SDR_2: on('ST_1'), SDR_3: { ...on('ST_1'), numbers: ['+442079460001'] } },
      },
    ],
  ],
});

tableOf('dispatch_rule_of_unknown_kind', {
  has: [
    [
      'a rule without a kind',
      { trunks: TRUNK, rules: { SDR_1: { ...on('ST_1'), rule: {} } } },
      /^SDR_1, for ST_1, is of no kind/,
    ],
  ],
  hasNot: [['a callee rule', { trunks: TRUNK, rules: { SDR_1: { rule: { dispatch_rule_callee: {} } } } }]],
});

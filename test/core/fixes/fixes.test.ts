import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atOnce } from '../../../src/core/atOnce.ts';
import { applyChanges, concerning } from '../../../src/core/fixes/apply.ts';
import { createCallBody, dialVerb } from '../../../src/core/fixes/dialPaste.ts';
import { effectsInSteps } from '../../../src/core/fixes/effects.ts';
import { exposures } from '../../../src/core/fixes/exposures.ts';
import { type Change, pasteOf, shellQuote, trunkName } from '../../../src/core/fixes/fix.ts';
import { deleteRule, nameAgent, newRule, setNumbers, setTrunks } from '../../../src/core/fixes/ruleFix.ts';
import { deleteTrunkFix, newTrunkFix, trunkListFix } from '../../../src/core/fixes/trunkFix.ts';
import { sharedAgentNames } from '../../../src/core/trunks/agents.ts';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';
import { bodiesOf, lkOf } from './runCommands.ts';

const TRUNK = parseTrunk({
  sip_trunk_id: 'ST_1',
  name: 'main line',
  numbers: ['+15550100'],
  allowed_numbers: ['+15550123'],
  auth_username: 'anna',
  auth_password: 'secret',
  krisp_enabled: true,
});
const OTHER = parseTrunk({ sip_trunk_id: 'ST_2', numbers: ['+15550142'] });
const RULE = parseRule({
  sip_dispatch_rule_id: 'SDR_1',
  rule: { dispatch_rule_individual: { room_prefix: 'call-', pin: '1234' } },
  trunk_ids: ['ST_1'],
  numbers: ['+15550100'],
  metadata: 'kept',
});
const SECOND_RULE = {
  sip_dispatch_rule_id: 'SDR_2',
  rule: { dispatch_rule_direct: { room_name: 'desk' } },
  trunk_ids: ['ST_2'],
};
const SECOND = parseRule(SECOND_RULE);
const KNOWN = new Snapshot({ trunks: [TRUNK, OTHER], rules: [RULE, SECOND] });

describe('a shell word', () => {
  for (const [text, quoted] of [
    ['ST_1', 'ST_1'],
    ['+15550100', '+15550100'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['two words', "'two words'"],
    ["it's", "'it'\\''s'"],
    ['', "''"],
  ] as const) {
    it(`${JSON.stringify(text)} is ${quoted}`, () => assert.equal(shellQuote(text), quoted));
  }
});

describe('the dial verb with every change', () => {
  const verb = (to: string, ...changes: Change[]) => JSON.parse(dialVerb(to, changes).text);
  const TO = 'sip:desk@old.example;transport=tcp';
  const dial = (more: object): Change => ({ kind: 'dial', ...more });

  it('applies each change, and the first of two that differ', () => {
    assert.deepEqual(verb(TO, dial({ host: 'new.example' }), dial({ host: 'late.example', user: '+15550100' })), {
      verb: 'dial',
      target: [{ type: 'sip', sipUri: 'sip:+15550100@new.example;transport=tcp' }],
    });
  });

  it('keeps the parts that no dial change names, and ignores other changes', () => {
    const others: Change[] = [{ kind: 'delete_trunk', sip_trunk_id: 'ST_1' }];
    assert.equal(
      dialVerb(TO, [dial({ username: 'anna' })]).text,
      `{
  "verb": "dial",
  "target": [
    {
      "type": "sip",
      "sipUri": "${TO}",
      "auth": {
        "username": "anna",
        "password": "<the password of the trunk>"
      }
    }
  ],
  "tag": {
    "sipwhy": {
      "auth_username": "anna"
    }
  }
}`,
    );
    assert.deepEqual(verb(TO, ...others).target, [{ type: 'sip', sipUri: TO }]);
    assert.equal(verb('<sips:a@b>', dial({ user: 'x y' })).target[0].sipUri, '<sips:x%20y@b>');
  });

  it('has the username, and the tag that reports it', () => {
    const { target, tag } = verb(TO, dial({ username: 'anna' }));
    assert.equal(target[0].auth.username, 'anna');
    assert.deepEqual(tag, { sipwhy: { auth_username: 'anna' } });
  });
});

it('the body of createCall has every change under to', () => {
  const body = createCallBody('sip:+15550100@old.example;transport=tls', [
    { kind: 'dial', host: 'new.example' },
    { kind: 'dial', user: '15550100' },
    { kind: 'dial', username: 'anna' },
    { kind: 'dial', srtp: true },
  ]);
  assert.equal(body.label, 'createCall, these fields (fill in each <…> first)');
  assert.deepEqual(JSON.parse(body.text), {
    to: {
      type: 'sip',
      sipUri: 'sip:15550100@new.example;transport=tls',
      auth: { username: 'anna', password: '<the password of the trunk>' },
      headers: { 'X-Jambonz-SRTP': 'sdes' },
    },
    tag: { sipwhy: { auth_username: 'anna' } },
  });
  const plain = createCallBody('sip:a@old.example', [{ kind: 'dial', user: 'b' }]);
  assert.deepEqual(JSON.parse(plain.text), { to: { type: 'sip', sipUri: 'sip:b@old.example' } });
});

describe('a change of a trunk’s list', () => {
  it('is sent to the API as the difference, and to lk as the whole list of numbers', () => {
    const fix = trunkListFix(TRUNK, 'numbers', { add: ['+1 555'], remove: ['+15550100'] }, '');
    assert.deepEqual(bodiesOf(fix), [
      { sip_trunk_id: 'ST_1', update: { numbers: { add: ['+1 555'], remove: ['+15550100'] } } },
    ]);
    assert.equal(lkOf(fix), "lk sip inbound update --id ST_1 --numbers '+1 555'");
    const kept = trunkListFix(TRUNK, 'numbers', { add: ['+15550100', '+15550177'] }, '');
    assert.equal(lkOf(kept), 'lk sip inbound update --id ST_1 --numbers +15550100 --numbers +15550177');
  });
});

describe('the label of what there is to paste', () => {
  const FILL_IN = ' (fill in each <…> first)';
  const labels = ({ pastes }: { pastes: readonly { label: string }[] }) => pastes.map(({ label }) => label);
  const ruleWith = (fields: object) => parseRule({ ...SECOND_RULE, ...fields });
  const READY = ['lk', 'curl'];
  const TO_FILL_IN = [`lk${FILL_IN}`, `curl${FILL_IN}`];
  for (const [what, fix, wanted] of [
    ['a rule without placeholders', setNumbers(SECOND, { numbers: ['1'] }, ''), READY],
    ['a rule with metadata', setNumbers(ruleWith({ metadata: 'x' }), { numbers: ['1'] }, ''), TO_FILL_IN],
    ['a rule with attributes', setNumbers(ruleWith({ attributes: { desk: 'x' } }), { numbers: ['1'] }, ''), TO_FILL_IN],
    [
      'a rule with metadata of its agent',
      setNumbers(ruleWith({ room_config: { agents: [{ agent_name: 'a', metadata: 'x' }] } }), { numbers: ['1'] }, ''),
      TO_FILL_IN,
    ],
    [
      'a rule with a pin',
      setNumbers(ruleWith({ rule: { dispatch_rule_direct: { room_name: 'desk', pin: '1' } } }), { numbers: ['1'] }, ''),
      TO_FILL_IN,
    ],
    ['a rule whose agent only a person knows', nameAgent(SECOND, ''), TO_FILL_IN],
    ['an update of one field', setTrunks(RULE, ['ST_1'], ''), READY],
    ['a list of a trunk with a password', trunkListFix(TRUNK, 'allowed_numbers', { add: ['1'] }, ''), ['curl']],
  ] as const) {
    it(what, () => assert.deepEqual(labels(fix), wanted));
  }

  it('a dial verb with a password', () =>
    assert.equal(dialVerb('<sip:a@b>', [{ kind: 'dial', username: 'anna' }]).label, `Dial verb${FILL_IN}`));

  it('a dial verb without one', () =>
    assert.equal(dialVerb('<sip:a@b>', [{ kind: 'dial', user: 'x y' }]).label, 'Dial verb'));

  it('says it once', () => {
    const first = pasteOf({ label: 'label', format: 'json', text: '"<the pin of the rule>"' });
    assert.equal(pasteOf(first).label, `label${FILL_IN}`);
  });
});

describe('a new trunk', () => {
  it('allows the known addresses', () => {
    const trunkOf = (addresses: string[]) => Object(bodiesOf(newTrunkFix('+15550100', addresses, []))[0]).trunk;
    assert.deepEqual(trunkOf(['192.0.2.10']).allowed_addresses, ['192.0.2.10']);
    assert.deepEqual(trunkOf([]), { name: 'Jambonz', numbers: ['+15550100'] });
  });
});

describe('a new rule', () => {
  const AGENT = {
    dispatch_rule: { rule: { dispatch_rule_individual: { room_prefix: 'call-' } }, trunk_ids: ['ST_1'] },
  };

  it('dispatches the agents that every other rule dispatches', () => {
    const fix = newRule(TRUNK, ['desk', 'night']);
    assert.equal(
      fix.action,
      'Create a dispatch rule for ST_1 "main line". Like every other rule, it dispatches "desk", "night".',
    );
    const agents = [{ agent_name: 'desk' }, { agent_name: 'night' }];
    assert.deepEqual(bodiesOf(fix), [{ dispatch_rule: { ...AGENT.dispatch_rule, room_config: { agents } } }]);
  });

  it('that names no agent says so', () => {
    const fix = newRule(TRUNK, []);
    assert.equal(
      fix.action,
      'Create a dispatch rule for ST_1 "main line". If the worker has an agent_name, name it in room_config.agents of the rule: otherwise the call rings, and no agent joins.',
    );
    assert.deepEqual(bodiesOf(fix), [AGENT]);
    assert.deepEqual(fix.change, { kind: 'new_rule', trunk_ids: ['ST_1'] });
  });

  it('of a new trunk does the same', () => {
    const fix = newTrunkFix('+15550100', [], ['desk']);
    assert.match(fix.action, /Like every other rule, it dispatches "desk"\.$/);
    assert.deepEqual(Object(bodiesOf(fix)[1]).dispatch_rule.room_config, { agents: [{ agent_name: 'desk' }] });
    assert.match(newTrunkFix('+15550100', [], []).action, /name it in room_config\.agents of the rule/);
  });
});

describe('the agents that all rules share', () => {
  const ruleOf = (...names: string[]) => ({
    ...SECOND,
    rest: { room_config: { agents: names.map((agent_name) => ({ agent_name })) } },
  });
  for (const [what, rules, wanted] of [
    ['of one rule', [ruleOf('b', 'a')], ['a', 'b']],
    ['of two rules, in any order', [ruleOf('b', 'a'), ruleOf('a', 'b', 'b')], ['a', 'b']],
    ['of two rules that differ', [ruleOf('a'), ruleOf('b')], []],
    ['of two rules, one of which has one more', [ruleOf('a'), ruleOf('a', 'b')], []],
    ['of a rule that names none beside one that does', [ruleOf('a'), SECOND], []],
    ['of a rule without any', [SECOND], []],
    ['without rules', [], []],
  ] as const) {
    it(what, () => assert.deepEqual(sharedAgentNames(rules), wanted));
  }
});

describe('a change of a rule', () => {
  it('of its numbers replaces the whole rule, without showing the pin', () => {
    const fix = setNumbers(RULE, { numbers: [], inbound_numbers: ['+15550123'] }, 'Do it.');
    assert.deepEqual(bodiesOf(fix), [
      {
        sip_dispatch_rule_id: 'SDR_1',
        replace: {
          rule: { dispatch_rule_individual: { room_prefix: 'call-', pin: '<the pin of the rule>' } },
          trunk_ids: ['ST_1'],
          inbound_numbers: ['+15550123'],
          metadata: '<not stored by sipwhy>',
        },
      },
    ]);
    const [open] = bodiesOf(setNumbers(SECOND, { numbers: ['1'] }, ''));
    assert.deepEqual(Object(open).replace.rule, { dispatch_rule_direct: { room_name: 'desk' } });
  });

  it('of an unknown kind has nothing to paste', () => {
    const { kind: _, ...rest } = RULE;
    const fix = setNumbers({ ...rest, kind: undefined }, { numbers: [] }, 'Do it.');
    assert.deepEqual(fix, { action: 'Do it.', pastes: [] });
  });

  it('of its trunks names each of them', () => {
    assert.equal(
      lkOf(setTrunks(RULE, ['ST_1', 'ST_2'], '')),
      'lk sip dispatch update --id SDR_1 --trunks ST_1 --trunks ST_2',
    );
  });

  it('deletes what it names', () => {
    assert.equal(deleteRule(RULE, ', if it is not needed').action, 'Delete SDR_1, if it is not needed.');
    assert.equal(deleteTrunkFix(TRUNK, '').action, 'Delete ST_1 "main line".');
    assert.equal(trunkName(OTHER), 'ST_2');
  });
});

describe('a copy of the configuration', () => {
  const changed = (change: Change) => applyChanges(KNOWN, [change]);
  const idsOf = ({ trunks, rules }: Snapshot) => [
    ...trunks.map(({ sip_trunk_id }) => sip_trunk_id),
    ...rules.map(({ sip_dispatch_rule_id }) => sip_dispatch_rule_id),
  ];

  it('has entries added once, and others removed, on that trunk alone', () => {
    const edited = changed({
      kind: 'trunk',
      sip_trunk_id: 'ST_1',
      field: 'numbers',
      add: ['+15550142', '+15550199'],
      remove: ['+15550100'],
    });
    assert.deepEqual(
      edited.trunks.map(({ numbers }) => numbers),
      [['+15550142', '+15550199'], ['+15550142']],
    );
    const again = changed({ kind: 'trunk', sip_trunk_id: 'ST_2', field: 'numbers', add: ['+15550142'] });
    assert.deepEqual(again.trunks[1]?.numbers, ['+15550142']);
  });

  it('has a new trunk with a rule of its own', () => {
    const { trunks, rules } = changed({ kind: 'new_trunk', numbers: ['1'], allowed_addresses: ['192.0.2.1'] });
    const [, , trunk] = trunks;
    assert.deepEqual([trunk?.numbers, trunk?.allowed_addresses, trunk?.has_password], [['1'], ['192.0.2.1'], false]);
    assert.deepEqual([rules.length, rules[2]?.trunk_ids], [3, [trunk?.sip_trunk_id]]);
  });

  it('lacks what is deleted', () => {
    assert.deepEqual(idsOf(changed({ kind: 'delete_trunk', sip_trunk_id: 'ST_1' })), ['ST_2', 'SDR_1', 'SDR_2']);
    assert.deepEqual(idsOf(changed({ kind: 'delete_rule', sip_dispatch_rule_id: 'SDR_1' })), ['ST_1', 'ST_2', 'SDR_2']);
  });

  it('has the lists of that rule set, and its other fields unchanged', () => {
    const { rules } = changed({ kind: 'rule', sip_dispatch_rule_id: 'SDR_1', lists: { trunk_ids: ['ST_2'] } });
    assert.deepEqual(
      rules.map(({ trunk_ids, numbers }) => [trunk_ids, numbers]),
      [
        [['ST_2'], ['+15550100']],
        [['ST_2'], []],
      ],
    );
  });

  it('has a new rule for the named trunks', () => {
    assert.deepEqual(changed({ kind: 'new_rule', trunk_ids: ['ST_2'] }).rules[2]?.trunk_ids, ['ST_2']);
  });

  it('is unchanged by a changed dial verb', () => assert.equal(changed({ kind: 'dial' }), KNOWN));

  it('holds the trunks that a called number involves, and the changed ones', () => {
    const left = (called: string[], changes: Change[]) =>
      concerning(
        KNOWN,
        called.map((number) => ({
          called: number,
          caller: undefined,
          sources: [],
          declaredAuth: undefined,
          strictAddresses: false,
        })),
        changes,
      ).trunks.map(({ sip_trunk_id }) => sip_trunk_id);
    assert.deepEqual(left(['15550100'], []), ['ST_1']);
    assert.deepEqual(left(['15550100'], [{ kind: 'delete_trunk', sip_trunk_id: 'ST_2' }]), ['ST_1', 'ST_2']);
    assert.deepEqual(left(['15550100'], [{ kind: 'dial', user: '15550142' }]), ['ST_1']);
  });
});

describe('what a block of addresses opens', () => {
  const opened = (add: string[], fields: object = {}) => {
    const trunk = parseTrunk({ sip_trunk_id: 'ST_1', allowed_addresses: ['192.0.2.1', '128.0.0.0/1'], ...fields });
    const change: Change = { kind: 'trunk', sip_trunk_id: 'ST_1', field: 'allowed_addresses', add };
    const before = new Snapshot({ trunks: [trunk], rules: [] });
    return exposures(before, applyChanges(before, [change]));
  };
  const ALL = ['ST_1 accepts calls from every address without a password'];

  it('is everything if it contains every address, alone or with the blocks before', () => {
    assert.deepEqual(opened(['0.0.0.0/0']), ALL);
    assert.deepEqual(opened(['0.0.0.0/1']), ALL);
    assert.deepEqual(opened(['::/0']), ALL);
    assert.deepEqual(opened(['0.0.0.0/2']), []);
    assert.deepEqual(opened(['0.0.0.0/0'], { auth_username: 'anna', auth_password: 'secret' }), []);
  });
});

describe('what a change opens', () => {
  const exposed = (field: 'numbers' | 'allowed_numbers' | 'allowed_addresses', fields: object) => {
    const trunk = parseTrunk({ sip_trunk_id: 'ST_1', ...fields });
    const snapshot = new Snapshot({ trunks: [trunk], rules: [] });
    const change: Change = { kind: 'trunk', sip_trunk_id: 'ST_1', field, remove: trunk[field] };
    return atOnce(effectsInSteps(change, snapshot, [{ ...CALL, called: '+15550100' }])).exposes;
  };
  const CALL = { caller: '+15550123', sources: [], declaredAuth: undefined, strictAddresses: false };
  const BARRED = { allowed_addresses: ['192.0.2.1'] };
  for (const [field, fields, wanted] of [
    [
      'allowed_addresses',
      BARRED,
      [
        'ST_1 accepts calls from every address without a password',
        'allowed_addresses of ST_1 becomes empty: every address passes',
      ],
    ],
    [
      'allowed_addresses',
      { ...BARRED, auth_username: 'anna', auth_password: 'secret' },
      ['allowed_addresses of ST_1 becomes empty: every address passes'],
    ],
    [
      'allowed_numbers',
      { ...BARRED, allowed_numbers: ['1'] },
      ['allowed_numbers of ST_1 becomes empty: every caller passes'],
    ],
    [
      'numbers',
      { ...BARRED, numbers: ['+15550100'] },
      ['numbers of ST_1 becomes empty: the trunk accepts every called number'],
    ],
    ['allowed_numbers', BARRED, []],
    ['allowed_numbers', {}, []],
  ] as const) {
    it(`${field} of ${JSON.stringify(fields)}`, () => assert.deepEqual(exposed(field, fields), wanted));
  }
});

describe('what a change leaves to an open trunk', () => {
  const N = '+15550100';
  const GUARDED = { sip_trunk_id: 'ST_1', numbers: [N], auth_username: 'anna', auth_password: 'secret' };
  const OPEN = { sip_trunk_id: 'ST_2', numbers: [N] };
  const TAKES_N = 'ST_2 takes calls to +15550100 from every address without a password';
  const removal = (id: string): Change => ({ kind: 'trunk', sip_trunk_id: id, field: 'numbers', remove: [N] });
  const deletion = (id: string): Change => ({ kind: 'delete_trunk', sip_trunk_id: id });
  for (const [what, trunks, change, wanted] of [
    ['deleting the trunk with a password', [GUARDED, OPEN], deletion('ST_1'), [TAKES_N]],
    ['deleting the open one', [GUARDED, OPEN], deletion('ST_2'), []],
    [
      'deleting one with addresses',
      [{ ...GUARDED, auth_username: '', allowed_addresses: ['192.0.2.1'] }, OPEN],
      deletion('ST_1'),
      [TAKES_N],
    ],
    ['deleting another open one', [{ ...GUARDED, auth_password: '' }, OPEN], deletion('ST_1'), []],
    ['deleting one for another number', [{ ...GUARDED, numbers: ['+15550101'] }, OPEN], deletion('ST_1'), []],
    [
      'deleting one beside a second one with a password',
      [GUARDED, OPEN, { ...GUARDED, sip_trunk_id: 'ST_3' }],
      deletion('ST_1'),
      [],
    ],
    ['taking the number off it', [{ ...GUARDED, numbers: [N, '+15550101'] }, OPEN], removal('ST_1'), [TAKES_N]],
    [
      'taking a caller off it',
      [{ ...GUARDED, allowed_numbers: ['+15550123', '+15550142'] }, OPEN],
      { kind: 'trunk', sip_trunk_id: 'ST_1', field: 'allowed_numbers', remove: ['+15550123'] },
      [TAKES_N],
    ],
    [
      'making the open one the first for a number that both take',
      [
        { ...GUARDED, numbers: [] },
        { ...OPEN, numbers: [] },
      ],
      { kind: 'trunk', sip_trunk_id: 'ST_2', field: 'numbers', add: [N] },
      [TAKES_N],
    ],
    [
      'making the one with a password the first for it, which leaves all others',
      [
        { ...GUARDED, numbers: [] },
        { ...OPEN, numbers: [] },
      ],
      { kind: 'trunk', sip_trunk_id: 'ST_1', field: 'numbers', add: [N] },
      ['ST_2 takes calls to numbers that no trunk lists from every address without a password'],
    ],
  ] as const) {
    it(what, () => {
      const snapshot = new Snapshot({ trunks: trunks.map(parseTrunk), rules: [] });
      const call = { called: N, caller: undefined, sources: [], declaredAuth: undefined, strictAddresses: false };
      assert.deepEqual(atOnce(effectsInSteps(change, snapshot, [call])).exposes, wanted);
    });
  }
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readConfiguration } from '../../../../src/core/trunks/configurationFile.ts';
import { RULE, TRUNK } from './deskConfiguration.ts';

const LK_TRUNK = { sipTrunkId: 'ST_1', name: 'desk', numbers: ['+12025550123'] };

describe('a configuration file', () => {
  const trunks = (...inbound_trunks: readonly unknown[]) => ({ inbound_trunks, dispatch_rules: [] });
  const rules = (...dispatch_rules: readonly unknown[]) => ({ inbound_trunks: [], dispatch_rules });
  const refused: readonly [string, unknown, RegExp][] = [
    [
      'gives a list of a trunk twice',
      trunks({ sip_trunk_id: 'ST_1', allowed_addresses: ['203.0.113.10'], allowedAddresses: [] }),
      /^\/inbound_trunks\/0 gives one field twice, as allowed_addresses and as allowedAddresses$/,
    ],
    [
      'gives an id twice, once without a value',
      rules({ ...RULE, sipDispatchRuleId: null }),
      /^\/dispatch_rules\/0 gives one field twice, as sip_dispatch_rule_id and as sipDispatchRuleId$/,
    ],
    [
      'gives an agent’s name twice',
      rules({ ...RULE, room_config: { agents: [{ agent_name: 'a', agentName: 'b' }] } }),
      /^\/dispatch_rules\/0\/room_config\/agents\/0 gives one field twice, as agent_name and as agentName$/,
    ],
    [
      'misspells a list',
      trunks({ ...TRUNK, allowed_adresses: ['203.0.113.10'] }),
      /^\/inbound_trunks\/0 has the unknown field allowed_adresses$/,
    ],
    ['writes a field in Go’s way', trunks({ ...TRUNK, AuthPassword: 'x' }), /unknown field AuthPassword/],
    [
      'has a field of the older trunks',
      trunks({ ...TRUNK, inbound_addresses: ['203.0.113.10'] }),
      /unknown field inbound_addresses/,
    ],
    [
      'misspells the pin',
      rules({ ...RULE, rule: { dispatch_rule_direct: { room_name: 'desk', PIN: '1' } } }),
      /^\/dispatch_rules\/0\/rule\/dispatch_rule_direct has the unknown field PIN$/,
    ],
    [
      'has a kind of rule that isn’t known',
      rules({ ...RULE, rule: { dispatch_rule_menu: { a: 1 } } }),
      /^\/dispatch_rules\/0\/rule has the unknown field dispatch_rule_menu$/,
    ],
    [
      'has an encryption that isn’t one',
      trunks({ ...TRUNK, media: { encryption: 'require' } }),
      /^\/inbound_trunks\/0\/media\/encryption must be one of SIP_MEDIA_ENCRYPT_DISABLE, /,
    ],
    [
      'has a number that no encryption has',
      trunks({ ...TRUNK, media_encryption: 3 }),
      /^\/inbound_trunks\/0\/media_encryption must be one of /,
    ],
    [
      'has a word for true',
      trunks({ ...TRUNK, media: { only_listed_codecs: 'yes' } }),
      /^\/inbound_trunks\/0\/media\/only_listed_codecs must be true or false$/,
    ],
    [
      'has a list that is text',
      trunks({ ...TRUNK, allowed_addresses: '203.0.113.10' }),
      /^\/inbound_trunks\/0\/allowed_addresses must be/,
    ],
    [
      'has a trunk to create that LiveKit would not create',
      trunks({ name: 'desk', allowed_numbers: ['+4915112345678'] }),
      /^\/inbound_trunks\/0 has none of sip_trunk_id, numbers, allowed_addresses, auth_username, auth_password$/,
    ],
    ['has an empty trunk', trunks({}), /^\/inbound_trunks\/0 has none of sip_trunk_id, /],
    ['has an empty trunk to create', trunks({ trunk: {} }), /^\/inbound_trunks\/0\/trunk has none of sip_trunk_id, /],
    [
      'has a rule to create without its kind',
      rules({ name: 'desk', numbers: ['+12025550123'] }),
      /^\/dispatch_rules\/0 has none of sip_dispatch_rule_id, rule$/,
    ],
    [
      'has a field beside the rule to create',
      rules({ dispatch_rule: { rule: RULE.rule }, trunk_ids: ['ST_1'] }),
      /^\/dispatch_rules\/0 has trunk_ids beside dispatch_rule; put it into dispatch_rule$/,
    ],
    [
      'has a rule among the trunks',
      trunks({ rule: RULE.rule, numbers: ['+12025550123'] }),
      /^\/inbound_trunks\/0 has the unknown field rule$/,
    ],
    ['has only trunks', { inbound_trunks: [TRUNK] }, /^\/dispatch_rules is missing; write \[\] if there are none$/],
    [
      'is lk’s answer alone',
      { items: [LK_TRUNK] },
      /neither inbound_trunks nor dispatch_rules: put what `lk sip inbound list --json` prints/,
    ],
    ['is a list', [TRUNK], /neither inbound_trunks nor dispatch_rules/],
    ['is text', 'inbound_trunks', /neither inbound_trunks nor dispatch_rules/],
    [
      'has something else for a list',
      { inbound_trunks: { desk: TRUNK }, dispatch_rules: [] },
      /^\/inbound_trunks must be a list, an object with items, or one trunk$/,
    ],
    [
      'has text for a list',
      { inbound_trunks: 'desk', dispatch_rules: 'desk' },
      /^\/inbound_trunks must be a list, an object with items, or one trunk$/,
    ],
    [
      'misspells a field of its only trunk',
      { inbound_trunks: { ...TRUNK, allowed_adresses: ['203.0.113.10'] }, dispatch_rules: [] },
      /^\/inbound_trunks has the unknown field allowed_adresses$/,
    ],
  ];
  for (const [what, json, fault] of refused) {
    it(`that ${what} is refused by name`, () => {
      const reading = readConfiguration(json);
      assert.ok(!reading.ok);
      assert.match(reading.faults[0] ?? '', fault);
    });
  }

  for (const [length, shown] of [
    [60, 'x'.repeat(60)],
    [61, `${'x'.repeat(60)}…`],
  ] as const) {
    it(`names an unknown field of ${length} characters`, () => {
      const reading = readConfiguration(trunks({ ...TRUNK, ['x'.repeat(length)]: 1 }));
      assert.deepEqual(reading, { ok: false, faults: [`/inbound_trunks/0 has the unknown field ${shown}`] });
    });
  }

  it('never quotes a value in a fault', () => {
    const reading = readConfiguration(trunks({ ...TRUNK, authPassword: 's3cret', pass_word: 's3cret' }));
    assert.ok(!reading.ok);
    assert.doesNotMatch(reading.faults.join(), /s3cret/);
  });

  it('may have fields of newer releases while they are empty', () => {
    const newer = { ...TRUNK, newer_list: [], newer_text: '', newer_switch: false, newer_object: null };
    assert.ok(readConfiguration(trunks(newer)).ok);
  });

  it('may have anything in a room’s configuration', () => {
    assert.ok(readConfiguration(rules({ ...RULE, room_config: { egress: { room: {} }, newThing: 1 } })).ok);
  });

  it('may have empty lists, which lk leaves out', () => {
    const reading = readConfiguration({ inbound_trunks: {}, dispatch_rules: { items: [] } });
    assert.ok(reading.ok);
    assert.deepEqual([reading.snapshot.trunks, reading.snapshot.rules], [[], []]);
  });

  describe('for lk sip create', () => {
    const { sip_trunk_id: _, ...trunk } = TRUNK;
    const { sip_dispatch_rule_id: __, trunk_ids: ___, ...rule } = RULE;
    const read = (inbound_trunks: unknown, dispatch_rules: unknown) => {
      const reading = readConfiguration({ inbound_trunks, dispatch_rules });
      assert.ok(reading.ok, JSON.stringify(reading));
      return reading.snapshot;
    };
    const ids = (inbound_trunks: unknown, dispatch_rules: unknown) => {
      const snapshot = read(inbound_trunks, dispatch_rules);
      return [
        ...snapshot.trunks.map(({ sip_trunk_id }) => sip_trunk_id),
        ...snapshot.rules.map(({ sip_dispatch_rule_id }) => sip_dispatch_rule_id),
      ];
    };

    for (const [what, inbound_trunks, dispatch_rules] of [
      ['wrapped', [{ trunk }, { trunk }], [{ dispatch_rule: rule }]],
      ['flat', [trunk, trunk], [rule]],
      ['with empty ids', [{ ...trunk, sip_trunk_id: '' }, trunk], [{ ...rule, sipDispatchRuleId: '' }]],
    ] as const) {
      it(`has stand-ins for the ids that are not given yet, ${what}`, () => {
        assert.deepEqual(ids(inbound_trunks, dispatch_rules), ['<trunk 1>', '<trunk 2>', '<dispatch_rule 1>']);
      });
    }

    it('may have its one trunk and its one rule without lists', () => {
      assert.deepEqual(ids(trunk, rule), ['<trunk 1>', '<dispatch_rule 1>']);
      assert.deepEqual(ids({ trunk }, { dispatchRule: rule }), ['<trunk 1>', '<dispatch_rule 1>']);
    });

    it('gives its only trunk the only id that the rules name, and says so', () => {
      const bound = { ...rule, trunk_ids: ['ST_1'] };
      const snapshot = read([{ trunk }], [bound, { ...bound, numbers: ['+12025550124'] }]);
      assert.deepEqual(
        snapshot.trunks.map(({ sip_trunk_id, has_assumed_id }) => [sip_trunk_id, has_assumed_id]),
        [['ST_1', true]],
      );
    });

    for (const [what, inbound_trunks, bound, fault] of [
      [
        'two trunks',
        [trunk, { ...trunk, name: '' }],
        [['ST_1']],
        /^a dispatch rule is bound to ST_1, .* the sip_trunk_id of desk, <trunk 2>, /,
      ],
      ['a trunk beside one with an id', [trunk, TRUNK], [['ST_2']], /bound to ST_2, .* the sip_trunk_id of desk, /],
      ['one trunk and two ids', [trunk], [['ST_1'], ['ST_2']], /bound to ST_1/],
    ] as const) {
      it(`is refused if a rule may mean another trunk: ${what}`, () => {
        const dispatch_rules = bound.map((trunk_ids) => ({ ...rule, trunk_ids }));
        const reading = readConfiguration({ inbound_trunks, dispatch_rules });
        assert.ok(!reading.ok);
        assert.match(reading.faults[0] ?? '', fault);
      });
    }

    it('leaves the ids of trunks that have one as they are', () => {
      const snapshot = read([TRUNK], [{ ...rule, trunk_ids: ['ST_9'] }]);
      assert.deepEqual(
        snapshot.trunks.map(({ sip_trunk_id, has_assumed_id }) => [sip_trunk_id, has_assumed_id]),
        [['ST_1', undefined]],
      );
    });
  });
});

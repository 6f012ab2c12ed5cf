import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { SIPDispatchRuleInfo, SIPInboundTrunkInfo } from '@livekit/protocol';
import { readConfiguration } from '../../src/core/trunks/configurationFile.ts';
import { type Form, jsonName, RULE_FORM, TRUNK_FORM } from '../../src/core/trunks/configurationForms.ts';
import { mediaOf } from '../../src/core/trunks/media.ts';
import { readYaml } from '../../src/core/trunks/yamlText.ts';

const TRUNK = {
  sip_trunk_id: 'ST_1',
  name: 'desk',
  numbers: ['+12025550123'],
  allowed_addresses: ['203.0.113.10'],
  allowed_numbers: ['+4915112345678'],
  auth_username: 'desk',
  auth_password: 'x',
  ringing_timeout: '20s',
  media: {
    only_listed_codecs: true,
    codecs: [{ name: 'PCMU', rate: 8000 }],
    encryption: 'SIP_MEDIA_ENCRYPT_REQUIRE',
    media_timeout: '5s',
  },
};
const RULE = {
  sip_dispatch_rule_id: 'SDR_1',
  rule: { dispatch_rule_individual: { room_prefix: 'call-', pin: '1234' } },
  trunk_ids: ['ST_1'],
  inbound_numbers: ['+4915112345678'],
  numbers: ['+12025550123'],
  room_config: { agents: [{ agent_name: 'desk-agent' }] },
};

/** With the names of protobuf's JSON, all the way down. */
function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [jsonName(key), camel(one)]));
}

const SDK_TRUNK = SIPInboundTrunkInfo.fromJson(TRUNK);
const SDK_RULE = SIPDispatchRuleInfo.fromJson(RULE);

const YAML = `
# Trunks and rules, as somebody keeps them.
inbound_trunks:
  - sip_trunk_id: ST_1
    name: desk
    numbers: [+12025550123]
    allowed_addresses: [203.0.113.10]
    allowed_numbers:
      - +4915112345678
    auth_username: desk
    auth_password: x
    ringing_timeout: 20s
    media:
      only_listed_codecs: true
      codecs: [{ name: PCMU, rate: 8000 }]
      encryption: SIP_MEDIA_ENCRYPT_REQUIRE
      media_timeout: 5s
dispatch_rules:
  items:
    - sipDispatchRuleId: SDR_1
      rule:
        dispatchRuleIndividual: { roomPrefix: call-, pin: 1234 }
      trunkIds: [ST_1]
      inboundNumbers: [+4915112345678]
      numbers: [+12025550123]
      roomConfig: { agents: [{ agentName: desk-agent }] }
`;

function fromYaml(text: string): unknown {
  const reading = readYaml(text);
  assert.ok(reading.ok);
  return reading.value;
}

const camelTrunk = camel(TRUNK);
const camelRule = camel(RULE);

describe('the same trunk and rule are read from', () => {
  const forms: readonly [string, unknown][] = [
    ['the lists of the API', { inbound_trunks: [TRUNK], dispatch_rules: [RULE] }],
    ['the answers of the API', { inbound_trunks: { items: [TRUNK] }, dispatch_rules: { items: [RULE] } }],
    ['what lk prints', { inbound_trunks: { items: [camelTrunk] }, dispatch_rules: { items: [camelRule] } }],
    ['lists in lk’s names under lk’s keys', { inboundTrunks: [camelTrunk], dispatchRules: [camelRule] }],
    ['the API’s trunks and lk’s rules', { inbound_trunks: [TRUNK], dispatch_rules: { items: [camelRule] } }],
    [
      'what the JavaScript SDK prints',
      JSON.parse(JSON.stringify({ inbound_trunks: [SDK_TRUNK], dispatch_rules: [SDK_RULE] })),
    ],
    [
      'a copy of the SDK’s objects, with numbers for enums',
      JSON.parse(JSON.stringify({ inbound_trunks: [{ ...SDK_TRUNK }], dispatch_rules: [{ ...SDK_RULE }] })),
    ],
    ['files for lk sip create', { inbound_trunks: [{ trunk: TRUNK }], dispatch_rules: [{ dispatch_rule: RULE }] }],
    [
      'one such file each, in lk’s names',
      { inbound_trunks: { trunk: camelTrunk }, dispatch_rules: { dispatchRule: camelRule } },
    ],
    ['YAML', fromYaml(YAML)],
  ];
  for (const [what, json] of forms) {
    it(what, () => {
      const reading = readConfiguration(json);
      assert.ok(reading.ok, JSON.stringify(reading));
      const [trunk = assert.fail()] = reading.snapshot.trunks;
      const [rule = assert.fail()] = reading.snapshot.rules;
      const { rest: _, ...matched } = trunk;
      assert.deepEqual(matched, {
        sip_trunk_id: 'ST_1',
        name: 'desk',
        numbers: ['+12025550123'],
        allowed_addresses: ['203.0.113.10'],
        allowed_numbers: ['+4915112345678'],
        auth_username: 'desk',
        has_password: true,
        ringing_timeout_seconds: 20,
      });
      assert.deepEqual(mediaOf(trunk), {
        encryption: 'SIP_MEDIA_ENCRYPT_REQUIRE',
        olderEncryption: 'SIP_MEDIA_ENCRYPT_DISABLE',
        onlyListedCodecs: true,
        codecs: [{ name: 'PCMU', rate: 8000 }],
        timeoutSeconds: 5,
      });
      assert.deepEqual([rule.kind, rule.room, rule.pin], ['individual', 'call-', '1234']);
      assert.deepEqual(
        [rule.trunk_ids, rule.inbound_numbers, rule.numbers],
        [['ST_1'], ['+4915112345678'], ['+12025550123']],
      );
    });
  }

  it('lk’s names, down to the agent', () => {
    const reading = readConfiguration({ inbound_trunks: [], dispatch_rules: [camelRule] });
    assert.ok(reading.ok);
    assert.deepEqual(reading.snapshot.rules[0]?.rest.room_config, { agents: [{ agent_name: 'desk-agent' }] });
  });
});

describe('a configuration file', () => {
  const trunks = (...inbound_trunks: readonly unknown[]) => ({ inbound_trunks, dispatch_rules: [] });
  const rules = (...dispatch_rules: readonly unknown[]) => ({ inbound_trunks: [], dispatch_rules });
  const refused: readonly [string, unknown, RegExp][] = [
    [
      'mixes the names of a trunk',
      trunks({ sip_trunk_id: 'ST_1', allowedAddresses: ['203.0.113.10'] }),
      /^\/inbound_trunks\/0 mixes the names sip_trunk_id and allowedAddresses/,
    ],
    [
      'mixes the names of a rule',
      rules({ sipDispatchRuleId: 'SDR_1', trunk_ids: ['ST_1'] }),
      /^\/dispatch_rules\/0 mixes the names trunk_ids and sipDispatchRuleId/,
    ],
    [
      'mixes the names of media',
      trunks({ ...TRUNK, media: { onlyListedCodecs: true, media_timeout: '5s' } }),
      /^\/inbound_trunks\/0\/media mixes/,
    ],
    [
      'gives one field twice',
      trunks({ sip_trunk_id: 'ST_1', allowed_addresses: ['203.0.113.10'], allowedAddresses: [] }),
      /mixes the names sip_trunk_id and allowedAddresses/,
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
      'has a trunk without id',
      trunks({ numbers: ['+12025550123'] }),
      /^\/inbound_trunks\/0 must have required properties sip_trunk_id/,
    ],
    ['has only trunks', { inbound_trunks: [TRUNK] }, /^\/dispatch_rules is missing; write \[\] if there are none$/],
    [
      'is lk’s answer alone',
      { items: [camelTrunk] },
      /neither inbound_trunks nor dispatch_rules: put what `lk sip inbound list --json` prints/,
    ],
    ['is a list', [TRUNK], /neither inbound_trunks nor dispatch_rules/],
    ['is text', 'inbound_trunks', /neither inbound_trunks nor dispatch_rules/],
    [
      'has an object for a list',
      { inbound_trunks: TRUNK, dispatch_rules: [] },
      /^\/inbound_trunks must be a list, or an object with items$/,
    ],
  ];
  for (const [what, json, fault] of refused) {
    it(`that ${what} is refused by name`, () => {
      const reading = readConfiguration(json);
      assert.ok(!reading.ok);
      assert.match(reading.faults[0] ?? '', fault);
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

  it('for lk sip create has stand-ins for the ids that are not given yet', () => {
    const { sip_trunk_id: _, ...trunk } = TRUNK;
    const { sip_dispatch_rule_id: __, ...rule } = RULE;
    const reading = readConfiguration({
      inbound_trunks: [{ trunk }, { trunk }],
      dispatch_rules: [{ dispatch_rule: rule }],
    });
    assert.ok(reading.ok);
    assert.deepEqual(
      reading.snapshot.trunks.map(({ sip_trunk_id }) => sip_trunk_id),
      ['<trunk 1>', '<trunk 2>'],
    );
    assert.deepEqual(
      reading.snapshot.rules.map((one) => one.sip_dispatch_rule_id),
      ['<dispatch_rule 1>'],
    );
  });
});

describe('the case from the field: lk’s JSON as the configuration file', () => {
  const read = (name: string) =>
    readConfiguration(JSON.parse(readFileSync(new URL(`cases/22-${name}.json`, import.meta.url), 'utf8')));

  it('is read with its restrictions', () => {
    const reading = read('config');
    assert.ok(reading.ok);
    const [trunk] = reading.snapshot.trunks;
    assert.deepEqual(
      [trunk?.allowed_addresses, trunk?.auth_username, trunk?.has_password],
      [['203.0.113.10'], 'desk', true],
    );
    assert.deepEqual(reading.snapshot.rules[0]?.trunk_ids, ['ST_field1']);
  });
  it('is read where it is made of files for lk sip create', () => {
    const reading = read('create-files');
    assert.ok(reading.ok);
    assert.deepEqual([reading.snapshot.trunks[0]?.name, reading.snapshot.rules[0]?.room], ['desk', 'call-']);
  });
  it('is refused where half of it has the API’s names', () => {
    const reading = read('half-camel');
    assert.ok(!reading.ok);
    assert.match(reading.faults.join('\n'), /allowedAddresses.*\n.*trunkIds/);
  });
});

describe('the fields of', () => {
  for (const [what, message, form] of [
    ['a trunk', SIPInboundTrunkInfo, TRUNK_FORM],
    ['a dispatch rule', SIPDispatchRuleInfo, RULE_FORM],
  ] as const) {
    it(`${what} are those of LiveKit’s protocol`, () => compare(message, form));
  }

  function compare(message: Pick<typeof SIPInboundTrunkInfo, 'fields'>, form: Form): void {
    const fields = message.fields.list();
    if (form.isOpen) return;
    assert.deepEqual([...form.fields.keys()].sort(), fields.map(({ name }) => name).sort());
    for (const field of fields) {
      assert.equal(jsonName(field.name), field.jsonName);
      const nested = form.fields.get(field.name);
      if (nested && field.kind === 'message') compare(field.T, nested);
    }
  }
});

describe('YAML', () => {
  it('keeps a number as it is written', () => {
    assert.deepEqual(fromYaml('[+4930123456, 0049301234, 1e3, 0x10, 12.50, .inf, true, null, ~]'), [
      '+4930123456',
      '0049301234',
      '1e3',
      '0x10',
      '12.50',
      '.inf',
      true,
      null,
      null,
    ]);
  });
  for (const [what, text, line, fault] of [
    ['an alias', 'a: &a [1]\nb: *a\n', undefined, /alias/],
    ['a key twice', 'a: 1\na: 2\n', 2, /^not YAML: duplicate key$/],
    ['what is not YAML', 'a: "s3cret\nb: [', 2, /^not YAML: /],
    ['what nests without end', '- '.repeat(200_000), 1, /^not YAML: resource exhaustion$/],
    ['what is too long', ' '.repeat(8_000_001), undefined, /^longer than 8000000 characters$/],
  ] as const) {
    it(`with ${what} is refused, and not quoted`, () => {
      const reading = readYaml(text);
      assert.ok(!reading.ok);
      assert.match(reading.fault, fault);
      assert.doesNotMatch(reading.fault, /s3cret/);
      assert.equal(reading.line, line);
    });
  }
});

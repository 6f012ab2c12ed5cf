import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SIPDispatchRuleInfo, SIPInboundTrunkInfo } from '@livekit/protocol';
import { readConfiguration } from '../../../../src/core/trunks/configurationFile.ts';
import { type Form, jsonName, RULE_FORM, TRUNK_FORM } from '../../../../src/core/trunks/configurationForms.ts';
import { mediaOf } from '../../../../src/core/trunks/media.ts';
import { readYaml } from '../../../../src/core/trunks/yamlText.ts';
import { RULE, TRUNK } from './deskConfiguration.ts';

/** With the names of protobuf's JSON, all the way down. */
function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [jsonName(key), camel(one)]));
}

/** With the names of protobuf's JSON for every other field. */
function mixed(fields: object): object {
  const entries = Object.entries(fields);
  return Object.fromEntries(entries.map(([key, one], index) => (index % 2 ? [jsonName(key), camel(one)] : [key, one])));
}

const SDK_TRUNK = SIPInboundTrunkInfo.fromJson(TRUNK);
const { sip_trunk_id: _, ...NEW_TRUNK } = TRUNK;
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
    ['a trunk and a rule without lists', { inbound_trunks: TRUNK, dispatch_rules: camelRule }],
    [
      'names of the API beside those of protobuf’s JSON',
      { inbound_trunks: [mixed(TRUNK)], dispatch_rules: [mixed(RULE)] },
    ],
    [
      'flat files for lk sip create, of which the rule names the trunk',
      { inbound_trunks: [NEW_TRUNK], dispatch_rules: [RULE] },
    ],
    ['YAML', fromYaml(YAML)],
  ];
  for (const [what, json] of forms) {
    it(what, () => {
      const reading = readConfiguration(json);
      assert.ok(reading.ok, JSON.stringify(reading));
      const [trunk = assert.fail()] = reading.snapshot.trunks;
      const [rule = assert.fail()] = reading.snapshot.rules;
      const { rest: _, has_assumed_id: __, ...matched } = trunk;
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

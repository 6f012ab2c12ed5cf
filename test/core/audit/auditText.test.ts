import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { audit } from '../../../src/core/audit/audit.ts';
import { toJson, toText } from '../../../src/core/audit/auditReport.ts';
import type { ExampleConfiguration } from '../../../src/core/audit/finding.ts';
import { readConfiguration } from '../../../src/core/trunks/configurationFile.ts';
import { snapshotOf } from './auditedConfiguration.ts';

const CONFIGURATION: ExampleConfiguration = {
  trunks: {
    ST_1: {
      name: 'Desk',
      numbers: ['+15550100'],
      allowed_addresses: ['192.0.2.1', '192.0.2.2, 192.0.2.3'],
      auth_username: 'livekit_client',
      auth_password: 'pw-never-shown',
      ringing_timeout: '20s',
    },
    ST_2: {},
  },
  rules: {
    SDR_1: {
      trunk_ids: ['ST_1'],
      inbound_numbers: ['15550100'],
      rule: { dispatch_rule_direct: { room_name: 'lobby', pin: '998877' } },
    },
  },
};

function jsonOf(configuration: ExampleConfiguration) {
  const snapshot = snapshotOf(configuration);
  return toJson(snapshot, audit(snapshot, { sbcAddresses: [], strictAddresses: false }));
}

describe('the text of an audit', () => {
  const text = toText(jsonOf(CONFIGURATION));

  it('says of a trunk that its id is assumed', () => {
    const reading = readConfiguration({
      inbound_trunks: { numbers: ['+15550100'], auth_username: 'a', auth_password: 'b' },
      dispatch_rules: { rule: { dispatchRuleIndividual: { roomPrefix: 'call-' } }, trunkIds: ['ST_7'] },
    });
    assert.ok(reading.ok);
    const json = toJson(reading.snapshot, audit(reading.snapshot, { sbcAddresses: [], strictAddresses: false }));
    assert.deepEqual(
      json.findings.filter(({ severity }) => severity === 'critical'),
      [],
    );
    assert.equal(json.trunks[0]?.has_assumed_id, true);
    assert.match(
      toText(json),
      /^Trunk ST_7\n {2}sip_trunk_id {7}assumed: the file gives none, and its dispatch rules name this one$/m,
    );
    assert.doesNotMatch(text, /assumed/);
  });

  it('shows every trunk and every rule, with what an empty list means', () => {
    const end = text.indexOf('Found:');
    assert.equal(
      text.slice(0, end),
      `2 inbound trunks

Trunk ST_1 "Desk"
  numbers            +15550100
  allowed_addresses  192.0.2.1, "192.0.2.2, 192.0.2.3"
  allowed_numbers    (every caller)
  auth_username      livekit_client
  auth_password      set
  ringing_timeout    20 s
  dispatch rules     SDR_1

Trunk ST_2
  numbers            (every number that no other trunk lists)
  allowed_addresses  (every address)
  allowed_numbers    (every caller)
  auth_username      (not set)
  auth_password      not set
  dispatch rules     (none)

1 dispatch rule

Dispatch rule SDR_1
  kind               direct
  room_name          lobby
  pin                set
  trunk_ids          ST_1
  numbers            (every called number)
  inbound_numbers    15550100
  agents             (none by name: only workers without an agent_name get its calls)

`,
    );
  });

  it('then says of each finding how bad it is, what, why, and what to do', () => {
    assert.match(text, /^Found: critical 2, warning 2, info 1$/m);
    assert.match(text, /^\[critical\] rule_numbers_swapped: a dispatch rule has callers and called numbers swapped$/m);
    assert.match(text, /^ {2}Why it matters: In a dispatch rule, inbound_numbers are callers/m);
    assert.match(text, /^ {2}- SDR_1 has 15550100 in inbound_numbers, although ST_1 accepts calls to it\.$/m);
    assert.match(text, /^ {4}Fix: Move 15550100 to numbers in SDR_1\.$/m);
    assert.match(text, /^ {2}Runbook: https:\S+\/docs\/findings\/rule_numbers_swapped\.md$/m);
  });

  it('puts commands at the left, so that they run as they are copied', () => {
    assert.match(text, /^ {6}lk \(fill in each <…> first\):\n\nlk sip dispatch update --id SDR_1 '\{$/m);
    assert.match(text, /^ {6}curl:\n\ncurl /m);
  });

  it('wraps lists at 110 columns', () => {
    const numbers = Array.from({ length: 30 }, (_, i) => `+155501${10 + i}`);
    const wrapped = toText(jsonOf({ trunks: { ST_1: { numbers } } })).split('\n');
    const from = wrapped.findIndex((line) => line.startsWith('  numbers'));
    assert.deepEqual(
      wrapped.slice(from, from + 4).map(({ length }) => length),
      [108, 108, 108, 85],
    );
  });

  it('shows neither passwords nor pins', () => {
    assert.doesNotMatch(text, /pw-never-shown|998877/);
    assert.doesNotMatch(JSON.stringify(jsonOf(CONFIGURATION)), /pw-never-shown|998877/);
  });

  it('lets no name move the cursor', () => {
    const named = toText(jsonOf({ trunks: { ST_1: { name: 'a\u001b[2Jb' } } }));
    assert.ok(named.includes('"a\\u001b[2Jb"'));
    assert.doesNotMatch(named, /(?!\n)\p{Cc}/u);
  });

  it('shows whom a rule dispatches', () => {
    const rule = {
      room_config: { agents: [{ agent_name: 'desk-agent' }, { agent_name: '' }, { agent_name: 'night' }] },
    };
    const json = jsonOf({ trunks: { ST_1: {} }, rules: { SDR_1: rule } });
    assert.deepEqual(json.dispatch_rules[0]?.agents, ['desk-agent', 'night']);
    assert.match(toText(json), /^ {2}agents {13}desk-agent, night$/m);
  });

  it('says so when nothing is found', () => assert.match(toText(jsonOf({})), /\nNothing found\n$/));

  it('shows twenty places of a finding and says how many there are', () => {
    const trunks = Object.fromEntries(
      Array.from({ length: 25 }, (_, i) => [`ST_${i}`, { auth_username: 'u', numbers: [`+1555010${100 + i}`] }]),
    );
    assert.match(toText(jsonOf({ trunks })), /^ {2}and 5 more of this kind; --json lists more\.$/m);
  });
});

describe('the JSON of an audit', () => {
  it('has the trunks, the rules and the findings under LiveKit’s own names', () => {
    const { trunks, dispatch_rules, findings, errors } = jsonOf(CONFIGURATION);
    assert.deepEqual(trunks[1], {
      sip_trunk_id: 'ST_2',
      name: '',
      numbers: [],
      allowed_addresses: [],
      allowed_numbers: [],
      auth_username: '',
      auth_password: 'not set',
    });
    assert.deepEqual(dispatch_rules[0], {
      sip_dispatch_rule_id: 'SDR_1',
      name: '',
      kind: 'direct',
      room: 'lobby',
      pin: 'set',
      trunk_ids: ['ST_1'],
      inbound_numbers: ['15550100'],
      numbers: [],
      agents: [],
    });
    const { why: _, fix: __, fixes: ___, ...swapped } = findings.find(({ id }) => id === 'rule_numbers_swapped') ?? {};
    assert.deepEqual(swapped, {
      id: 'rule_numbers_swapped',
      severity: 'critical',
      title: 'a dispatch rule has callers and called numbers swapped',
      what: 'SDR_1 has 15550100 in inbound_numbers, although ST_1 accepts calls to it.',
      trunk: 'ST_1',
      trunk_name: 'Desk',
      trunks: ['ST_1'],
      dispatch_rules: ['SDR_1'],
      count: 1,
    });
    assert.deepEqual(errors, []);
    const nameless = findings.filter(({ trunk }) => trunk !== 'ST_1');
    assert.ok(nameless.length > 0 && nameless.every(({ trunk_name }) => trunk_name === null));
  });
});

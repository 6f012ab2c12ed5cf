import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Example, ExampleCall, ExampleConfiguration } from '../../../src/core/diagnose/causeExample.ts';
import { explainExample } from '../examples.ts';

const SILENCE: ExampleCall = { ringing: [90], dialGaveUpAt: 20_000 };
const AGAIN: ExampleCall = { response: [503, 'Try again later', 230] };
const OTHER = '+15550142';

function explained(call: ExampleCall, livekit?: ExampleConfiguration, meanwhile: Example['meanwhile'] = []) {
  const want = { blocking: [], confidence: null };
  return explainExample({ shows: '', call, ...(livekit && { livekit }), meanwhile, want });
}

function valuesOf({ evidence }: ReturnType<typeof explained>, wanted: RegExp): string[] {
  return evidence.filter(({ name }) => wanted.test(name)).map(({ value }) => value);
}

const actionsOf = ({ fixes }: ReturnType<typeof explained>) => fixes.map(({ action }) => action);

describe('the evidence', () => {
  test('of a 503 "Try again later" says whether the configuration has a conflict', () => {
    const conflict = /^conflicting trunks or rules$/;
    assert.deepEqual(valuesOf(explained(AGAIN), conflict), ['unknown']);
    assert.deepEqual(valuesOf(explained(AGAIN, {}), conflict), ['none in the configuration']);
    const configuration = {
      trunks: [{ allowed_numbers: ['+15550123'] }, {}, { numbers: [OTHER] }],
      rules: [{ trunk_ids: ['ST_1', 'ST_2', 'ST_3'] }],
    };
    const elsewhere = { ...AGAIN, to: `sip:${OTHER}@lab.sip.livekit.cloud` };
    assert.deepEqual(valuesOf(explained(AGAIN, configuration, [elsewhere]), conflict), [
      'in the configuration, but calls without a conflict failed the same way',
    ]);
  });

  test('that two causes share appears once, with the first cause', () => {
    const { evidence } = explained(
      { response: [503, 'Come back tomorrow', 230] },
      { trunks: [{ numbers: [OTHER] }], rules: [] },
    );
    const responses = evidence.filter(({ name }) => name === 'final response');
    assert.deepEqual(responses, [
      {
        cause: 'called_number_not_on_trunk',
        name: 'final response',
        value: '503 Come back tomorrow',
        source: 'jambonz',
      },
    ]);
    const rules = evidence.filter(({ cause }) => cause === 'no_dispatch_rule');
    assert.deepEqual(rules, [{ cause: 'no_dispatch_rule', name: 'dispatch rules', value: 'none', source: 'match' }]);
  });

  test('of a 500 with a phrase of another response quotes the phrase', () => {
    assert.deepEqual(valuesOf(explained({ response: [500, 'Busy Here', 300] }, {}), /^phrase$/), [
      '"Busy Here" does not belong to 500',
    ]);
  });

  test('of a caller that no webhook reports says so', () => {
    const trunks = [{ numbers: [OTHER], allowed_numbers: [OTHER] }];
    assert.deepEqual(valuesOf(explained({ ...SILENCE, lost: 'caller' }, { trunks }), /^allowed_numbers of ST_1/), [
      'can’t tell whether the caller (not reported) is in [+15550142]',
    ]);
  });

  test('of a rule for other numbers names only its lists that the call is not in', () => {
    const list = /numbers of SDR_1/;
    assert.deepEqual(valuesOf(explained(SILENCE, { rules: [{ name: '', numbers: [OTHER] }] }), list), [
      '+15550100 isn’t in [+15550142], compared exactly as written',
    ]);
    assert.deepEqual(
      valuesOf(explained(SILENCE, { rules: [{ name: '', inbound_numbers: ['+15550123'], numbers: [OTHER] }] }), list),
      ['+15550100 isn’t in [+15550142], compared exactly as written'],
    );
    assert.deepEqual(valuesOf(explained(SILENCE, { rules: [{ name: '', inbound_numbers: ['15550123'] }] }), list), [
      '+15550123 isn’t in [15550123], compared exactly as written (the same number in another format)',
    ]);
  });
});

describe('the fixes', () => {
  test('of a rule for other numbers add the number, or replace the same number in another format', () => {
    assert.deepEqual(actionsOf(explained(SILENCE, { rules: [{ name: '', numbers: [OTHER] }] })), [
      'Add +15550100, in exactly this format, to numbers of SDR_1.',
    ]);
    assert.deepEqual(actionsOf(explained(SILENCE, { rules: [{ name: '', inbound_numbers: ['15550123'] }] })), [
      'Write +15550123 instead of 15550123 in inbound_numbers of SDR_1.',
    ]);
  });

  test('of a missing rule name the trunk', () => {
    assert.deepEqual(actionsOf(explained(SILENCE, { rules: [] })), [
      'Create a dispatch rule for ST_1 "trunk 1". If the worker has an agent_name, name it in room_config.agents of the rule: otherwise the call rings, and no agent joins.',
    ]);
  });
});

test('the summary names each other cause once, after "also"', () => {
  assert.equal(explained(SILENCE, { rules: [] }).summary.split('; also ').length, 1);
  assert.equal(explained(SILENCE, { trunks: [{ numbers: [OTHER] }], rules: [] }).summary.split('; also ').length, 2);
});

describe('who gave the final response', () => {
  const originOf = (call: ExampleCall) => explained(call, {}).response?.origin;
  test('is LiveKit, a far end, Jambonz or the SIP stack, as the cause and the leg say', () => {
    assert.equal(originOf({ response: [407, 'Proxy Authentication Required', 230] }), 'livekit');
    assert.equal(originOf({ to: '+15550199', response: [403, 'Rejected by policy', 300] }), 'far_end');
    assert.equal(originOf({ response: [503, 'Maximum Calls In Progress', 20] }), 'jambonz');
    assert.equal(originOf({ response: [503, 'DNS Error', 20] }), 'sip_stack');
    assert.equal(originOf({ response: [503, 'Come back tomorrow', 230] }), 'unknown');
    assert.equal(originOf({ leg: 'caller', response: [486, 'Busy Here', 900] }), 'unknown');
  });
});

describe('the evidence of the network', () => {
  test('names the host that does not resolve, for a leg to LiveKit alone', () => {
    const host = /^dialled host$/;
    assert.deepEqual(valuesOf(explained({ response: [503, 'DNS Error', 20] }, {}), host), ['lab.sip.livekit.cloud']);
    const carrier = explained({ to: '+15550199', response: [503, 'DNS Error', 20] }, {});
    assert.deepEqual(valuesOf(carrier, host), []);
  });

  test('counts the silent addresses from two rounds of timer B on', () => {
    const time = /^time$/;
    assert.deepEqual(valuesOf(explained({ response: [408, 'Request Timeout', 32_000] }, {}), time), []);
    const twice = valuesOf(explained({ response: [408, 'Request Timeout', 64_000] }, {}), time);
    assert.equal(twice.length, 1);
    assert.match(twice[0] ?? '', /^2 rounds of 32 s: 2 addresses/);
  });
});

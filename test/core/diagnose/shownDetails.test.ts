import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ExampleCall, ExampleSettings } from '../../../src/core/diagnose/causeExample.ts';
import {
  ADMITTED,
  AGAIN,
  actions,
  CALLED,
  CALLER,
  evidence,
  explained,
  NO_SBC,
  OTHER,
  PASSWORD,
  SILENCE,
} from './explainedCall.ts';

describe('the fixes of a call', () => {
  it('take its number from a trunk that has another, and delete a trunk that has no other', () => {
    const trunks = [{ allowed_numbers: [CALLER], numbers: [CALLED, '15550100', OTHER] }, { numbers: ['15550100'] }];
    assert.deepEqual(actions(AGAIN, { trunks, rules: [{ trunk_ids: ['ST_1', 'ST_2'] }] }), [
      'Remove +15550100, 15550100 from ST_1 "trunk 1". ST_2 "trunk 2" accepts calls from every address without a password.',
      'Give ST_1 "trunk 1" and ST_2 "trunk 2" callers (allowed_numbers) that don’t overlap: all other callers are then refused. Addresses (allowed_addresses) help only if one of the two gets no calls from 192.0.2.10, which Jambonz sends from.',
      'Last resort, because it can’t be undone: delete ST_2 "trunk 2". ST_1 "trunk 1" accepts calls from every address without a password. Callers other than +15550123 could no longer reach 15550100.',
    ]);
  });

  it('add the caller to a list that has others beside the trunk’s own numbers', () => {
    const [add] = actions(SILENCE, { trunks: [{ allowed_numbers: [CALLED, OTHER] }] });
    assert.equal(add, 'Add +15550123 to allowed_numbers of ST_1 "trunk 1".');
    const [empty] = actions(SILENCE, { trunks: [{ allowed_numbers: [CALLED] }] });
    assert.equal(empty, 'Empty allowed_numbers of ST_1 "trunk 1" to accept every caller.');
  });

  it('of a 500 lead to livekit-sip’s log, which only a self-hosted one shows', () => {
    const call: ExampleCall = { ringing: [90], response: [500, 'Server Internal Error', 230] };
    const selfHosted = { livekit_sip_host: 'sip.example.com', livekit_url: 'wss://livekit.example.com' };
    const { fixes } = explained({ ...call, to: 'sip:+15550100@sip.example.com' }, {}, selfHosted);
    assert.match(fixes[0]?.action ?? '', /^Search livekit-sip’s log .* would be a 400, .* rtp_port range/);
    assert.match(actions(call, {})[0] ?? '', /^Give LiveKit the SIP Call-ID/);
  });

  it('bind the only rule of another trunk, and create one where there are several', () => {
    const trunks = [{}, { sip_trunk_id: 'ST_9', numbers: [OTHER] }];
    const bound = (id: string) => ({ sip_dispatch_rule_id: id, trunk_ids: ['ST_9'] });
    assert.match(
      actions(SILENCE, { trunks, rules: [bound('SDR_1')] })[0] ?? '',
      /^Add ST_1 "trunk 1" to trunk_ids of SDR_1\.$/,
    );
    assert.match(
      actions(SILENCE, { trunks, rules: [bound('SDR_1'), bound('SDR_2')] })[0] ?? '',
      /^Create a dispatch rule for /,
    );
  });

  it('leave alone a list of callers if the caller is unknown', () => {
    const rules = [{ numbers: [OTHER], inbound_numbers: [OTHER] }];
    assert.deepEqual(actions({ ...SILENCE, lost: 'caller' }, { rules }), [
      'Add +15550100, in exactly this format, to numbers of SDR_1.',
    ]);
    const callers = (call: ExampleCall) => evidence(call, { rules }, 'inbound_numbers of SDR_1');
    assert.deepEqual(callers({ ...SILENCE, lost: 'caller' }), []);
    assert.equal(callers(SILENCE).length, 1);
  });

  it('change at most three rules', () => {
    const rules = [1, 2, 3, 4].map((i) => ({ numbers: [`+1555019${i}`] }));
    assert.equal(actions(SILENCE, { rules }).length, 3);
  });

  it('allow only the addresses that the list has not', () => {
    const { fixes } = explained(
      SILENCE,
      { trunks: [{ allowed_addresses: ['192.0.2.10'] }] },
      { sbc_addresses: ['192.0.2.10', '198.51.100.7'] },
    );
    assert.deepEqual(fixes[0]?.change, {
      kind: 'trunk',
      sip_trunk_id: 'ST_1',
      field: 'allowed_addresses',
      add: ['198.51.100.7'],
    });
  });
});

describe('the evidence of a call', () => {
  it('lists at most five rules of other trunks', () => {
    const rules = [1, 2, 3, 4, 5, 6].map(() => ({ trunk_ids: ['ST_9'], name: '' }));
    assert.deepEqual(evidence(SILENCE, { rules }, 'dispatch rules'), [
      'SDR_1 for ST_9; SDR_2 for ST_9; SDR_3 for ST_9; SDR_4 for ST_9; SDR_5 for ST_9',
    ]);
  });

  it('says that one of several entries is the same number', () => {
    assert.deepEqual(
      evidence(SILENCE, { rules: [{ inbound_numbers: ['15550123', OTHER] }] }, 'inbound_numbers of SDR_1'),
      ['+15550123 isn’t in [15550123, +15550142], compared exactly as written (the same number in another format)'],
    );
  });

  it('names the username that was sent', () => {
    const rejected = (username: string): ExampleCall => ({
      response: [401, 'Unauthorized', 230],
      tag: { sipwhy: { auth_username: username } },
    });
    const trunks = [PASSWORD];
    assert.deepEqual(evidence(rejected('anna'), { trunks }, 'username sent'), ['anna (from the dial verb)']);
    assert.deepEqual(evidence(rejected('livekit_client'), { trunks }, 'username sent'), [
      'livekit_client (from the dial verb)',
    ]);
    assert.deepEqual(evidence({ response: [401, 'Unauthorized', 230] }, { trunks }, 'username sent'), []);
  });

  it('says what the phrase of a 401 means', () => {
    const meaning = (call: ExampleCall) => evidence(call, { trunks: [PASSWORD] }, 'the 401’s phrase')[0] ?? '';
    const unreadable = { response: [401, 'Bad credentials', 230] } as const;
    assert.match(meaning({ response: [401, 'Unauthorized', 230] }), /^"Unauthorized" is .* wrong username or password/);
    assert.match(meaning(unreadable), /^"Bad credentials" means .* another Call-ID than its challenge/);
    assert.match(meaning({ ...unreadable, lost: 'final' }), /^LiveKit’s own is unknown/);
    assert.match(meaning({ response: [401, 'Not allowed', 230] }), /^LiveKit’s own is unknown/);
  });

  it('says that a ringing before a failure to reach the far end was another’s', () => {
    for (const phrase of ['DNS Error', 'No transport']) {
      const call: ExampleCall = { response: [503, phrase, 5_000] };
      const rang = evidence({ ...call, ringing: [90, 1_090] }, {}, 'who rang');
      assert.match(rang[0] ?? '', /^another gateway or address than the one that failed last/);
      assert.deepEqual(evidence(call, {}, 'who rang'), []);
    }
    const phraseless: ExampleCall = { ringing: [90, 1_090], response: [503, 'DNS Error', 5_000], lost: 'final' };
    assert.deepEqual(evidence(phraseless, {}, 'who rang'), []);
  });

  it('says how the far end was dialled', () => {
    const dialled = (to?: string) =>
      evidence({ ...(to && { to }), response: [503, 'No transport', 30] }, {}, 'dialled');
    assert.deepEqual(dialled(), ['sip, lab.sip.livekit.cloud, transport not given']);
    assert.deepEqual(dialled('sips:+15550100@lab.sip.livekit.cloud:5061;transport=tls'), [
      'sips, lab.sip.livekit.cloud, port 5061, transport tls',
    ]);
  });

  it('says what LiveKit’s webhooks tell of the agent', () => {
    const agent = (room: ExampleCall['room']) =>
      evidence({ ...ADMITTED, room: { callerJoined: 120, ...room } }, {}, 'agent');
    assert.deepEqual(agent({}), ['none joined']);
    assert.deepEqual(agent({ jobStarted: 500 }), ['a worker took the job, but no agent joined']);
    assert.deepEqual(agent({ agentJoined: 30_000 }), ['joined only after the call ended']);
    assert.deepEqual(agent({ agentJoined: 720 }), ['joined after 0.6 s but published no audio while it rang']);
  });

  it('says that a caller is unknown', () => {
    assert.deepEqual(evidence({ ...AGAIN, lost: 'caller' }, { trunks: [{}, {}] }, 'matching trunks'), [
      'ST_1 "trunk 1" and ST_2 "trunk 2" both accept +15550100 from this caller',
    ]);
  });
});

describe('the summary of a call', () => {
  for (const [what, call, summary] of [
    [
      'names whom a carrier’s leg was for, and nobody to act if nobody must',
      { to: '+15550199', response: [486, 'Busy Here', 900] },
      'The call to +15550199 failed (486 Busy Here): the callee is busy.',
    ],
    [
      'names whom the caller’s own leg was for',
      { leg: 'caller', response: [503, 'Maximum Calls In Progress', 30] },
      'The call to +15550100 failed (503 Maximum Calls In Progress): Jambonz is at its system-wide call limit. Owner: Jambonz.',
    ],
    [
      'names the dialled URI',
      { response: [503, 'Maximum Calls In Progress', 30] },
      'The call to sip:+15550100@lab.sip.livekit.cloud failed (503 Maximum Calls In Progress): Jambonz is at its system-wide call limit. Owner: Jambonz.',
    ],
  ] as const) {
    it(what, () => assert.equal(explained(call, {}).summary, summary));
  }
});

describe('what is unknown of a call', () => {
  const unknowns = (call: ExampleCall, trunks: object[], settings?: ExampleSettings) =>
    explained(call, { trunks }, settings).unknowns.map((text) => text.split(':')[0]);

  it('is its address, if one of several trunks compares it', () => {
    const trunks = [{ allowed_addresses: ['198.51.100.7'] }, { numbers: [OTHER] }];
    const address = 'Which address the INVITE came from';
    assert.ok(unknowns(SILENCE, trunks, NO_SBC).includes(address));
    assert.ok(!unknowns(SILENCE, trunks).includes(address));
    assert.ok(!unknowns(SILENCE, [{}, { numbers: [OTHER] }], NO_SBC).includes(address));
  });

  it('is the trunk, if it has none of the number and several are as near; then it counts under none', () => {
    const trunkOf = (trunks: object[]) => explained(SILENCE, { trunks }).trunk;
    const [one, two] = [{ numbers: [OTHER] }, { numbers: ['+15550143'] }];
    assert.deepEqual([trunkOf([one]), trunkOf([one, two])], ['ST_1', 'none']);
    assert.equal(trunkOf([{ numbers: ['0015550100'] }, { numbers: ['0015550100', OTHER] }]), 'ST_1');
    assert.ok(unknowns(SILENCE, [one, two]).includes('Which trunk was intended'));
    assert.ok(!unknowns(SILENCE, [one]).includes('Which trunk was intended'));
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ExampleCall, ExampleConfiguration, ExampleSettings } from '../../../src/core/diagnose/causeExample.ts';
import { explainExample } from '../examples.ts';

const CALLED = '+15550100';
const CALLER = '+15550123';
const OTHER = '+15550142';
const SILENCE: ExampleCall = { ringing: [90], dialGaveUpAt: 20_000 };
const ADMITTED: ExampleCall = { ringing: 'every second', dialGaveUpAt: 20_000 };
const ASKED: ExampleCall = { response: [407, 'Unauthorized', 230] };
const AGAIN: ExampleCall = { response: [503, 'Try again later', 230] };
const NO_SBC: ExampleSettings = { sbc_addresses: [] };
const PASSWORD = { auth_username: 'livekit_client', auth_password: 'secret' };
const TWO_TRUNKS = [{ allowed_numbers: [CALLER] }, {}];

function explained(call: ExampleCall, livekit: ExampleConfiguration, settings: ExampleSettings = {}) {
  return explainExample({ shows: '', call, livekit, settings, want: { blocking: [], confidence: null } });
}

function actions(call: ExampleCall, livekit: ExampleConfiguration): string[] {
  return explained(call, livekit).fixes.map(({ action }) => action);
}

function evidence(call: ExampleCall, livekit: ExampleConfiguration, name: string): string[] {
  return explained(call, livekit)
    .evidence.filter((one) => one.name === name)
    .map(({ value }) => value);
}

describe('a cause that is near', () => {
  for (const [what, call, livekit, cause, confidence, settings] of [
    [
      'a 503 of another phrase with two matching trunks',
      [503, 'Come back tomorrow', 230],
      { trunks: TWO_TRUNKS },
      'trunk_conflict',
      'likely',
    ],
    [
      'a 503 with two matching rules',
      [503, 'Try again later', 230],
      { rules: [{}, {}] },
      'dispatch_rule_conflict',
      'certain',
    ],
    [
      'a 503 of another phrase with two matching rules',
      [503, 'Come back tomorrow', 230],
      { rules: [{}, {}] },
      'dispatch_rule_conflict',
      'likely',
    ],
    [
      'a 503 with two matching rules behind a password',
      [503, 'Try again later', 230],
      { trunks: [PASSWORD], rules: [{}, {}] },
      'dispatch_rule_conflict',
      'likely',
    ],
    [
      'a 503 with two trunks, one of which may not match',
      [503, 'Try again later', 230],
      { trunks: [{ allowed_addresses: ['192.0.2.1'] }, {}] },
      'trunk_conflict',
      'likely',
      NO_SBC,
    ],
    ['a 606', [606, 'Not Acceptable', 230], {}, 'media_negotiation_failed', 'likely'],
    [
      'a 407 of a trunk with a password but no username',
      [407, 'Unauthorized', 230],
      { trunks: [{ auth_password: 'secret' }] },
      'auth_missing',
      'likely',
    ],
  ] as const) {
    it(`${what}: ${cause}, ${confidence}`, () => {
      const got = explained({ response: call }, livekit, settings);
      assert.deepEqual([got.cause, got.confidence], [cause, confidence]);
    });
  }

  it('of a leg to a carrier is never one of LiveKit’s', () => {
    for (const [status, phrase] of [
      [401, 'Unauthorized'],
      [407, 'Proxy Authentication Required'],
    ] as const) {
      const { blocking, latent } = explained({ to: '+15550199', response: [status, phrase, 230] }, {});
      assert.deepEqual([blocking, latent], [['carrier_rejected'], []]);
    }
  });

  it('is not the credentials for certain if the dial verb says that they were sent', () => {
    const tag = { sipwhy: { auth_username: 'livekit_client' } };
    const { cause, confidence } = explained({ ...ASKED, tag }, { trunks: [PASSWORD] });
    assert.deepEqual([cause, confidence], ['auth_missing', 'likely']);
    assert.equal(
      explained({ ...ASKED, tag: { sipwhy: { auth_username: false } } }, { trunks: [PASSWORD] }).confidence,
      'certain',
    );
  });

  it('is not the room for certain if only numbers and time join LiveKit’s report', () => {
    const room = { callerJoined: 120, roomDeleted: 880 };
    const closed = (more: ExampleCall) => explained({ ...more, response: [486, 'Rejected', 900], room }, {});
    const [byCallId, byNumbers] = [closed({ ringing: [90] }), closed({})];
    assert.deepEqual([byCallId.cause, byCallId.confidence], ['livekit_room_closed', 'certain']);
    assert.deepEqual([byNumbers.cause, byNumbers.confidence], ['livekit_room_closed', 'likely']);
  });

  it('is the caller’s impatience, if LiveKit’s report is all that shows that it let the call in', () => {
    for (const room of [{ callerJoined: 120 }, { callerJoined: 120, agentJoined: 740 }]) {
      const { blocking, alternatives } = explained({ callerHungUpAt: 5_000, room }, {});
      const agent = 'agentJoined' in room ? 'agent_not_publishing' : 'agent_not_joined';
      assert.deepEqual([blocking, alternatives], [['caller_abandoned'], [agent]]);
    }
  });
});

describe('a next blocker', () => {
  const latent = (call: ExampleCall, livekit: ExampleConfiguration, settings?: ExampleSettings) =>
    explained(call, livekit, settings).latent;

  it('is no fault that LiveKit let the call pass', () => {
    const barred = { trunks: [{ allowed_numbers: [OTHER] }] };
    const elsewhere = { trunks: [{ allowed_addresses: ['198.51.100.7'] }] };
    for (const call of [ADMITTED, ASKED]) {
      assert.deepEqual(latent(call, { trunks: TWO_TRUNKS }), []);
      assert.deepEqual(latent({ ...call, lost: 'caller' }, barred), []);
      assert.deepEqual(latent(call, elsewhere, NO_SBC), []);
    }
  });

  it('is what may hide in an unknown field', () => {
    const early: ExampleCall = { response: [503, 'Maximum Calls In Progress', 30] };
    assert.deepEqual(latent({ ...early, lost: 'caller' }, { trunks: [{ allowed_numbers: [OTHER] }] }), [
      'caller_not_allowed',
    ]);
    assert.deepEqual(latent(early, { trunks: [{ allowed_addresses: ['198.51.100.7'] }] }, NO_SBC), [
      'source_address_not_allowed',
    ]);
    assert.deepEqual(latent(early, { trunks: [PASSWORD] }), ['auth_missing']);
  });
});

describe('a silent resolver', () => {
  for (const [after, isSilent] of [
    [59_999, false],
    [60_000, true],
  ] as const) {
    it(`is ${isSilent ? '' : 'not '}what a "DNS Error" after ${after} ms shows`, () => {
      const [action = ''] = actions({ response: [503, 'DNS Error', after] }, {});
      assert.equal(action.startsWith('Fix the SBC’s resolver'), isSilent);
    });
  }
});

describe('a caller who hung up without ringing', () => {
  // The end is the dial hook's, 10 ms after the caller hung up.
  for (const [after, isCause] of [
    [9_989, true],
    [9_990, false],
  ] as const) {
    it(`after ${after} ms ${isCause ? 'was impatient' : 'may have had enough'}`, () => {
      const { blocking } = explained({ callerHungUpAt: after }, {});
      assert.equal(blocking.includes('caller_abandoned'), isCause);
    });
  }
});

describe('the fixes of a call', () => {
  it('take its number from a trunk that has another, and delete a trunk that has no other', () => {
    const trunks = [{ allowed_numbers: [CALLER], numbers: [CALLED, '15550100', OTHER] }, { numbers: ['15550100'] }];
    assert.deepEqual(actions(AGAIN, { trunks, rules: [{ trunk_ids: ['ST_1', 'ST_2'] }] }), [
      'Delete ST_2 "trunk 2", or give it different callers or addresses.',
      'Remove +15550100, 15550100 from ST_1 "trunk 1".',
    ]);
  });

  it('add the caller to a list that has others beside the trunk’s own numbers', () => {
    const [add] = actions(SILENCE, { trunks: [{ allowed_numbers: [CALLED, OTHER] }] });
    assert.equal(add, 'Add +15550123 to allowed_numbers of ST_1 "trunk 1".');
    const [empty] = actions(SILENCE, { trunks: [{ allowed_numbers: [CALLED] }] });
    assert.equal(empty, 'Empty allowed_numbers of ST_1 "trunk 1" to accept every caller.');
  });

  it('bind the only rule of another trunk, and create one where there are several', () => {
    const bound = (id: string) => ({ sip_dispatch_rule_id: id, trunk_ids: ['ST_9'] });
    assert.match(
      actions(SILENCE, { rules: [bound('SDR_1')] })[0] ?? '',
      /^Add ST_1 "trunk 1" to trunk_ids of SDR_1\.$/,
    );
    assert.match(
      actions(SILENCE, { rules: [bound('SDR_1'), bound('SDR_2')] })[0] ?? '',
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

  it('names the username that was sent, if it is wrong', () => {
    const rejected = (username: string): ExampleCall => ({
      response: [401, 'Unauthorized', 230],
      tag: { sipwhy: { auth_username: username } },
    });
    const trunks = [PASSWORD];
    assert.deepEqual(evidence(rejected('anna'), { trunks }, 'username sent'), ['anna (from the dial verb)']);
    assert.deepEqual(evidence(rejected('livekit_client'), { trunks }, 'username sent'), []);
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

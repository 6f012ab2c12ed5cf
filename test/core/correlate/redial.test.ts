import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BARRED, CONNECTED, PHONE, run, SECOND_LEG, verdictOf } from '../dialling.ts';
import { A_LEG, A_LEG_ANSWERED, aLeg, B_LEG, bLeg, dialHook, everySecond, explain } from '../scenario.ts';

const AGAIN = { call_sid: SECOND_LEG };

describe('a redial', () => {
  const first = [
    ...A_LEG_ANSWERED,
    bLeg(160, 100, 'Trying', 'trying'),
    bLeg(250, 180, 'Ringing', 'ringing'),
    dialHook(20_260, 180, 'ringing'),
  ];
  const second = [
    bLeg(20_400, 100, 'Trying', 'trying', PHONE),
    bLeg(22_000, 180, 'Ringing', 'ringing', PHONE),
    bLeg(26_000, 200, 'OK', 'in-progress', PHONE),
    bLeg(86_000, 200, 'OK', 'completed', PHONE),
    dialHook(86_010, 200, 'completed', { dial_call_sid: SECOND_LEG }),
  ];

  test('that was answered does not excuse the first dial', () => {
    const running = run([...first, ...second], BARRED);
    assert.deepEqual(verdictOf(running, B_LEG), {
      outcome: 'failed',
      cause: 'caller_not_allowed',
      confidence: 'certain',
    });
    assert.deepEqual(verdictOf(running, SECOND_LEG), CONNECTED);
  });

  test('does not excuse it where the first dial hook is lost', () => {
    const rang = everySecond(250, 19_250).map((at) => bLeg(at, 180, 'Ringing', 'ringing'));
    const running = run([...first.slice(0, -1), ...rang, ...second, aLeg(90_000, 200, 'OK', 'completed')]);
    assert.equal(verdictOf(running, B_LEG).cause, 'agent_not_joined');
    assert.deepEqual(verdictOf(running, SECOND_LEG), CONNECTED);
  });

  test('of the same URI is a second attempt, with its own cause', () => {
    const refused = bLeg(390, 407, 'Unauthorized', 'failed');
    const again = [
      bLeg(800, 100, 'Trying', 'trying', AGAIN),
      bLeg(1_030, 503, 'DNS Error', 'failed', AGAIN),
      dialHook(1_040, 503, 'failed', { dial_call_sid: SECOND_LEG }),
    ];
    const running = run([
      ...A_LEG_ANSWERED,
      bLeg(160, 100, 'Trying', 'trying'),
      refused,
      dialHook(400, 407, 'failed'),
      ...again,
    ]);
    assert.equal(verdictOf(running, B_LEG).cause, 'auth_missing');
    assert.equal(verdictOf(running, SECOND_LEG).cause, 'dns_failure');
  });

  test('minutes later is an entry of its own in a replay, and the A leg is none', () => {
    const later = second.map((w) => ({ ...w, at_ms: w.at_ms + 600_000 }));
    const entries = explain([...first, ...later, aLeg(900_000, 200, 'OK', 'completed')], { livekit: BARRED });
    assert.deepEqual(
      entries.map(({ call_sid, cause }) => [call_sid, cause]),
      [
        [B_LEG, 'caller_not_allowed'],
        [SECOND_LEG, null],
      ],
    );
  });
});

describe('a replayed call', () => {
  test('whose caller stays for minutes after the failed dial has one entry', () => {
    const failed = [
      bLeg(160, 100, 'Trying', 'trying'),
      bLeg(390, 407, 'Unauthorized', 'failed'),
      dialHook(400, 407, 'failed'),
    ];
    const entries = explain([...A_LEG_ANSWERED, ...failed, aLeg(600_000, 200, 'OK', 'completed')]);
    assert.deepEqual(
      entries.map(({ call_sid, cause }) => [call_sid, cause]),
      [[B_LEG, 'auth_missing']],
    );
  });

  test('whose dialled leg is heard of only after its A leg was over has one entry', () => {
    const late = [bLeg(20_000, 100, 'Trying', 'trying'), bLeg(20_230, 407, 'Unauthorized', 'failed')];
    const entries = explain([...A_LEG_ANSWERED, aLeg(5_000, 200, 'OK', 'completed'), ...late]);
    assert.deepEqual(
      entries.map(({ call_sid }) => call_sid),
      [B_LEG],
    );
  });

  test('of which a dialled leg dials on itself keeps the legs apart', () => {
    const onward = { call_sid: SECOND_LEG, parent_call_sid: B_LEG, to: '+15550199' };
    const entries = explain([
      ...A_LEG_ANSWERED,
      bLeg(160, 100, 'Trying', 'trying'),
      bLeg(900, 200, 'OK', 'in-progress'),
      bLeg(2_000, 100, 'Trying', 'trying', onward),
      bLeg(4_000, 486, 'Busy Here', 'busy', onward),
      dialHook(4_010, 486, 'busy', { call_sid: B_LEG, parent_call_sid: A_LEG, dial_call_sid: SECOND_LEG }),
      aLeg(9_000, 200, 'OK', 'completed'),
    ]);
    assert.deepEqual(
      new Map(entries.map(({ call_sid, cause }) => [call_sid, cause])),
      new Map([
        [B_LEG, null],
        [SECOND_LEG, 'callee_busy'],
      ]),
    );
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventOf, Running } from '../running.ts';
import { A_LEG, A_LEG_ANSWERED, aLeg, B_LEG, bLeg, dialHook, everySecond, restLeg, webhooksOf } from '../scenario.ts';
import { BARRED, causes, HOOK, REFUSED, run, TRYING } from '../settling.ts';

describe('a call without a dialled leg', () => {
  test('is an attempt itself, and connected where the application answered it', () => {
    assert.deepEqual(causes(run([...A_LEG_ANSWERED, aLeg(60_000, 200, 'OK', 'completed')])), [[A_LEG, 'connected']]);
  });

  test('is an attempt itself, and failed where Jambonz refused it', () => {
    const running = run([aLeg(0, 100, 'Trying', 'trying'), aLeg(30, 503, 'Maximum Calls In Progress', 'failed')]);
    assert.deepEqual(causes(running), [[A_LEG, 'jambonz_capacity']]);
  });

  test('is not judged while its application may still dial', () => {
    const late = [
      bLeg(120_000, 100, 'Trying', 'trying'),
      bLeg(120_230, 407, 'Unauthorized', 'failed'),
      dialHook(120_240, 407, 'failed'),
    ];
    assert.deepEqual(causes(run([...A_LEG_ANSWERED, ...late])), [[B_LEG, 'auth_missing']]);
  });

  test('made through REST settles within 2 s of its final status', () => {
    const running = run([restLeg(0, 100, 'Trying', 'trying'), restLeg(230, 407, 'Unauthorized', 'failed')]);
    assert.deepEqual(causes(running), [[B_LEG, 'auth_missing']]);
    assert.ok((running.latest(B_LEG)?.at ?? 0) <= 2_230);
  });
});

describe('a call that connected', () => {
  const connected = webhooksOf({ ringing: [90], response: [200, 'OK', 900] });
  const after = 300_000;
  const end = [
    bLeg(after, 200, 'OK', 'completed'),
    dialHook(after + 10, 200, 'completed'),
    aLeg(after + 400, 200, 'OK', 'completed'),
  ];

  test('is settled within a second of the answer, not at the end of the conversation', () => {
    const running = run(connected);
    assert.deepEqual(causes(running), [[B_LEG, 'connected']]);
    assert.ok((running.latest(B_LEG)?.at ?? 0) <= 2_060);
  });

  test('stays connected when its conversation ends', () => {
    assert.ok(
      causes(run([...connected, ...end])).every(([callSid, cause]) => callSid === B_LEG && cause === 'connected'),
    );
  });

  test('is connected where only the end of it was heard', () => {
    assert.deepEqual(causes(run(end)), [[B_LEG, 'connected']]);
  });
});

describe('a late webhook', () => {
  const begun = [...A_LEG_ANSWERED, TRYING];

  test('after the verdict changes it', () => {
    const running = new Running();
    running.deliver([...begun, dialHook(400, 503, 'failed')]);
    running.settleBefore(20_000);
    assert.deepEqual(causes(running), [[B_LEG, 'livekit_unavailable']]);
    running.deliver([bLeg(390, 503, 'Maximum Calls In Progress', 'failed')], 30_000);
    running.settleAll();
    assert.deepEqual(causes(running), [
      [B_LEG, 'livekit_unavailable'],
      [B_LEG, 'jambonz_capacity'],
    ]);
  });

  test('of the A leg changes what is said of its dialled leg', () => {
    const rang = everySecond(250, 8_250).map((at) => bLeg(at, 180, 'Ringing', 'ringing'));
    const running = new Running();
    running.deliver([...begun, ...rang, dialHook(9_000, 180, 'ringing')]);
    running.settleBefore(20_000);
    running.deliver([aLeg(8_990, 200, 'OK', 'completed', { call_termination_by: 'caller' })], 30_000);
    running.settleAll();
    assert.deepEqual(causes(running), [
      [B_LEG, 'agent_not_joined'],
      [B_LEG, 'caller_abandoned'],
    ]);
  });

  test('of one leg has no other leg judged again', () => {
    const legs = Array.from({ length: 200 }, (_, i) => ({ at: 160 + i * 500, of: { call_sid: `b-${i}` } }));
    const redialled = legs.flatMap(({ at, of }) => [
      bLeg(at, 100, 'Trying', 'trying', of),
      bLeg(at + 200, 503, 'Try again later', 'failed', of),
      dialHook(at + 210, 503, 'failed', { dial_call_sid: of.call_sid }),
    ]);
    const running = run([
      ...A_LEG_ANSWERED,
      ...redialled,
      bLeg(200_000, 503, 'Try again later', 'failed', legs[7]?.of),
    ]);
    const judged = Map.groupBy(running.verdicts, ({ callSid }) => callSid);
    assert.equal(judged.size, legs.length);
    assert.equal(judged.get('b-7')?.length, 2);
    assert.equal(running.verdicts.length, legs.length + 1);
  });

  test('that was sent before the dial ended does not move the end', () => {
    const running = new Running(BARRED);
    running.deliver([...begun, dialHook(20_260, 180, 'ringing')]);
    running.deliver([bLeg(250, 180, 'Ringing', 'ringing')], 40_000);
    running.settleAll();
    assert.equal(running.latest(B_LEG)?.explanation.cause, 'caller_not_allowed');
  });
});

test('a finished call stays open for a minute after its last webhook', () => {
  const running = new Running();
  running.deliver([...A_LEG_ANSWERED, TRYING, REFUSED, HOOK, aLeg(800, 200, 'OK', 'completed')]);
  running.settleBefore(60_799);
  assert.equal(running.pipeline.openCalls, 1);
  running.settleBefore(60_801);
  assert.equal(running.pipeline.openCalls, 0);
  assert.equal(running.pipeline.nextDeadline(), undefined);
  assert.equal(running.pipeline.has(A_LEG), false);
});

test('an unfinished call is kept', () => {
  const running = new Running();
  running.deliver([...A_LEG_ANSWERED, TRYING]);
  running.settleBefore(60_000);
  assert.equal(running.pipeline.has(A_LEG), true);
  assert.equal(eventOf(TRYING).callSid, B_LEG);
});

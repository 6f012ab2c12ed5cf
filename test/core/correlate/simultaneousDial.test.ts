import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BARRED, CONNECTED, PHONE, run, SECOND_LEG, verdictOf } from '../dialling.ts';
import { A_LEG_ANSWERED, aLeg, B_LEG, bLeg, dialHook, everySecond } from '../scenario.ts';

describe('several legs of one dial', () => {
  const ringing = everySecond(250, 6_250).map((at) => bLeg(at, 180, 'Ringing', 'ringing'));
  const simultaneous = [
    ...A_LEG_ANSWERED,
    bLeg(160, 100, 'Trying', 'trying'),
    bLeg(165, 100, 'Trying', 'trying', PHONE),
    bLeg(1_900, 180, 'Ringing', 'ringing', PHONE),
  ];
  const phoneAnswers = bLeg(6_500, 200, 'OK', 'in-progress', PHONE);
  const phoneEnds = [
    bLeg(606_500, 200, 'OK', 'completed', PHONE),
    dialHook(606_510, 200, 'completed', { dial_call_sid: SECOND_LEG }),
    aLeg(606_900, 200, 'OK', 'completed'),
  ];

  test('one answered: the other did not fail', () => {
    const running = run([...simultaneous, ...ringing, phoneAnswers, ...phoneEnds]);
    assert.deepEqual(verdictOf(running, SECOND_LEG), CONNECTED);
    assert.deepEqual(verdictOf(running, B_LEG), {
      outcome: 'not_counted',
      cause: 'callee_no_answer',
      confidence: 'likely',
    });
  });

  test('one answered: no verdict on the other ever says otherwise, though the dial hook comes 10 minutes later', () => {
    const running = run([...simultaneous, ...ringing, phoneAnswers, ...phoneEnds]);
    const causes = running.verdicts
      .filter(({ callSid }) => callSid === B_LEG)
      .map(({ explanation }) => explanation.cause);
    assert.ok(causes.length > 0);
    assert.deepEqual(new Set(causes), new Set(['callee_no_answer']));
    assert.ok((running.verdicts.find(({ callSid }) => callSid === B_LEG)?.at ?? 0) < 10_000);
  });

  test('one answered at once: a single 180 of the other was no silence', () => {
    const soon = bLeg(900, 200, 'OK', 'in-progress', PHONE);
    const running = run(
      [...simultaneous.slice(0, 4), bLeg(250, 180, 'Ringing', 'ringing'), soon, ...phoneEnds],
      BARRED,
    );
    const causes = running.verdicts
      .filter(({ callSid }) => callSid === B_LEG)
      .map(({ explanation }) => explanation.cause);
    assert.deepEqual(new Set(causes), new Set(['callee_no_answer']));
  });

  test('one answered, and only the dial hook tells so', () => {
    const hook = dialHook(106_510, 200, 'completed', { dial_call_sid: SECOND_LEG });
    const running = run([...simultaneous, ...ringing, hook]);
    assert.equal(verdictOf(running, SECOND_LEG).outcome, 'connected');
    assert.deepEqual(verdictOf(running, B_LEG), {
      outcome: 'not_counted',
      cause: 'callee_no_answer',
      confidence: 'likely',
    });
  });

  test('one answered, at a time that nobody tells: a single 180 of the other was no silence', () => {
    const hook = dialHook(106_510, 200, 'completed', { dial_call_sid: SECOND_LEG });
    const running = run([...simultaneous, bLeg(250, 180, 'Ringing', 'ringing'), hook], BARRED);
    const { blocking, latent } = running.latest(B_LEG)?.explanation ?? {};
    assert.deepEqual({ blocking, latent }, { blocking: ['callee_no_answer'], latent: ['caller_not_allowed'] });
  });

  test('one answered, and the caller ended that conversation: the other was not abandoned', () => {
    const hungUp = aLeg(106_500, 200, 'OK', 'completed', { call_termination_by: 'caller' });
    const hook = dialHook(106_510, 200, 'completed', { dial_call_sid: SECOND_LEG });
    const running = run([...simultaneous, ...ringing.slice(0, 1), phoneAnswers, hungUp, hook]);
    for (const { explanation, callSid } of running.verdicts) {
      assert.notEqual(explanation.cause, 'caller_abandoned', callSid);
      assert.ok(!explanation.blocking.includes('caller_abandoned'), callSid);
    }
  });

  test('a leg that LiveKit refused did not lose to the one that was answered', () => {
    const refused = bLeg(390, 407, 'Unauthorized', 'failed');
    const running = run([...simultaneous, refused, phoneAnswers, ...phoneEnds]);
    assert.equal(verdictOf(running, B_LEG).cause, 'auth_missing');
    assert.deepEqual(verdictOf(running, SECOND_LEG), CONNECTED);
  });

  test('a leg that was cancelled because of the answer did not fail', () => {
    const cancelled = bLeg(6_600, 487, 'Request Terminated', 'no-answer');
    const running = run([...simultaneous, ...ringing, phoneAnswers, cancelled, ...phoneEnds]);
    assert.equal(verdictOf(running, B_LEG).cause, 'callee_no_answer');
  });

  test('a leg that had ended before the answer ended for its own reason', () => {
    const ended = bLeg(4_000, 487, 'Request Terminated', 'no-answer');
    const running = run([...simultaneous, ...ringing.slice(0, 3), ended, phoneAnswers, ...phoneEnds]);
    assert.equal(verdictOf(running, B_LEG).cause, 'agent_not_joined');
  });

  test('a leg that LiveKit dropped silently was lost before the other was answered', () => {
    const running = run([...simultaneous, bLeg(250, 180, 'Ringing', 'ringing'), phoneAnswers, ...phoneEnds], BARRED);
    assert.deepEqual(verdictOf(running, B_LEG), {
      outcome: 'failed',
      cause: 'caller_not_allowed',
      confidence: 'certain',
    });
  });

  test('none answered: each has its own cause', () => {
    const ends = [
      bLeg(390, 407, 'Unauthorized', 'failed'),
      bLeg(5_000, 486, 'Busy Here', 'busy', PHONE),
      dialHook(5_010, 486, 'busy', { dial_call_sid: SECOND_LEG }),
    ];
    const running = run([...simultaneous, ...ends]);
    assert.equal(verdictOf(running, B_LEG).cause, 'auth_missing');
    assert.equal(verdictOf(running, SECOND_LEG).cause, 'callee_busy');
  });
});

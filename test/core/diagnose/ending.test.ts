import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OpenCall } from '../../../src/core/correlate/openCall.ts';
import { callerExperienceOf } from '../../../src/core/diagnose/callerExperience.ts';
import { endingOf } from '../../../src/core/diagnose/facts/ending.ts';
import { eventOf } from '../running.ts';
import { A_LEG, A_LEG_ANSWERED, aLeg, bLeg, dialHook, type Webhook } from '../scenario.ts';

function attemptOf(webhooks: readonly Webhook[]) {
  const call = new OpenCall(
    A_LEG,
    webhooks.map((webhook) => eventOf(webhook)),
  );
  const [attempt] = call.attempts;
  assert.ok(attempt);
  return attempt;
}

describe('a dial without an answer was ended by', () => {
  const rang = [...A_LEG_ANSWERED, bLeg(100, 180, 'Ringing', 'ringing'), dialHook(20_000, 180, 'no-answer')];
  for (const [hungUpAt, by, endedBy] of [
    [19_999, 'caller', 'caller'],
    [21_500, 'caller', 'caller'],
    [21_501, 'caller', 'dial'],
    [19_999, 'jambonz', 'dial'],
    [19_999, undefined, 'caller'],
    [20_000, undefined, 'dial'],
  ] as const) {
    it(`the ${endedBy} where ${by ?? 'nobody in particular'} hung up ${hungUpAt - 20_000} ms after the dial hook`, () => {
      const hungUp = aLeg(hungUpAt, 200, 'OK', 'completed', { call_termination_by: by });
      assert.deepEqual(endingOf(attemptOf([...rang, hungUp])), { kind: 'unanswered', endedBy });
    });
  }
});

describe('what the caller had while it was dialled', () => {
  for (const [answeredAt, kind] of [
    [18_499, 'silence_or_ring_back'],
    [18_500, 'waiting'],
    [20_000, 'waiting'],
  ] as const) {
    it(`is ${kind} where the caller’s leg was answered ${20_000 - answeredAt} ms before the dialled one`, () => {
      const attempt = attemptOf([
        aLeg(0, 100, 'Trying', 'trying'),
        bLeg(100, 100, 'Trying', 'trying'),
        aLeg(answeredAt, 200, 'OK', 'in-progress'),
        bLeg(20_000, 200, 'OK', 'in-progress'),
      ]);
      assert.equal(callerExperienceOf(attempt).kind, kind);
    });
  }
});

describe('a leg without an answer', () => {
  const second = (at: number, ...rest: [number, string, string]) => bLeg(at, ...rest, { call_sid: 'second-leg' });
  for (const [secondAt, endedAt, isLost] of [
    [5_100, 12_000, true],
    [5_101, 12_000, false],
    [5_100, 10_000, true],
    [5_100, 9_999, false],
  ] as const) {
    it(`that began at 100 ms and ended at ${endedAt} ms is ${isLost ? '' : 'not '}lost to one of ${secondAt} ms that was answered at 10 s`, () => {
      const attempt = attemptOf([
        ...A_LEG_ANSWERED,
        bLeg(100, 100, 'Trying', 'trying'),
        second(secondAt, 100, 'Trying', 'trying'),
        second(10_000, 200, 'OK', 'in-progress'),
        bLeg(endedAt, 487, 'Request Terminated', 'no-answer'),
      ]);
      assert.equal(attempt.lostToSibling !== undefined, isLost);
    });
  }
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventOf, Running } from '../running.ts';
import { A_LEG_ANSWERED, aLeg, B_LEG, bLeg, dialHook, everySecond, webhooksOf } from '../scenario.ts';
import { BARRED, causes, HOOK, REFUSED, run, TRYING } from '../settling.ts';

describe('an attempt with its final status and its dial result', () => {
  test('settles within a second of the later one', () => {
    const running = run([...A_LEG_ANSWERED, TRYING, REFUSED, HOOK]);
    assert.deepEqual(causes(running), [[B_LEG, 'auth_missing']]);
    const at = running.latest(B_LEG)?.at ?? 0;
    assert.ok(at > 400 && at <= 1_400, `settled at ${at}`);
  });

  test('settles within a second too where the dial hook came first', () => {
    const running = run([
      ...A_LEG_ANSWERED,
      TRYING,
      dialHook(390, 407, 'failed'),
      bLeg(1_000, 407, 'Unauthorized', 'failed'),
    ]);
    assert.deepEqual(causes(running), [[B_LEG, 'auth_missing']]);
    const at = running.latest(B_LEG)?.at ?? 0;
    assert.ok(at > 1_000 && at <= 2_000, `settled at ${at}`);
    assert.equal(running.verdicts.length, 1);
  });

  test('is judged once where nothing more is heard', () => {
    assert.equal(run([...A_LEG_ANSWERED, TRYING, REFUSED, HOOK]).verdicts.length, 1);
  });

  test('is judged the same again when its caller hangs up', () => {
    const running = run([...A_LEG_ANSWERED, TRYING, REFUSED, HOOK, aLeg(30_000, 200, 'OK', 'completed')]);
    assert.deepEqual(causes(running), [[B_LEG, 'auth_missing']]);
    assert.deepEqual(running.verdicts[0]?.explanation, running.verdicts.at(-1)?.explanation);
  });
});

test('of two final statuses of a leg the first one sent is its answer, in whatever order they arrive', () => {
  const second = bLeg(700, 500, 'Server Internal Error', 'failed');
  for (const finals of [
    [REFUSED, second],
    [second, REFUSED],
  ]) {
    const running = new Running();
    for (const webhook of [...A_LEG_ANSWERED, TRYING, ...finals, HOOK]) running.pipeline.accept(eventOf(webhook));
    running.settleAll();
    assert.deepEqual(causes(running), [[B_LEG, 'auth_missing']]);
  }
});

describe('an attempt that lacks something', () => {
  test('without a dial hook settles on its final status', () => {
    const running = run([...A_LEG_ANSWERED, TRYING, REFUSED]);
    assert.deepEqual(causes(running), [[B_LEG, 'auth_missing']]);
    assert.ok((running.latest(B_LEG)?.at ?? 0) <= 10_000);
  });

  test('without a final status settles on its dial hook', () => {
    const running = run([...A_LEG_ANSWERED, TRYING, HOOK]);
    assert.deepEqual(causes(running), [[B_LEG, 'auth_missing']]);
    assert.ok((running.latest(B_LEG)?.at ?? 0) <= 5_000);
  });

  test('after a ring timeout settles within 2 s of the dial hook, since no final status ever comes', () => {
    const running = run(webhooksOf({ ringing: everySecond(90, 19_090), dialGaveUpAt: 20_000 }));
    assert.deepEqual(causes(running), [[B_LEG, 'agent_not_joined']]);
    assert.ok((running.latest(B_LEG)?.at ?? 0) <= 22_160);
  });

  test('after a caller’s hang-up settles although the B leg’s last webhook is a ringing', () => {
    const running = run(webhooksOf({ ringing: [90], callerHungUpAt: 8_000 }), BARRED);
    assert.deepEqual(causes(running), [[B_LEG, 'caller_not_allowed']]);
    assert.ok((running.latest(B_LEG)?.at ?? 0) <= 10_200);
  });

  test('with neither hook nor final status settles once the A leg is gone', () => {
    const running = run(
      [...A_LEG_ANSWERED, TRYING, bLeg(250, 180, 'Ringing', 'ringing'), aLeg(20_000, 200, 'OK', 'completed')],
      BARRED,
    );
    assert.deepEqual(causes(running), [[B_LEG, 'caller_not_allowed']]);
    assert.ok((running.latest(B_LEG)?.at ?? 0) <= 25_000);
  });

  test('of which nothing more is ever heard settles at last, past the longest transaction of 217 s', () => {
    const running = run([...A_LEG_ANSWERED, TRYING, bLeg(250, 180, 'Ringing', 'ringing')], BARRED);
    const at = running.latest(B_LEG)?.at ?? 0;
    assert.ok(at > 217_250 && at <= 600_000, `settled at ${at}`);
    // Lost webhooks are silent as well: nothing is shown.
    assert.notEqual(running.latest(B_LEG)?.explanation.confidence, 'certain');
  });

  test('is not settled by that while its 408 may still come', () => {
    const webhooks = webhooksOf({ ringing: [90], response: [408, 'Request Timeout', 217_000] });
    const running = run(webhooks, BARRED);
    assert.deepEqual(causes(running), [[B_LEG, 'caller_not_allowed']]);
    assert.equal(running.latest(B_LEG)?.explanation.confidence, 'certain');
  });

  test('that only the dial hook names is still an attempt', () => {
    const running = run([...A_LEG_ANSWERED, HOOK, aLeg(800, 200, 'OK', 'completed')]);
    assert.deepEqual(
      running.verdicts.map(({ callSid }) => callSid),
      [B_LEG],
    );
    assert.notEqual(running.latest(B_LEG)?.explanation.confidence, 'certain');
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { replay } from '../../../src/core/replay/replay.ts';
import { recordedCases } from '../recordedCases.ts';
import { EPOCH_MS, eventOf, Running } from '../running.ts';
import { A_LEG, B_LEG, everySecond, rule, trunk, type Webhook, webhooksOf } from '../scenario.ts';

const BARRED = { inbound_trunks: [trunk({ allowed_numbers: ['+15550142'] })], dispatch_rules: [rule()] };

/** The last verdict on the same webhooks with a restart before one of them: what was recorded is all that is left. */
function verdictAfterRestart(webhooks: readonly Webhook[], before: number, livekit: typeof BARRED) {
  const first = new Running(livekit);
  first.deliver(webhooks.slice(0, before));
  const second = new Running(livekit);
  // The first dialled leg is the attempt that the A leg was.
  const settled = first.verdicts.map(() => A_LEG);
  const recorded = webhooks.slice(0, before).map((webhook) => eventOf(webhook));
  if (recorded.length > 0) second.pipeline.restore(A_LEG, recorded, { judged: settled });
  second.deliver(webhooks.slice(before));
  second.settleAll();
  return (second.latest(B_LEG) ?? first.latest(B_LEG))?.explanation;
}

const CALLS = {
  'a refused call': webhooksOf({ ringing: [90], dialGaveUpAt: 20_000 }),
  'a call that was not answered': webhooksOf({ ringing: everySecond(90, 19_090), dialGaveUpAt: 20_000 }),
  'a call without credentials': webhooksOf({ response: [407, 'Unauthorized', 230] }),
  'an abandoned call': webhooksOf({ ringing: [90], callerHungUpAt: 8_000 }),
  'a call that connected': webhooksOf({ ringing: [90], response: [200, 'OK', 900] }),
};

describe('a restart', () => {
  for (const [what, webhooks] of Object.entries(CALLS)) {
    test(`at any moment of ${what} changes nothing of its verdict`, () => {
      const undisturbed = new Running(BARRED);
      undisturbed.deliver(webhooks);
      undisturbed.settleAll();
      const want = undisturbed.latest(B_LEG)?.explanation;
      assert.ok(want);
      for (let before = 0; before <= webhooks.length; before += 1) {
        assert.deepEqual(verdictAfterRestart(webhooks, before, BARRED), want, `restart before webhook ${before}`);
      }
    });
  }

  test('does not judge again what was judged before it', () => {
    const webhooks = CALLS['a call without credentials'];
    const restarted = new Running();
    restarted.pipeline.restore(
      A_LEG,
      webhooks.map((webhook) => eventOf(webhook)),
      { judged: [A_LEG] },
    );
    restarted.settleAll();
    assert.deepEqual(restarted.verdicts, []);
    assert.equal(restarted.pipeline.openCalls, 0);
  });

  test('after which a call is reconsidered judges it again', () => {
    const webhooks = CALLS['a call without credentials'];
    const restarted = new Running();
    restarted.pipeline.restore(
      A_LEG,
      webhooks.map((webhook) => eventOf(webhook)),
      { judged: [A_LEG] },
    );
    restarted.pipeline.reconsider(A_LEG);
    restarted.settleAll();
    assert.deepEqual(
      restarted.verdicts.map(({ callSid }) => callSid),
      [B_LEG],
    );
  });

  test('long after the end of a call settles it at once', () => {
    const webhooks = CALLS['a refused call'];
    const restarted = new Running(BARRED);
    restarted.pipeline.restore(
      A_LEG,
      webhooks.map((webhook) => eventOf(webhook)),
      { judged: [] },
    );
    const verdicts = restarted.pipeline.settle(EPOCH_MS + 86_400_000);
    assert.deepEqual(
      verdicts.map(({ diagnosis: { cause, confidence } }) => [cause, confidence]),
      [['caller_not_allowed', 'certain']],
    );
  });

  test('halfway through each recorded call changes nothing of its cause', () => {
    for (const { id, call } of recordedCases()) {
      const [want] = replay(call).calls;
      // The cast is the recording's documented form.
      const livekit = call.livekit as typeof BARRED;
      const running = new Running(livekit, { sbcAddresses: [call.invite?.source_ip ?? ''] });
      const half = Math.ceil(call.webhooks.length / 2);
      const [first] = call.webhooks;
      const callId: string = JSON.parse(first?.body ?? '').call_sid;
      running.pipeline.restore(
        callId,
        call.webhooks.slice(0, half).map((webhook) => eventOf(webhook)),
        { judged: [] },
      );
      running.deliver(call.webhooks.slice(half));
      running.settleAll();
      const got = running.verdicts.at(-1)?.explanation;
      assert.deepEqual(
        [got?.call_sid, got?.blocking, got?.confidence],
        [want?.call_sid, want?.blocking, want?.confidence],
        id,
      );
    }
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LiveKitSide } from '../../../src/core/correlate/liveKitSide.ts';
import { OpenCall } from '../../../src/core/correlate/openCall.ts';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';
import { B_LEG_CALL_ID, caller, transferReported } from '../livekitScenario.ts';
import { EPOCH_MS, eventOf } from '../running.ts';
import { A_LEG, bLeg, type Webhook } from '../scenario.ts';

function liveKitEventOf(webhook: Webhook) {
  const reading = readLiveKit(Buffer.from(webhook.body ?? ''), EPOCH_MS + webhook.at_ms, true);
  assert.ok(reading.ok);
  return reading.event;
}

function sideWithLeg() {
  const call = new OpenCall(A_LEG, [eventOf(bLeg(1_000, 200, 'OK', 'in-progress', { sbc_callid: B_LEG_CALL_ID }))]);
  const side = new LiveKitSide();
  side.setLegs(call.id, call.attempts);
  const [attempt] = call.attempts;
  assert.ok(attempt);
  return { side, attempt };
}
const report = (at: number, callId = B_LEG_CALL_ID) => liveKitEventOf(transferReported(at, null, callId));

describe('a reported transfer', () => {
  it('concerns the call of its Call-ID', () => {
    const { side, attempt } = sideWithLeg();
    assert.deepEqual(side.add(report(5_000)), new Set([A_LEG]));
    assert.deepEqual(side.add(report(6_000, 'another')), new Set());
    assert.deepEqual(side.callIdsInRoomOf(report(5_000)), new Set([B_LEG_CALL_ID]));
    assert.deepEqual(
      side.transfersOf(attempt).map(({ at }) => at - EPOCH_MS),
      [5_000],
    );
  });

  it('is no participant, and no sign that LiveKit’s webhooks arrive', () => {
    const { side, attempt } = sideWithLeg();
    side.add(report(5_000));
    assert.equal(side.joinOf(A_LEG, attempt).kind, 'none');
    assert.equal(side.isReporting(EPOCH_MS), false);
    side.add(liveKitEventOf(caller(1_100, 'participant_joined')));
    assert.equal(side.joinOf(A_LEG, attempt).kind, 'joined');
    assert.equal(side.isReporting(EPOCH_MS), true);
  });

  it('counts once if it is added again, and by its time if it arrives late', () => {
    const { side, attempt } = sideWithLeg();
    for (const at of [7_000, 5_000, 5_000]) side.add(report(at));
    assert.deepEqual(
      side.transfersOf(attempt).map(({ at }) => at - EPOCH_MS),
      [5_000, 7_000],
    );
  });

  it('is kept up to the twentieth', () => {
    const { side, attempt } = sideWithLeg();
    for (let i = 0; i < 21; i += 1) side.add(report(5_000 + i));
    assert.equal(side.transfersOf(attempt).length, 20);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveKitEvent } from '../../../src/core/call/livekitEvent.ts';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { describeCall } from '../../../src/core/explain/callJson.ts';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import { EPOCH_MS, eventOf } from '../running.ts';
import { A_LEG, bLeg, CALLED, CALLER, EMPTY, FITTING, type Webhook, webhooksOf } from '../scenario.ts';

const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [] });

function known(livekit: object) {
  const reading = readSnapshot(livekit as typeof FITTING);
  assert.ok(reading.ok);
  return { snapshot: reading.snapshot, ageSeconds: 0, isStale: false };
}

function joined(callIDFull: string | undefined): LiveKitEvent {
  const participant = {
    sid: 'PA_sip',
    identity: 'sip_1',
    kind: 'SIP',
    attributes: {
      'sip.callIDFull': callIDFull,
      'sip.callStatus': 'active',
      'sip.phoneNumber': CALLER,
      'sip.trunkPhoneNumber': CALLED,
    },
  };
  const body = { event: 'participant_joined', room: { sid: 'RM_1', name: 'call-1' }, participant };
  const reading = readLiveKit(Buffer.from(JSON.stringify(body)), EPOCH_MS + 1_000, true);
  assert.ok(reading.ok);
  return reading.event as LiveKitEvent;
}

/** The trunks in the match of a call that the caller ended early, between a reading without trunks and one with one. */
function trunksWith(
  liveKitEvents: readonly LiveKitEvent[],
  webhooks: readonly Webhook[] = webhooksOf({ ringing: [90], callerHungUpAt: 3_000 }),
) {
  const events = webhooks.map((sent) => eventOf(sent));
  const { pending } = describeCall(SITE, { callId: A_LEG, events, attempts: [], liveKitEvents }, () => ({
    ...known(EMPTY),
    other: known(FITTING),
  }));
  return pending[0]?.match?.trunks.map(({ sip_trunk_id }) => sip_trunk_id);
}

describe('the match of a call between two readings of the configuration', () => {
  it('is by the nearer reading if nothing tells', () => assert.deepEqual(trunksWith([]), []));
  it('is by the other reading if LiveKit’s webhooks show that the call got in', () =>
    assert.deepEqual(trunksWith([joined('b-leg@192.0.2.10')]), ['ST_1']));
  it('is by the nearer reading if they show only another call', () =>
    assert.deepEqual(trunksWith([joined('other-leg@192.0.2.10')]), []));
  it('is by the nearer reading if the participant may be that of another leg of the call', () => {
    const trying = [bLeg(160, 100, 'Trying', 'trying'), bLeg(170, 100, 'Trying', 'trying', { call_sid: 'second' })];
    assert.deepEqual(trunksWith([joined(undefined)], trying.slice(0, 1)), ['ST_1']);
    assert.deepEqual(trunksWith([joined(undefined)], trying), []);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveKitEvent } from '../../../src/core/call/livekitEvent.ts';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { describeCall } from '../../../src/core/explain/callJson.ts';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import { EPOCH_MS, eventOf } from '../running.ts';
import { A_LEG, EMPTY, FITTING, webhooksOf } from '../scenario.ts';

const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [] });

function known(livekit: object) {
  const reading = readSnapshot(livekit as typeof FITTING);
  assert.ok(reading.ok);
  return { snapshot: reading.snapshot, ageSeconds: 0, isStale: false };
}

function joined(callIDFull: string): LiveKitEvent {
  const participant = {
    sid: 'PA_sip',
    identity: 'sip_1',
    kind: 'SIP',
    attributes: { 'sip.callIDFull': callIDFull, 'sip.callStatus': 'active' },
  };
  const body = { event: 'participant_joined', room: { sid: 'RM_1', name: 'call-1' }, participant };
  const reading = readLiveKit(Buffer.from(JSON.stringify(body)), EPOCH_MS + 1_000, true);
  assert.ok(reading.ok);
  return reading.event as LiveKitEvent;
}

/** The trunks in the match of a call that the caller ended early, between a reading without trunks and one with one. */
function trunksWith(liveKitEvents: readonly LiveKitEvent[]) {
  const events = webhooksOf({ ringing: [90], callerHungUpAt: 3_000 }).map((sent) => eventOf(sent));
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
});

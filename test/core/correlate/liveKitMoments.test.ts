import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LiveKitSide } from '../../../src/core/correlate/liveKitSide.ts';
import { OpenCall } from '../../../src/core/correlate/openCall.ts';
import { liveKitEventsOf } from '../../../src/core/explain/liveKitTimeline.ts';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';
import { agent, B_LEG_CALL_ID, caller } from '../livekitScenario.ts';
import { EPOCH_MS, eventOf } from '../running.ts';
import { A_LEG, bLeg, type Webhook } from '../scenario.ts';

const LEG_BEGINS = 30 * 60_000;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

function liveKitEventOf(webhook: Webhook) {
  const reading = readLiveKit(Buffer.from(webhook.body ?? ''), EPOCH_MS + webhook.at_ms, true);
  assert.ok(reading.ok);
  return reading.event;
}

describe('a participant is a leg’s far end by its numbers', () => {
  for (const [offset, kind] of [
    [-3 * SECOND - 1, 'none'],
    [-3 * SECOND, 'joined'],
    [0, 'joined'],
    [10 * SECOND, 'joined'],
    [10 * SECOND + 1, 'none'],
  ] as const) {
    it(`${kind === 'joined' ? 'where' : 'not where'} it joins ${offset} ms after the leg’s first webhook`, () => {
      const call = new OpenCall(A_LEG, [eventOf(bLeg(LEG_BEGINS, 180, 'Ringing', 'ringing'))]);
      const liveKit = new LiveKitSide();
      liveKit.setLegs(call.id, call.attempts);
      liveKit.add(liveKitEventOf(caller(LEG_BEGINS + offset, 'participant_joined', { 'sip.callIDFull': undefined })));
      assert.deepEqual(
        call.attempts.map((attempt) => liveKit.joinOf(call.id, attempt).kind),
        [kind],
      );
    });
  }
});

describe('LiveKit’s webhooks reach this service', () => {
  const side = new LiveKitSide();
  side.add(liveKitEventOf(caller(LEG_BEGINS, 'participant_joined')));
  for (const [ago, isReporting] of [
    [-MINUTE, true],
    [60 * MINUTE, true],
    [60 * MINUTE + 1, false],
  ] as const) {
    it(`${isReporting ? 'for' : 'not for'} a call ${ago} ms after the latest`, () => {
      assert.equal(side.isReporting(EPOCH_MS + LEG_BEGINS + ago), isReporting);
    });
  }

  it('for no call before the first', () => assert.equal(new LiveKitSide().isReporting(0), false));
});

describe('the calls in memory that an event may affect', () => {
  const affected = (name: string) => {
    const call = new OpenCall(A_LEG, [eventOf(bLeg(0, 180, 'Ringing', 'ringing', { sbc_callid: B_LEG_CALL_ID }))]);
    const side = new LiveKitSide();
    side.setLegs(call.id, call.attempts);
    side.add(liveKitEventOf(caller(100, 'participant_joined')));
    return side.add(liveKitEventOf(agent(900, name)));
  };
  it('are those whose legs are in its room', () => {
    assert.deepEqual(affected('participant_joined'), new Set([A_LEG]));
  });
  it('are none if it changes no verdict', () => assert.deepEqual(affected('track_unpublished'), new Set()));
  it('are none in a room of a caller without attributes', () => {
    const side = new LiveKitSide();
    const nobody = caller(100, 'participant_joined', {}, { attributes: undefined });
    assert.deepEqual(side.add(liveKitEventOf(nobody)), new Set());
  });
});

describe('the calls in the room of an event', () => {
  const side = new LiveKitSide();
  side.add(liveKitEventOf(caller(0, 'participant_joined')));
  side.add(liveKitEventOf(caller(0, 'participant_joined', { 'sip.callIDFull': undefined }, { sid: 'PA_other' })));
  it('are those whose Call-IDs its participants have', () => {
    assert.deepEqual(side.callIdsInRoomOf(liveKitEventOf(agent(900, 'participant_joined'))), new Set([B_LEG_CALL_ID]));
  });
  it('are none if it changes no verdict', () => {
    assert.deepEqual(side.callIdsInRoomOf(liveKitEventOf(agent(900, 'track_unpublished'))), new Set());
  });
});

describe('a call’s timeline', () => {
  const CALL = [LEG_BEGINS, LEG_BEGINS + MINUTE].map((at) =>
    eventOf(bLeg(at, 180, 'Ringing', 'ringing', { sbc_callid: 'b-leg@192.0.2.10' })),
  );
  const shows = (webhook: Webhook) => liveKitEventsOf(CALL, [liveKitEventOf(webhook)]).length === 1;

  for (const [what, at, isShown] of [
    ['a minute before the call', LEG_BEGINS - MINUTE, true],
    ['longer before the call', LEG_BEGINS - MINUTE - 1, false],
    ['a quarter of an hour after the call', LEG_BEGINS + 16 * MINUTE, true],
    ['longer after the call', LEG_BEGINS + 16 * MINUTE + 1, false],
  ] as const) {
    it(`${isShown ? 'has' : 'has not'} what LiveKit said ${what}`, () => {
      assert.equal(shows(caller(at, 'participant_left')), isShown);
    });
  }

  it('has an agent whenever it came, if not long after the call', () => {
    assert.ok(shows(agent(0, 'participant_joined')));
    assert.ok(shows(agent(LEG_BEGINS + 16 * MINUTE, 'participant_left')));
    assert.ok(!shows(agent(LEG_BEGINS + 16 * MINUTE + 1, 'participant_left')));
  });
});

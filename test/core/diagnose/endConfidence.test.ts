import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { agentLeftCaller } from '../../../src/core/diagnose/causes/after/agent_left_caller.ts';
import { callLimitReached } from '../../../src/core/diagnose/causes/after/call_limit_reached.ts';
import { livekitLostCall } from '../../../src/core/diagnose/causes/after/livekit_lost_call.ts';
import { mediaTimeout } from '../../../src/core/diagnose/causes/after/media_timeout.ts';
import type { CallEnd } from '../../../src/core/diagnose/facts/callEnd.ts';
import type { Facts } from '../../../src/core/diagnose/facts/facts.ts';
import type { Admitted } from '../../../src/core/diagnose/facts/liveKitReport.ts';
import { FITTING, trunk } from '../scenario.ts';
import { ADMITTED } from './admittedReport.ts';
import { factsOf } from './gatheredFacts.ts';

const ANSWERED = factsOf({ ringing: [90], answeredAt: 200 }, { livekit: FITTING });
const LIMITED = factsOf(
  { ringing: [90], answeredAt: 200 },
  { livekit: { ...FITTING, inbound_trunks: [trunk({ max_call_duration: '60s' })] } },
);
const END: CallEnd = { by: 'caller', seconds: 60, precise: true, leftBefore: false, callerStayed: false };

/** The confidence of a claim about an answered call; `undefined` if the rule claims nothing. */
function confidence(
  cause: { judge(facts: Facts): { readonly confidence: string } | undefined },
  end: Partial<CallEnd>,
  livekit: Partial<Admitted> | undefined,
  facts = ANSWERED,
) {
  const report = livekit ? { ...ADMITTED, ...livekit } : ({ kind: 'unreported' } as const);
  return cause.judge({ ...facts, end: { ...END, ...end }, livekit: report })?.confidence;
}

describe('that the agent left the caller', () => {
  const gone = (reason: string | undefined) => ({ agentGone: { at: 0, reason } });
  for (const [what, end, livekit, wanted] of [
    ['is certain if it left', {}, gone('CLIENT_INITIATED'), 'certain'],
    ['is certain if it lost its connection', {}, gone('CONNECTION_TIMEOUT'), 'certain'],
    ['is certain if it ended with an error', {}, gone('AGENT_ERROR'), 'certain'],
    ['is likely if its connection broke', {}, gone('STATE_MISMATCH'), 'likely'],
    ['is nothing if LiveKit then ended its side', { outlivedSeconds: 25.1 }, gone('CLIENT_INITIATED'), undefined],
    ['is certain 5 s before LiveKit ended its side', { outlivedSeconds: 25 }, gone('CLIENT_INITIATED'), 'certain'],
    ['is likely if somebody removed it', {}, gone('PARTICIPANT_REMOVED'), 'likely'],
    ['is likely without a reason', {}, gone(undefined), 'likely'],
    ['is likely by numbers', {}, { ...gone('CLIENT_INITIATED'), joinedBy: 'numbers' as const }, 'likely'],
    ['is likely if LiveKit ended the call', { by: 'far_end' as const }, gone('CLIENT_INITIATED'), 'likely'],
    ['is nothing if the agent was there', {}, {}, undefined],
    ['is nothing without LiveKit’s webhooks', {}, undefined, undefined],
  ] as const) {
    it(what, () => assert.equal(confidence(agentLeftCaller, { aloneSeconds: 30, ...end }, livekit), wanted));
  }
});

describe('that LiveKit lost the call', () => {
  for (const reason of ['SERVER_SHUTDOWN', 'CONNECTION_TIMEOUT', 'SIGNAL_CLOSE', 'STATE_MISMATCH', 'MEDIA_FAILURE']) {
    it(`is certain if it says so before the end: ${reason}`, () => {
      assert.equal(confidence(livekitLostCall, { leftBefore: true }, { leftBecause: reason }), 'certain');
    });
  }
  for (const [what, end, livekit, wanted] of [
    ['is certain if the call ended from its side', { by: 'far_end' as const }, {}, 'certain'],
    ['is likely if the caller ended the call before', {}, {}, 'likely'],
    ['is likely by numbers', { leftBefore: true }, { joinedBy: 'numbers' as const }, 'likely'],
    ['is nothing if somebody hung up', {}, { leftBecause: 'CLIENT_INITIATED' }, undefined],
    ['is nothing without a reason', {}, { leftBecause: undefined }, undefined],
  ] as const) {
    it(what, () => {
      assert.equal(confidence(livekitLostCall, end, { leftBecause: 'CONNECTION_TIMEOUT', ...livekit }), wanted);
    });
  }
});

describe('that LiveKit hung up for want of audio', () => {
  const BY = { leftBecause: 'CLIENT_INITIATED' };
  const far = { by: 'far_end' as const };
  for (const [what, end, livekit, wanted] of [
    ['is likely 30 s after the answer', { ...far, seconds: 30 }, BY, 'likely'],
    ['is possible then without LiveKit’s reason', { ...far, seconds: 30 }, {}, 'possible'],
    ['is possible then without LiveKit’s webhooks', { ...far, seconds: 30 }, undefined, 'possible'],
    ['is possible later', far, BY, 'possible'],
    ['is nothing later without LiveKit’s reason', far, {}, undefined],
    ['is nothing if the agent had left', { ...far, aloneSeconds: 10 }, BY, undefined],
    ['is nothing if the caller hung up', { seconds: 30 }, BY, undefined],
    ['is nothing if nobody knows who hung up', { by: 'unknown' as const, seconds: 30 }, BY, undefined],
    ['is nothing if the room was deleted', { ...far, seconds: 30 }, { leftBecause: 'ROOM_DELETED' }, undefined],
  ] as const) {
    it(what, () => assert.equal(confidence(mediaTimeout, end, livekit), wanted));
  }
  it('is nothing for a carrier', () => {
    const carrier = factsOf({ to: '+15550199', answeredAt: 200 });
    assert.equal(confidence(mediaTimeout, { ...far, seconds: 30 }, undefined, carrier), undefined);
  });
  it('is nothing at the trunk’s call limit', () => {
    assert.equal(confidence(mediaTimeout, far, BY, LIMITED), undefined);
  });
});

describe('that a call reached the trunk’s limit', () => {
  for (const [what, end, livekit, wanted] of [
    ['is likely', { by: 'far_end' as const }, { leftBecause: 'CLIENT_INITIATED' }, 'likely'],
    ['is likely without LiveKit’s webhooks', { by: 'far_end' as const }, undefined, 'likely'],
    ['is nothing if the room was deleted', { by: 'far_end' as const }, { leftBecause: 'ROOM_DELETED' }, undefined],
    ['is nothing if the caller hung up', {}, { leftBecause: 'CLIENT_INITIATED' }, undefined],
    ['is nothing at another time', { by: 'far_end' as const, seconds: 61 }, undefined, undefined],
  ] as const) {
    it(what, () => assert.equal(confidence(callLimitReached, end, livekit, LIMITED), wanted));
  }
});

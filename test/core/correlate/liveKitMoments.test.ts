import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LiveKitSide } from '../../../src/core/correlate/liveKitSide.ts';
import { OpenCall } from '../../../src/core/correlate/openCall.ts';
import { type Admitted, liveKitReportOf } from '../../../src/core/diagnose/facts/liveKitReport.ts';
import { liveKitEventsOf } from '../../../src/core/explain/liveKitTimeline.ts';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';
import { agent, agentAudio, B_LEG_CALL_ID, caller, roomFinished } from '../livekitScenario.ts';
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

/** What LiveKit's webhooks say of a leg that began at 0. */
function report(jambonz: readonly Webhook[], liveKit: readonly Webhook[]): Admitted {
  const call = new OpenCall(
    A_LEG,
    [bLeg(0, 180, 'Ringing', 'ringing', { sbc_callid: B_LEG_CALL_ID }), ...jambonz].map((w) => eventOf(w)),
  );
  const side = new LiveKitSide();
  side.setLegs(call.id, call.attempts);
  for (const webhook of liveKit) side.add(liveKitEventOf(webhook));
  const [attempt] = call.attempts;
  assert.ok(attempt);
  const report = liveKitReportOf(side.joinOf(call.id, attempt), attempt, true);
  assert.ok(report.kind === 'admitted');
  return report;
}

describe('of a call that was given up at 20 s, LiveKit’s webhooks tell', () => {
  const GAVE_UP = [bLeg(20 * SECOND, 487, 'Request Terminated', 'no-answer')];
  const JOINED = caller(100, 'participant_joined');

  for (const [audioAt, state] of [
    [19_000, 'audible'],
    [19_001, 'silent'],
  ] as const) {
    it(`that its agent was ${state} where its audio came at ${audioAt} ms`, () => {
      const webhooks = [JOINED, agent(900, 'participant_joined'), agentAudio(audioAt)];
      assert.equal(report(GAVE_UP, webhooks).agent.state, state);
    });
  }
  for (const [leftAt, state] of [
    [99, 'none'],
    [100, 'silent'],
  ] as const) {
    it(`of an agent as "${state}" that left the room at ${leftAt} ms, where the call entered it at 100 ms`, () => {
      const webhooks = [agent(10, 'participant_joined'), agent(leftAt, 'participant_left'), JOINED];
      const { agent: seen } = report(GAVE_UP, webhooks);
      assert.equal(seen.state, state);
      if (seen.state === 'none') assert.equal(seen.isLate, false);
    });
  }
  it('that the caller itself, whatever its kind, could not have answered', () => {
    assert.equal(report(GAVE_UP, [caller(100, 'participant_joined', {}, { kind: undefined })]).hasOthers, false);
  });
  for (const [arrival, state] of [
    [20_000, 'silent'],
    [20_001, 'none'],
  ] as const) {
    it(`of its agent as "${state}" where it came at ${arrival} ms`, () => {
      assert.equal(report(GAVE_UP, [JOINED, agent(arrival, 'participant_joined')]).agent.state, state);
    });
  }
  for (const [finishedAt, roomClosed] of [
    [99, undefined],
    [100, 'deleted'],
    [21_000, 'deleted'],
    [21_001, undefined],
  ] as const) {
    it(`that its room was ${roomClosed ?? 'not'} closed where it ended at ${finishedAt} ms`, () => {
      const webhooks = [
        JOINED,
        roomFinished(finishedAt, { room: { sid: 'RM_1', name: 'call-1' }, roomEndReason: 'ROOM_END_API_DELETE' }),
      ];
      assert.equal(report(GAVE_UP, webhooks).roomClosed, roomClosed);
    });
  }
  for (const [leftAt, roomClosed] of [
    [21_000, 'server_shutdown'],
    [21_001, undefined],
  ] as const) {
    it(`that its room was ${roomClosed ?? 'not'} closed where LiveKit sent the caller away at ${leftAt} ms`, () => {
      const left = caller(leftAt, 'participant_left', {}, { disconnectReason: 'SERVER_SHUTDOWN' });
      assert.equal(report(GAVE_UP, [JOINED, left]).roomClosed, roomClosed);
    });
  }
  for (const [kind, hasOthers] of [
    ['STANDARD', true],
    ['BRIDGE', false],
    ['CONNECTOR', false],
    ['EGRESS', false],
    ['INGRESS', false],
    ['SIP', false],
    ['AGENT', false],
  ] as const) {
    it(`that a participant of kind ${kind} might ${hasOthers ? '' : 'not '}have answered in the agent’s place`, () => {
      const other = agent(300, 'participant_joined', { sid: 'PA_other', identity: 'other', kind });
      assert.equal(report(GAVE_UP, [JOINED, other]).hasOthers, hasOthers);
    });
  }
});

describe('of a call that was answered, LiveKit’s webhooks tell', () => {
  const ANSWERED = [bLeg(SECOND, 200, 'OK', 'in-progress'), bLeg(60 * SECOND, 200, 'OK', 'completed')];
  for (const [callerStayedMs, isEarly] of [
    [1_999, false],
    [2_000, true],
  ] as const) {
    it(`${isEarly ? '' : 'not '}that its agent left early, where the caller stayed ${callerStayedMs} ms longer`, () => {
      const webhooks = [
        caller(100, 'participant_joined'),
        agent(300, 'participant_joined'),
        agentAudio(SECOND),
        agent(30 * SECOND, 'participant_left'),
        caller(30 * SECOND + callerStayedMs, 'participant_left'),
      ];
      const expected = isEarly ? { afterSeconds: 29, callerStayedSeconds: 2 } : undefined;
      assert.deepEqual(report(ANSWERED, webhooks).agentLeftEarly, expected);
    });
  }
});

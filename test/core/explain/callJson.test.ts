import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { summariseAttempt } from '../../../src/core/explain/attemptSummary.ts';
import { describeCall, startsOf } from '../../../src/core/explain/callJson.ts';
import { callsCsv } from '../../../src/core/explain/ticket/callsCsv.ts';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';
import { B_LEG_CALL_ID, caller } from '../livekitScenario.ts';
import { EPOCH_MS, eventOf } from '../running.ts';
import {
  A_LEG,
  A_LEG_ANSWERED,
  aLeg,
  B_LEG,
  bLeg,
  dialHook,
  type Webhook,
  WITH_PASSWORD,
  webhook,
  type webhooksOf,
} from '../scenario.ts';
import { ATTEMPT, CALL, described, iso, SITE, STARTED_AT } from './describedCall.ts';

describe('a call for the API', () => {
  it('has a settled attempt and when it began', () => {
    assert.deepEqual(
      [CALL.call_sid, CALL.from, CALL.settled, CALL.pending, ATTEMPT.started_at],
      [A_LEG, '+15550123', true, [], iso(STARTED_AT)],
    );
    assert.equal(ATTEMPT.match, null);
    assert.deepEqual(
      CALL.timeline.map(({ event }) => event),
      ['call_status', 'call_status', 'call_status', 'call_status', 'dial_action', 'call_status'],
    );
  });

  it('has open legs, with what is known of them', () => {
    const pendingOf = (webhooks: ReturnType<typeof webhooksOf>) =>
      describeCall(
        SITE,
        { callId: A_LEG, events: webhooks.map((webhook) => eventOf(webhook)), attempts: [], liveKitEvents: [] },
        () => undefined,
      ).pending;
    const trying = bLeg(160, 100, 'Trying', 'trying');
    assert.deepEqual(pendingOf([...A_LEG_ANSWERED, trying]), [
      {
        call_sid: B_LEG,
        from: '+15550123',
        to: 'sip:+15550100@lab.sip.livekit.cloud',
        started_at: iso(STARTED_AT),
        match: null,
      },
    ]);
    const [hooked] = pendingOf([...A_LEG_ANSWERED, dialHook(500, 486, 'busy')]);
    assert.deepEqual(hooked, { call_sid: B_LEG, from: null, to: null, started_at: iso(EPOCH_MS + 500), match: null });
  });

  it('has LiveKit’s webhooks in its timeline, in the order of time', () => {
    const sent = [
      bLeg(100, 180, 'Ringing', 'ringing', { sbc_callid: B_LEG_CALL_ID }),
      bLeg(900, 486, 'Busy Here', 'busy'),
    ];
    const reading = readLiveKit(Buffer.from(caller(0, 'participant_joined').body ?? ''), EPOCH_MS + 500, true);
    assert.ok(reading.ok);
    const { timeline } = describeCall(
      SITE,
      { callId: A_LEG, events: sent.map((one) => eventOf(one)), attempts: [], liveKitEvents: [reading.event] },
      () => undefined,
    );
    assert.deepEqual(
      timeline.map(({ at, source }) => [at, source]),
      [
        [iso(EPOCH_MS + 100), 'jambonz'],
        [iso(EPOCH_MS + 500), 'livekit'],
        [iso(EPOCH_MS + 900), 'jambonz'],
      ],
    );
  });

  it('is empty if nothing is known yet', () => {
    const { from, to, started_at, settled, timeline } = describeCall(
      SITE,
      { callId: A_LEG, events: [], attempts: [], liveKitEvents: [] },
      () => undefined,
    );
    assert.deepEqual([from, to, started_at, settled, timeline], [null, null, null, false, []]);
  });

  it('asks once for the configuration at each attempt’s start', () => {
    const events = [
      bLeg(100, 100, 'Trying', 'trying'),
      bLeg(100, 100, 'Trying', 'trying', { call_sid: 'second' }),
      bLeg(300, 100, 'Trying', 'trying', { call_sid: 'third' }),
    ].map((webhook) => eventOf(webhook));
    assert.deepEqual(startsOf({ callId: A_LEG, events }), [EPOCH_MS + 100, EPOCH_MS + 300]);
  });

  it('is a line in a list, with its response if it had one', () => {
    const refused = described({ response: [407, 'Unauthorized', 200] }, WITH_PASSWORD).attempts[0] ?? assert.fail();
    const { response, cause, settled_at } = summariseAttempt(refused);
    assert.deepEqual([response?.status, cause, settled_at], [407, refused.cause, refused.settled_at]);
    assert.ok(!('response' in summariseAttempt({ ...ATTEMPT, response: undefined } as never)));
    assert.ok(!('evidence' in summariseAttempt(refused)));
  });

  it('has null in its timeline for what a webhook does not say', () => {
    const keys = { call_sid: A_LEG, call_status: 'in-progress' };
    const events = [webhook('call-status', 0, keys), webhook('dial-action', 10, keys)].map((sent) => eventOf(sent));
    const { timeline } = describeCall(
      SITE,
      { callId: A_LEG, events, attempts: [], liveKitEvents: [] },
      () => undefined,
    );
    const unsaid = {
      source: 'jambonz',
      call_sid: A_LEG,
      direction: null,
      call_status: 'in-progress',
      sip_status: null,
      sip_reason: null,
    };
    assert.deepEqual(timeline, [
      { at: iso(EPOCH_MS), event: 'call_status', ...unsaid },
      {
        at: iso(EPOCH_MS + 10),
        event: 'dial_action',
        ...unsaid,
        dial_call_sid: null,
        dial_call_status: null,
        dial_sip_status: null,
      },
    ]);
  });

  it('is from its own A leg to whom that was, else as its first webhook says', () => {
    const ofLegs = (...webhooks: Webhook[]) => {
      const events = webhooks.map((sent) => eventOf(sent));
      const call = describeCall(SITE, { callId: A_LEG, events, attempts: [], liveKitEvents: [] }, () => undefined);
      return [call.from, call.to, call.started_at];
    };
    const dialled = bLeg(0, 100, 'Trying', 'trying', { from: 'x' });
    assert.deepEqual(ofLegs(dialled, aLeg(10, 100, 'Trying', 'trying')), [
      '+15550123',
      '+15550100',
      iso(EPOCH_MS + 10),
    ]);
    assert.deepEqual(ofLegs(dialled), ['x', 'sip:+15550100@lab.sip.livekit.cloud', iso(EPOCH_MS)]);
  });
});

describe('a table of calls', () => {
  it('has a line for each call, and no formulas', () => {
    const csv = callsCsv([{ ...ATTEMPT, from: '=1+1', summary: 'a, "b"' }]);
    const [header, row, end] = csv.split('\r\n');
    assert.equal(
      header,
      'call_sid,started_at,settled_at,from,to,outcome,cause,party,confidence,trunk,status,reason,summary,fix',
    );
    assert.ok(row?.startsWith(`${B_LEG},${iso(STARTED_AT)},`));
    assert.match(row ?? '', /,'=1\+1,/);
    assert.match(row ?? '', /,"a, ""b""",/);
    assert.equal(end, '');
  });

  it('has a fix of the headline, wherever it is in the list', () => {
    const fixOf = (cause: string, action: string) => ({ cause, action, pastes: [] }) as never;
    const fixes = [fixOf('auth_missing', 'other'), fixOf('caller_not_allowed', 'own')];
    assert.match(callsCsv([{ ...ATTEMPT, cause: 'caller_not_allowed', fixes, summary: 'x' }]), /,x,own\r\n$/);
    assert.match(callsCsv([{ ...ATTEMPT, cause: 'dns_failure', fixes, summary: 'x' }]), /,x,other\r\n$/);
  });

  it('has empty fields without a response and a fix', () => {
    const { response: _, ...plain } = ATTEMPT;
    assert.match(callsCsv([{ ...plain, fixes: [], summary: 'x' }]), /,ST_1,,,x,\r\n$/);
  });
});

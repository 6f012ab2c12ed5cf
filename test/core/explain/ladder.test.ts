import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveKitEvent } from '../../../src/core/call/livekitEvent.ts';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { ladderOf } from '../../../src/core/explain/ladder/ladder.ts';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';
import { EPOCH_MS, eventOf, Running } from '../running.ts';
import { A_LEG, aLeg, bLeg, everySecond, type Webhook, WITH_PASSWORD, webhook, webhooksOf } from '../scenario.ts';

const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [] });

function ladder(webhooks: readonly Webhook[], livekit?: object, liveKitEvents: readonly LiveKitEvent[] = []) {
  const running = new Running(livekit as never);
  running.deliver(webhooks);
  running.settleAll();
  const records = running.verdicts.map(({ record }) => record);
  return ladderOf(
    SITE,
    webhooks.map((sent) => eventOf(sent)),
    liveKitEvents,
    records,
  );
}

/** The messages as `ms from>to label`, with `?` where they are inferred and `×n` where they are folded. */
function lines({ messages }: ReturnType<typeof ladderOf>): string[] {
  return messages.map(({ at, from, to, label, inferred, count }) =>
    [
      Date.parse(at) - EPOCH_MS,
      `${from}>${to}`,
      label,
      ...(inferred ? ['?'] : []),
      ...(count > 1 ? [`×${count}`] : []),
    ].join(' '),
  );
}

describe('the ladder of a call', () => {
  it('shows who said what, and marks what no webhook shows', () => {
    const drawn = ladder(webhooksOf({ response: [407, 'Unauthorized', 90] }), WITH_PASSWORD);
    assert.deepEqual(lines(drawn), [
      '0 carrier>jambonz INVITE ?',
      '40 jambonz>carrier 200 OK',
      '160 jambonz>livekit INVITE ?',
      '250 livekit>jambonz 407 Unauthorized',
      '260 jambonz>jambonz dial ended',
      '660 jambonz>jambonz leg ended',
    ]);
    assert.equal(drawn.messages[3]?.detail, 'sent by LiveKit');
    assert.deepEqual(drawn.messages.map(({ kind }) => kind).slice(0, 4), ['request', 'success', 'request', 'failure']);
    assert.equal(drawn.stopped?.at_participant, 'livekit');
    assert.equal(drawn.stopped?.after_message, 3);
    assert.match(drawn.stopped?.text ?? '', /^407 Unauthorized: /);
  });

  it('folds the 180s that repeat, and stops at the agent that never answered', () => {
    const drawn = ladder(webhooksOf({ ringing: everySecond(90, 20_090), dialGaveUpAt: 20_600 }));
    assert.deepEqual(lines(drawn).slice(3), [
      '250 livekit>jambonz 180 Ringing ×21',
      '20760 jambonz>livekit CANCEL ?',
      '20760 jambonz>jambonz dial ended',
      '21160 jambonz>jambonz leg ended',
    ]);
    assert.equal(Date.parse(drawn.messages[3]?.until ?? ''), EPOCH_MS + 20_250);
    assert.deepEqual(drawn.stopped?.at_participant, 'agent');
    assert.match(drawn.stopped?.text ?? '', /^21 times 180 Ringing in 20 s/);
  });

  it('says that one 180 and silence is where it stopped', () => {
    const { stopped } = ladder(webhooksOf({ ringing: [90], callerHungUpAt: 12_090 }), {
      inbound_trunks: [],
      dispatch_rules: [],
    });
    assert.deepEqual([stopped?.at_participant, stopped?.after_message], ['livekit', 3]);
    assert.match(stopped?.text ?? '', /^One 180 Ringing and then silence for 12 s: /);
  });

  it('says that an INVITE without an answer is where it stopped', () => {
    const { stopped } = ladder(webhooksOf({ dialGaveUpAt: 5_000 }));
    assert.match(stopped?.text ?? '', /^No answer to the INVITE was reported for 5 s: /);
  });

  it('does not give to LiveKit what Jambonz or its SIP stack said', () => {
    for (const [status, reason, who] of [
      [503, 'Maximum Calls In Progress', /Jambonz itself/],
      [503, 'DNS Error', /SIP stack/],
      [500, 'Trying', /not a SIP response/],
    ] as const) {
      const drawn = ladder(webhooksOf({ response: [status, reason, 30] }));
      const failure = drawn.messages.find(({ kind }) => kind === 'failure');
      assert.deepEqual([failure?.from, failure?.to], ['jambonz', 'jambonz'], reason);
      assert.match(failure?.detail ?? '', who);
      assert.equal(drawn.stopped?.at_participant, 'jambonz', reason);
    }
  });

  it('draws a leg to a telephone number to the carrier', () => {
    const to = '+15550177';
    const drawn = ladder(webhooksOf({ to, response: [486, 'Busy Here', 3_000] }));
    assert.deepEqual(lines(drawn).slice(2, 4), ['160 jambonz>carrier INVITE ?', '3160 carrier>jambonz 486 Busy Here']);
    assert.equal(drawn.stopped?.at_participant, 'carrier');
  });

  it('of a call that connected stops nowhere', () => {
    const drawn = ladder([
      ...webhooksOf({ ringing: [90], response: [200, 'OK', 900] }),
      bLeg(5_000, 200, 'OK', 'completed'),
      aLeg(5_010, 200, 'OK', 'completed', { call_termination_by: 'caller' }),
    ]);
    assert.equal(drawn.stopped, null);
    assert.equal(lines(drawn).at(-1), '5010 carrier>jambonz BYE ?');
  });

  it('of a call that is not over has no stop', () => {
    const webhooks = webhooksOf({ ringing: [90] });
    const drawn = ladderOf(
      SITE,
      webhooks.map((sent) => eventOf(sent)),
      [],
      [],
    );
    assert.equal(drawn.stopped, null);
    assert.equal(drawn.messages.length, 4);
  });

  it('draws what LiveKit’s webhooks tell of the caller and of the agent', () => {
    const sip = { 'sip.callIDFull': 'b-leg@192.0.2.10' };
    const said = (at: number, event: object) => {
      const reading = readLiveKit(
        Buffer.from(JSON.stringify({ room: { sid: 'RM_1', name: 'call-1' }, ...event })),
        EPOCH_MS + at,
      );
      assert.ok(reading.ok);
      return { ...reading.event, at: EPOCH_MS + at };
    };
    const drawn = ladder(webhooksOf({ ringing: [90, 1_090], response: [200, 'OK', 1_900] }), undefined, [
      said(300, {
        event: 'participant_joined',
        participant: { sid: 'PA_1', identity: 'c', kind: 'SIP', attributes: sip },
      }),
      said(900, { event: 'participant_joined', participant: { sid: 'PA_2', identity: 'a', kind: 'AGENT' } }),
      said(1_800, {
        event: 'track_published',
        participant: { sid: 'PA_2', identity: 'a' },
        track: { source: 'MICROPHONE' },
      }),
    ]);
    assert.deepEqual(lines(drawn).slice(3), [
      '250 livekit>jambonz 180 Ringing ×2',
      '300 livekit>livekit caller joined',
      '900 agent>livekit agent joined',
      '1800 agent>livekit agent published audio',
      '2060 livekit>jambonz 200 OK',
    ]);
  });

  it('of a call known from its dial hook alone says what it ended with', () => {
    const keys = { call_sid: 'a', direction: 'inbound', call_status: 'in-progress', dial_call_sid: 'b' };
    const drawn = ladder([webhook('dial-action', 0, { ...keys, dial_call_status: 'failed', dial_sip_status: 503 })]);
    assert.deepEqual(lines(drawn), ['0 jambonz>jambonz dial ended']);
    assert.equal(drawn.messages[0]?.detail, 'failed 503');
    assert.match(drawn.stopped?.text ?? '', /^No webhook reported this leg itself/);
    const statusOnly = ladder([webhook('dial-action', 0, { ...keys, dial_sip_status: 503 })]);
    assert.equal(statusOnly.messages[0]?.detail, '503');
  });

  it('has its messages in the order of their times, with null for what is not known', () => {
    const [a, b] = [aLeg(40, 200, 'OK', 'in-progress'), aLeg(0, 100, 'Trying', 'trying')];
    const drawn = ladder([a, bLeg(160, 100, 'Trying', 'trying'), b]);
    assert.deepEqual(lines(drawn).slice(0, 3), [
      '0 carrier>jambonz INVITE ?',
      '40 jambonz>carrier 200 OK',
      '160 jambonz>livekit INVITE ?',
    ]);
    const { detail, until, leg } = drawn.messages[1] ?? assert.fail();
    assert.deepEqual([detail, until, leg], [null, null, A_LEG]);
  });

  it('of a call of which one attempt connected stops nowhere', () => {
    const second = { call_sid: 'second', to: '+15550177' };
    const drawn = ladder([
      ...webhooksOf({ response: [407, 'Unauthorized', 90] }).slice(0, -1),
      bLeg(400, 100, 'Trying', 'trying', second),
      bLeg(900, 200, 'OK', 'in-progress', second),
    ]);
    assert.equal(drawn.stopped, null);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';
import { agent, agentAudio, B_LEG_CALL_ID, caller, roomFinished } from '../livekitScenario.ts';
import { EPOCH_MS, Running } from '../running.ts';
import { B_LEG, everySecond, explainOnly, FITTING, type Webhook, webhooksOf } from '../scenario.ts';

const setting = { livekit: FITTING };
const GAVE_UP = webhooksOf({ ringing: everySecond(90, 19_090), dialGaveUpAt: 20_000 });
const JOINED = caller(280, 'participant_joined');
const LEFT = caller(20_200, 'participant_left', {}, { disconnectReason: 'CLIENT_INITIATED' });
const FINISHED = roomFinished(40_000);
const NO_AGENT = [JOINED, LEFT, FINISHED];
const SILENT = [JOINED, agent(900, 'participant_joined'), LEFT, agent(20_300, 'participant_left'), FINISHED];
const TOO_LATE = [
  JOINED,
  agent(900, 'participant_joined'),
  agentAudio(19_900),
  LEFT,
  agent(20_300, 'participant_left', { isPublisher: true }),
  FINISHED,
];

const said = (jambonz: readonly Webhook[], livekit: readonly Webhook[]) => {
  const { cause, confidence, alternatives, summary } = explainOnly([...jambonz, ...livekit], setting);
  return { cause, confidence, alternatives, summary };
};
const verdict = (jambonz: readonly Webhook[], livekit: readonly Webhook[]) => {
  const { cause, confidence, alternatives } = said(jambonz, livekit);
  return [cause, confidence, ...alternatives];
};

// What they say of the room and its agent is among the examples of the causes in src/core/diagnose/causes.
describe('LiveKit’s webhooks tell', () => {
  test('that a call of which only one 180 was heard was admitted', () => {
    const heardOnce = GAVE_UP.filter(({ body = '', at_ms }) => !body.includes('"ringing"') || at_ms < 300);
    assert.deepEqual(verdict(heardOnce, NO_AGENT), ['agent_not_joined', 'certain']);
  });
  test('that the agent left the caller of a call that connected', () => {
    const connected = webhooksOf({ ringing: [90], response: [200, 'OK', 900] });
    const { summary, cause } = said(connected, [
      JOINED,
      agent(400, 'participant_joined'),
      agentAudio(1_000),
      agent(15_000, 'participant_left', { isPublisher: true }),
      caller(45_000, 'participant_left'),
    ]);
    assert.equal(cause, 'agent_left_caller');
    assert.match(summary, /dropped after 44 s: the agent left .*, and the caller was alone for 30 s\. Owner: agent\.$/);
  });
});

describe('the loss of a webhook of LiveKit’s', () => {
  for (const [what, webhooks, right] of [
    ['a call without agent', NO_AGENT, 'agent_not_joined'],
    ['a silent agent', SILENT, 'agent_not_publishing'],
    ['an agent that was too late', TOO_LATE, undefined],
  ] as const) {
    test(`never makes a wrong cause certain: ${what}`, () => {
      for (const lost of webhooks.keys()) {
        const [cause, confidence] = verdict(GAVE_UP, webhooks.toSpliced(lost, 1));
        assert.ok(confidence !== 'certain' || cause === right, `without ${webhooks[lost]?.body}: ${cause}`);
      }
    });
  }
});

describe('the join', () => {
  test('also changes a verdict that was given before', () => {
    const running = new Running();
    running.deliver(GAVE_UP);
    running.settleBefore(40_000);
    assert.equal(running.latest(B_LEG)?.explanation.confidence, 'likely');
    for (const webhook of NO_AGENT) {
      const reading = readLiveKit(Buffer.from(webhook.body ?? ''), EPOCH_MS + webhook.at_ms, true);
      if (reading.ok) running.pipeline.acceptLiveKit(reading.event);
    }
    running.settleAll();
    assert.equal(running.latest(B_LEG)?.explanation.confidence, 'certain');
  });
  test('is by numbers and time where Jambonz did not tell the Call-ID, and then nothing is certain', () => {
    const jambonz = GAVE_UP.map((webhook) => ({
      ...webhook,
      body: (webhook.body ?? '')
        .replaceAll(B_LEG_CALL_ID, '')
        .replace(/"(dial_)?sbc_callid":"",?/g, '"x":0,')
        .replaceAll(',}', '}'),
    }));
    assert.deepEqual(verdict(jambonz, NO_AGENT), ['agent_not_joined', 'likely']);
    const other = caller(300, 'participant_joined', { 'sip.callIDFull': 'another' }, { sid: 'PA_other' });
    const { unknowns } = explainOnly([...jambonz, ...NO_AGENT, other], setting);
    assert.ok(unknowns.some((unknown) => unknown.includes('2 LiveKit participants')));
  });
  test('keeps several calls in one room apart', () => {
    const other = caller(200, 'participant_joined', { 'sip.callIDFull': 'another' }, { sid: 'PA_other' });
    assert.deepEqual(verdict(GAVE_UP, [other, ...NO_AGENT]), ['agent_not_joined', 'certain']);
  });
  test('of another call says that webhooks arrive, and nothing for certain of this one', () => {
    const other = caller(280, 'participant_joined', { 'sip.callIDFull': 'another' });
    const dropped = webhooksOf({ ringing: [90], dialGaveUpAt: 20_000 });
    const { evidence } = explainOnly([...dropped, other], setting);
    assert.ok(evidence.some(({ source }) => source === 'livekit'));
    assert.deepEqual(verdict(GAVE_UP, [other]), verdict(GAVE_UP, []));
  });
});

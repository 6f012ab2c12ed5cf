import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';
import type { VirtualCalls } from '../../../src/core/replay/virtualCalls.ts';
import { agent, agentAudio, caller } from '../livekitScenario.ts';
import { EPOCH_MS, eventOf, Running } from '../running.ts';
import { A_LEG, BEGIN_MS, bLeg, everySecond, type Webhook, webhooksOf, withoutLeg } from '../scenario.ts';

function liveKitEventOf({ body = '', at_ms }: Webhook) {
  const reading = readLiveKit(Buffer.from(body), EPOCH_MS + at_ms, true);
  assert.ok(reading.ok);
  return reading.event;
}

function accept(pipeline: VirtualCalls, liveKit: readonly Webhook[]): void {
  for (const webhook of liveKit) pipeline.acceptLiveKit(liveKitEventOf(webhook));
}

/** The verdicts on a call, with webhooks of LiveKit before its own. */
function verdictsOf(liveKit: readonly Webhook[], webhooks: readonly Webhook[]) {
  const { pipeline } = new Running();
  accept(pipeline, liveKit);
  for (const webhook of webhooks) pipeline.accept(eventOf(webhook));
  return pipeline.settle(EPOCH_MS + 60_000);
}

describe('calls in memory', () => {
  it('are next due when the first of them is', () => {
    const { pipeline } = new Running();
    const due = (at: number, sid: string) => {
      pipeline.accept(eventOf(bLeg(at, 100, 'Trying', 'trying', { call_sid: sid, parent_call_sid: `${sid}-a` })));
      return pipeline.nextDeadline();
    };
    const first = due(0, 'x');
    assert.ok(first !== undefined);
    assert.equal(due(5_000, 'y'), first);
  });

  it('that were restored are judged again when LiveKit reports an agent', () => {
    const { pipeline } = new Running();
    const joined = caller(300, 'participant_joined');
    accept(pipeline, [joined]);
    const webhooks = webhooksOf({ ringing: everySecond(90, 19_090), dialGaveUpAt: 20_000 });
    pipeline.restore(
      A_LEG,
      webhooks.map((webhook) => eventOf(webhook)),
      { judged: [A_LEG] },
    );
    assert.deepEqual(pipeline.settle(EPOCH_MS + 40_000), []);
    accept(pipeline, [agent(900, 'participant_joined')]);
    assert.deepEqual(
      pipeline.settle(EPOCH_MS + 40_000).map(({ diagnosis }) => diagnosis.cause),
      ['agent_not_publishing'],
    );
  });

  it('leave no room behind seven hours after its last webhook', () => {
    const { pipeline } = new Running();
    accept(pipeline, [caller(0, 'participant_joined')]);
    const left = () => [...pipeline.callIdsInRoomOf(liveKitEventOf(caller(1, 'participant_left')))];
    pipeline.settle(EPOCH_MS + 7 * 3_600_000 - 1);
    assert.deepEqual(left(), ['b-leg@192.0.2.10']);
    pipeline.settle(EPOCH_MS + 7 * 3_600_000);
    assert.deepEqual(left(), []);
  });
});

describe('a LiveKit report', () => {
  it('counts in seconds from the INVITE', () => {
    const liveKit = [
      caller(BEGIN_MS + 120, 'participant_joined'),
      agent(BEGIN_MS + 740, 'participant_joined'),
      agentAudio(BEGIN_MS + 900),
    ];
    const [verdict] = verdictsOf(liveKit, webhooksOf({ ringing: [90], response: [200, 'OK', 1_000] }));
    assert.ok(verdict?.report.kind === 'admitted');
    assert.deepEqual(verdict.report.seconds, { participant: 0.12, agent: 0.74, audio: 0.9 });
  });

  it('excludes a call that only the dial hook reports, if LiveKit reports other calls', () => {
    const webhooks = withoutLeg({ response: [486, 'Rejected', 900] });
    const other = caller(0, 'participant_joined', { 'sip.callIDFull': 'other', 'sip.phoneNumber': '+15550177' });
    assert.deepEqual(
      [verdictsOf([other], webhooks), verdictsOf([], webhooks)].map(([verdict]) => verdict?.report.kind),
      ['not_admitted', 'unreported'],
    );
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';
import { agent, agentAudio, caller, jobStarted, roomFinished, roomStarted } from '../livekitScenario.ts';
import { EPOCH_MS, eventOf, Running } from '../running.ts';
import { B_LEG, everySecond, type Webhook, webhooksOf } from '../scenario.ts';

const SEED = 20_261_123;
const GAVE_UP = webhooksOf({ ringing: everySecond(90, 19_090), dialGaveUpAt: 20_000 });
const JOINED = caller(280, 'participant_joined');
const LEFT = caller(20_200, 'participant_left', {}, { disconnectReason: 'CLIENT_INITIATED' });
const FINISHED = roomFinished(40_000);

interface Told {
  readonly webhooks: readonly Webhook[];
  /** The cause that really stopped the call; `null` where it connected. */
  readonly right: string | null;
}

/** Calls of each kind that LiveKit's webhooks tell of, complete. */
const CALLS: Readonly<Record<string, Told>> = {
  'no agent came': { webhooks: [...GAVE_UP, JOINED, LEFT, FINISHED], right: 'agent_not_joined' },
  'an agent came and was silent': {
    webhooks: [
      ...GAVE_UP,
      JOINED,
      jobStarted(300),
      agent(900, 'participant_joined'),
      LEFT,
      agent(20_300, 'participant_left'),
      FINISHED,
    ],
    right: 'agent_not_publishing',
  },
  'the room was deleted': {
    webhooks: [
      ...webhooksOf({ ringing: everySecond(90, 5_090), response: [486, 'Rejected', 5_600] }),
      JOINED,
      caller(5_700, 'participant_left', {}, { disconnectReason: 'ROOM_DELETED' }),
      roomFinished(5_800),
    ],
    right: 'livekit_room_closed',
  },
  'it was refused before any room': {
    webhooks: webhooksOf({ response: [407, 'Unauthorized', 200] }),
    right: 'auth_missing',
  },
  'it was answered with nobody in the room': {
    webhooks: [
      ...webhooksOf({ ringing: [90], answeredAt: 900, callerHungUpAt: 20_000 }),
      roomStarted(250),
      JOINED,
      LEFT,
      FINISHED,
    ],
    right: 'agent_not_joined',
  },
  'it connected': {
    webhooks: [
      ...webhooksOf({ ringing: [90], response: [200, 'OK', 900] }),
      JOINED,
      agent(400, 'participant_joined'),
      agentAudio(700),
      agent(45_000, 'participant_left', { isPublisher: true }),
      caller(45_000, 'participant_left'),
      FINISHED,
    ],
    right: null,
  },
};

/** What is said of the dialled leg once all has come, in the order given; each is dated as it was sent. */
function said(webhooks: readonly Webhook[]) {
  const running = new Running();
  for (const webhook of webhooks) {
    if (!webhook.path.startsWith('/livekit')) {
      running.pipeline.accept(eventOf(webhook));
      continue;
    }
    const reading = readLiveKit(Buffer.from(webhook.body ?? ''), EPOCH_MS + webhook.at_ms, true);
    assert.ok(reading.ok);
    running.pipeline.acceptLiveKit(reading.event);
  }
  running.settleAll();
  const explanation = running.latest(B_LEG)?.explanation;
  if (!explanation) return undefined;
  const { outcome, cause, confidence, blocking, alternatives } = explanation;
  return { outcome, cause, confidence, blocking, alternatives };
}

const shuffled = (webhooks: readonly Webhook[], minLength: number) =>
  fc.shuffledSubarray([...webhooks], { minLength, maxLength: webhooks.length });

for (const [what, { webhooks, right }] of Object.entries(CALLS)) {
  describe(`a call of which Jambonz and LiveKit tell: ${what}`, () => {
    const complete = said(webhooks);

    test('is explained rightly', () => assert.equal(complete?.cause, right));

    test('is explained the same in any order', () => {
      fc.assert(
        fc.property(shuffled(webhooks, webhooks.length), (all) => assert.deepEqual(said(all), complete)),
        { numRuns: 150, seed: SEED },
      );
    });

    test('is explained the same where LiveKit repeats itself', () => {
      const ofLiveKit = webhooks.filter(({ path }) => path.startsWith('/livekit'));
      const repeated = fc
        .shuffledSubarray([...ofLiveKit])
        .chain((again) => shuffled([...webhooks, ...again], webhooks.length + again.length));
      fc.assert(
        fc.property(repeated, (all) => assert.deepEqual(said(all), complete)),
        { numRuns: 100, seed: SEED },
      );
    });

    test('is never wrong and certain, whatever is lost', () => {
      fc.assert(
        fc.property(shuffled(webhooks, 1), (some) => {
          // An agent of which every single webhook is lost, and no other, cannot be told from one that never came.
          fc.pre(right !== 'agent_not_publishing' || some.some(({ body = '' }) => /PA_agent|AJ_1/.test(body)));
          const got = said(some);
          if (got?.confidence === 'certain') assert.equal(got.cause, right);
        }),
        { numRuns: 400, seed: SEED },
      );
    });
  });
}

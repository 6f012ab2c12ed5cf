import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { agent, agentAudio, caller, roomFinished } from '../livekitScenario.ts';
import { BEGIN_MS, explain, FITTING, type Webhook, webhooksOf } from '../scenario.ts';

// Calls with a known end. With every webhook the verdict is right as far as it can be; with one lost it is never wrong and
// certain, and a call that ended well is never a failure.

interface Generated {
  readonly webhooks: readonly Webhook[];
  /** The fault that ended it; `null` for a normal end. */
  readonly fault: string | null;
}

const ANSWERED_AT = 200;
const gone = (at: number, reason: string) => agent(BEGIN_MS + at, 'participant_left', { disconnectReason: reason });
const callerLeft = (at: number, disconnectReason: string) =>
  caller(BEGIN_MS + at, 'participant_left', {}, { disconnectReason });

function room(...ends: readonly Webhook[]): Webhook[] {
  return [
    agent(BEGIN_MS - 400, 'participant_joined'),
    agentAudio(BEGIN_MS - 300),
    caller(BEGIN_MS + 120, 'participant_joined'),
    ...ends,
  ];
}

const jambonz = (how: 'callerHungUpAt' | 'farEndHungUpAt', at: number) =>
  webhooksOf({ ringing: [90], answeredAt: ANSWERED_AT, [how]: at });

/** Milliseconds after the INVITE, up to an hour, and not where LiveKit stops to wait for audio. */
const talk = fc.integer({ min: 1_000, max: 3_600_000 }).filter((ms) => Math.abs(ms - ANSWERED_AT - 30_000) > 2_000);
const lag = fc.integer({ min: 0, max: 200 });

const KINDS: readonly fc.Arbitrary<Generated>[] = [
  fc.tuple(talk, lag).map(([at, late]) => ({
    webhooks: [
      ...jambonz('callerHungUpAt', at),
      ...room(callerLeft(at + late, 'CLIENT_INITIATED'), gone(at + 900, 'CLIENT_INITIATED')),
    ],
    fault: null,
  })),
  fc.tuple(talk, lag, fc.constantFrom('ROOM_DELETED', 'PARTICIPANT_REMOVED')).map(([at, late, reason]) => ({
    webhooks: [
      ...jambonz('farEndHungUpAt', at),
      ...room(callerLeft(at - late, reason), gone(at + 20_000, 'ROOM_CLOSED')),
    ],
    fault: null,
  })),
  fc
    .tuple(
      talk,
      fc.integer({ min: 6_000, max: 600_000 }),
      fc.constantFrom('CLIENT_INITIATED', 'CONNECTION_TIMEOUT'),
      lag,
    )
    .map(([at, alone, reason, late]) => ({
      webhooks: [
        ...jambonz('callerHungUpAt', at + alone),
        ...room(
          gone(at, reason),
          callerLeft(at + alone + late, 'CLIENT_INITIATED'),
          roomFinished(BEGIN_MS + at + alone + 20_000),
        ),
      ],
      fault: 'agent_left_caller',
    })),
  lag.map((late) => ({
    webhooks: [
      ...jambonz('farEndHungUpAt', ANSWERED_AT + 30_000 + late),
      ...room(callerLeft(30_300 + late, 'CLIENT_INITIATED')),
    ],
    fault: 'media_timeout',
  })),
  fc.tuple(talk, lag, fc.constantFrom('SERVER_SHUTDOWN', 'CONNECTION_TIMEOUT')).map(([at, late, reason]) => ({
    webhooks: [...jambonz('callerHungUpAt', at + 4_000), ...room(callerLeft(at + late, reason))],
    fault: 'livekit_lost_call',
  })),
  // Another agent takes over, and stays until the caller hangs up.
  fc.tuple(talk, lag).map(([at, late]) => ({
    webhooks: [
      ...jambonz('callerHungUpAt', at + 20_000),
      ...room(
        second(BEGIN_MS + at - 500, 'participant_joined'),
        second(BEGIN_MS + at - 400, 'track_published'),
        gone(at, 'CLIENT_INITIATED'),
        callerLeft(at + 20_000 + late, 'CLIENT_INITIATED'),
        second(BEGIN_MS + at + 21_000, 'participant_left'),
      ),
    ],
    fault: null,
  })),
  // LiveKit moves the caller and the agent to another node: they come back with the same sid, or with another one.
  fc.tuple(talk, lag, fc.boolean(), fc.boolean()).map(([at, late, isNewCaller, isNewAgent]) => ({
    webhooks: [
      ...jambonz('farEndHungUpAt', at + 20_000),
      ...room(
        callerLeft(at, 'MIGRATION'),
        gone(at + 100, 'MIGRATION'),
        ...(isNewCaller ? [back(caller(BEGIN_MS + at + 400, 'participant_joined'))] : []),
        ...(isNewAgent ? [back(agent(BEGIN_MS + at + 500, 'participant_joined'))] : []),
        (isNewCaller ? back : asIs)(callerLeft(at + 20_000 - late, 'ROOM_DELETED')),
        (isNewAgent ? back : asIs)(gone(at + 20_000 - late, 'ROOM_DELETED')),
      ),
    ],
    fault: null,
  })),
  // LiveKit's BYE does not reach the SBC.
  fc.tuple(talk, fc.integer({ min: 6_000, max: 600_000 })).map(([at, longer]) => ({
    webhooks: [
      ...jambonz('callerHungUpAt', at + longer),
      ...room(callerLeft(at, 'ROOM_DELETED'), gone(at, 'ROOM_DELETED')),
    ],
    fault: null,
  })),
];

const asIs = (webhook: Webhook) => webhook;
/** The webhook as one of a participant that came back with another sid. */
const back = (webhook: Webhook) => ({ ...webhook, body: (webhook.body ?? '').replace(/"PA_\w+/, '$&_back') });

function second(at: number, event: string): Webhook {
  const track =
    event === 'track_published' ? { track: { sid: 'TR_2', source: 'MICROPHONE', mimeType: 'audio/red' } } : {};
  const webhook = agent(at, event, { sid: 'PA_second', identity: 'agent-2' });
  return { ...webhook, body: JSON.stringify({ ...JSON.parse(webhook.body ?? ''), ...track }) };
}

const SETTING = { livekit: FITTING };
const inTime = (webhooks: readonly Webhook[]) => webhooks.toSorted((a, b) => a.at_ms - b.at_ms);

function verdictOf(webhooks: readonly Webhook[]) {
  const legs = explain(inTime(webhooks), SETTING);
  return { cause: legs[0]?.cause ?? null, confidence: legs[0]?.confidence ?? null, outcome: legs[0]?.outcome };
}

describe('the end of a generated call', () => {
  for (const [i, kind] of KINDS.entries()) {
    it(`of kind ${i + 1} is right, and with any webhook lost never wrong and certain`, () => {
      fc.assert(
        fc.property(kind, ({ webhooks, fault }) => {
          const whole = verdictOf(webhooks);
          assert.deepEqual([whole.outcome, whole.cause], [fault === null ? 'connected' : 'dropped', fault]);
          for (const lost of webhooks.keys()) {
            const got = verdictOf(webhooks.toSpliced(lost, 1));
            const what = `without ${webhooks[lost]?.body}: ${JSON.stringify(got)}`;
            if (got.cause !== fault) assert.notEqual(got.confidence, 'certain', what);
            if (fault === null) assert.equal(got.outcome, 'connected', what);
          }
        }),
        { numRuns: 40 },
      );
    });
  }
});

import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import type { Join } from '../../../src/core/correlate/join.ts';
import { LiveKitSide } from '../../../src/core/correlate/liveKitSide.ts';
import { OpenCall } from '../../../src/core/correlate/openCall.ts';
import { type Admitted, liveKitReportOf } from '../../../src/core/diagnose/facts/liveKitReport.ts';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';
import {
  agent,
  agentAudio,
  B_LEG_CALL_ID,
  caller,
  jobEnded,
  jobStarted,
  roomFinished,
  roomStarted,
} from '../livekitScenario.ts';
import { EPOCH_MS, eventOf } from '../running.ts';
import { A_LEG, BEGIN_MS, bLeg, type Webhook, webhooksOf } from '../scenario.ts';
import { attemptOf } from './attemptOf.ts';

test('the report of LiveKit’s webhooks counts its seconds from the start of the leg', () => {
  const attempt = attemptOf(webhooksOf({ ringing: [90], response: [200, 'OK', 9_000] }));
  const startedAt = attempt.leg?.first.at ?? BEGIN_MS;
  const after = (ms: number) => ({ at: startedAt + ms });
  const participant = { kind: 'SIP', joined: after(1_500), firstReported: after(1_500) };
  const agent = { kind: 'AGENT', joined: after(2_250), firstReported: after(2_250), firstAudio: after(3_000) };
  const room = { key: 'RM_1', participants: new Map(Object.entries({ participant, agent })), jobs: new Map() };
  const join = { kind: 'joined', by: 'numbers', sip: { room, participant } } as unknown as Join;
  const report = liveKitReportOf(join, attempt, true);
  assert.ok(report.kind === 'admitted');
  assert.deepEqual(report.seconds, { participant: 1.5, agent: 2.25, audio: 3 });
  assert.equal(report.room, 'RM_1', 'a room without a name has its id');
  assert.equal(report.hasOthers, false);
});

const SECOND = 1_000;
const OTHER = { sid: 'PA_other', identity: 'agent-2' };

function liveKitEventOf(webhook: Webhook) {
  const reading = readLiveKit(Buffer.from(webhook.body ?? ''), EPOCH_MS + webhook.at_ms, true);
  assert.ok(reading.ok);
  return reading.event;
}

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
  it('of two agents when the first joined, and when the first published audio', () => {
    const webhooks = [
      JOINED,
      agent(1_100, 'participant_joined'),
      agent(600, 'participant_joined', OTHER),
      agentAudio(1_600),
      agentAudio(2_100, OTHER),
    ];
    assert.deepEqual(report(GAVE_UP, webhooks).agent, { state: 'audible', joinedSeconds: 0.5, audioSeconds: 1.5 });
  });
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
  for (const [endedAt, state] of [
    [undefined, 'job_only'],
    [100, 'job_only'],
    [99, 'none'],
  ] as const) {
    it(`of a job that ended at ${endedAt} ms as "${state}", where the call entered the room at 100 ms`, () => {
      const ended = endedAt === undefined ? [] : [jobEnded(endedAt)];
      const webhooks = [jobStarted(10), ...ended, JOINED];
      assert.equal(report(GAVE_UP, webhooks).agent.state, state);
    });
  }
  for (const [what, published, wasPublisher] of [
    ['that it never published', [false], false],
    ['that it published something', [true], true],
    ['that one of two published', [false, true], true],
    ['that neither of two published', [false, false], false],
    ['nothing of that while one of two is there', [false, undefined], undefined],
  ] as const) {
    it(`of a silent agent ${what}`, () => {
      const agents = published.flatMap((isPublisher, i) => {
        const who = i === 0 ? {} : OTHER;
        const joined = agent(900, 'participant_joined', who);
        return isPublisher === undefined
          ? [joined]
          : [joined, agent(15_000, 'participant_left', { ...who, isPublisher })];
      });
      const { agent: seen } = report(GAVE_UP, [JOINED, ...agents]);
      const leftSeconds = wasPublisher === undefined ? undefined : 14.9;
      assert.deepEqual(seen, { state: 'silent', joinedSeconds: 0.8, leftSeconds, wasPublisher, error: undefined });
    });
  }
  for (const [leftAt, leftSeconds] of [
    [18_999, 18.899],
    [19_000, undefined],
  ] as const) {
    it(`of an agent that left at ${leftAt} ms, of a call that ended at 20 s, that it left after ${leftSeconds} s`, () => {
      const webhooks = [JOINED, agent(900, 'participant_joined'), agent(leftAt, 'participant_left')];
      const { agent: seen } = report(GAVE_UP, webhooks);
      assert.equal(seen.state === 'silent' && seen.leftSeconds, leftSeconds);
    });
  }
  it('nothing of a job whose agent came and went before the call', () => {
    const before = [jobStarted(10), agent(20, 'participant_joined'), agent(90, 'participant_left')];
    assert.equal(report(GAVE_UP, [...before, JOINED]).agent.state, 'none');
    assert.equal(report(GAVE_UP, [...before, JOINED, jobStarted(200, 'AJ_2')]).agent.state, 'job_only');
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
    [8_999, undefined],
    [9_000, 'unknown'],
    [undefined, 'unknown'],
  ] as const) {
    it(`that its room was ${roomClosed ?? 'not'} closed where it ended at 10 s, and the caller left at ${leftAt} ms`, () => {
      const finished = roomFinished(10_000, { room: { sid: 'RM_1', name: 'call-1' } });
      const left = leftAt === undefined ? [] : [caller(leftAt, 'participant_left')];
      assert.equal(report(GAVE_UP, [JOINED, ...left, finished]).roomClosed, roomClosed);
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

  const JOINED = caller(100, 'participant_joined');
  const LEFT = caller(40 * SECOND, 'participant_left');
  /** A second agent in the room, with its audio. */
  const second = (joined: number, audio: number) => [
    agent(joined, 'participant_joined', OTHER),
    agentAudio(audio, OTHER),
  ];
  const SPOKE = [JOINED, agent(300, 'participant_joined'), agentAudio(SECOND)];
  for (const [what, webhooks, expected] of [
    ['nothing of an agent that is still there', [...SPOKE, LEFT], undefined],
    [
      'how long it was there before it left a caller who is still there',
      [...SPOKE, agent(30 * SECOND, 'participant_left')],
      { afterSeconds: 29, callerStayedSeconds: undefined },
    ],
    [
      'nothing of an agent that left without a word',
      [JOINED, agent(300, 'participant_joined'), agent(30 * SECOND, 'participant_left'), LEFT],
      undefined,
    ],
    [
      'nothing of an agent that spoke after the caller had left',
      [JOINED, agent(300, 'participant_joined'), caller(900, 'participant_left'), agentAudio(SECOND)],
      undefined,
    ],
    [
      'nothing of an agent that left before the caller came',
      [agent(10, 'participant_joined'), agentAudio(20), agent(99, 'participant_left'), JOINED, LEFT],
      undefined,
    ],
    [
      'only of the agent that left after the caller came',
      [
        agent(10, 'participant_joined'),
        agentAudio(20),
        agent(99, 'participant_left'),
        JOINED,
        ...second(300, SECOND),
        agent(30 * SECOND, 'participant_left', OTHER),
        LEFT,
      ],
      { afterSeconds: 29.9, callerStayedSeconds: 10 },
    ],
    [
      'nothing if it handed the caller over to another agent that is still there',
      [...SPOKE, ...second(20 * SECOND, 21 * SECOND), agent(30 * SECOND, 'participant_left'), LEFT],
      undefined,
    ],
    [
      'when the last of two agents left',
      [
        ...SPOKE,
        ...second(20 * SECOND, 21 * SECOND),
        agent(25 * SECOND, 'participant_left'),
        agent(35 * SECOND, 'participant_left', OTHER),
        LEFT,
      ],
      { afterSeconds: 34, callerStayedSeconds: 5 },
    ],
  ] as const) {
    it(what, () => assert.deepEqual(report(ANSWERED, webhooks).agentLeftEarly, expected));
  }
});

describe('of an answered call, LiveKit’s webhooks tell when the agent was gone', () => {
  const ANSWERED = [bLeg(SECOND, 200, 'OK', 'in-progress')];
  const LEFT_AT = 30 * SECOND;
  const BEGUN = [
    agent(50, 'participant_joined'),
    agentAudio(60),
    caller(100, 'participant_joined'),
    caller(60 * SECOND, 'participant_left'),
  ];
  const leaves = (disconnectReason?: string, at = LEFT_AT) => agent(at, 'participant_left', { disconnectReason });
  const somebody = (kind: string, at: number, event = 'participant_joined') =>
    agent(at, event, { sid: 'PA_other', identity: 'other', kind });

  for (const reason of [
    'CLIENT_INITIATED',
    'AGENT_ERROR',
    'CONNECTION_TIMEOUT',
    'SIGNAL_CLOSE',
    'STATE_MISMATCH',
    'MEDIA_FAILURE',
    'PARTICIPANT_REMOVED',
    undefined,
  ]) {
    it(`with its reason: ${reason}`, () => {
      const { agentGone } = report(ANSWERED, [...BEGUN, leaves(reason)]);
      assert.deepEqual(agentGone, { at: EPOCH_MS + LEFT_AT, reason });
    });
  }

  const rows: readonly [string, readonly Webhook[]][] = [
    ['nothing while it is there', BEGUN],
    ['nothing if the room was deleted', [...BEGUN, leaves('ROOM_DELETED')]],
    ['nothing if the room was closed', [...BEGUN, leaves('ROOM_CLOSED')]],
    ['nothing if the server shut down', [...BEGUN, leaves('SERVER_SHUTDOWN')]],
    ['nothing if LiveKit moved it to another node', [...BEGUN, leaves('MIGRATION')]],
    ['nothing if it is there under another sid', [...BEGUN, leaves('DUPLICATE_IDENTITY')]],
    ['nothing while another agent is there', [...BEGUN, leaves(), somebody('AGENT', 20 * SECOND)]],
    ['nothing while a person is there', [...BEGUN, leaves(), somebody('STANDARD', 20 * SECOND)]],
    ['nothing while a telephone that the agent called is there', [...BEGUN, leaves(), somebody('SIP', 20 * SECOND)]],
    [
      'nothing of a person who left last',
      [...BEGUN, leaves(), somebody('STANDARD', 20 * SECOND), somebody('STANDARD', 40 * SECOND, 'participant_left')],
    ],
    [
      'nothing if nobody but an agent of an earlier call was there',
      [agent(20, 'participant_joined'), agent(99, 'participant_left'), caller(100, 'participant_joined')],
    ],
    ['nothing if nobody was there', [caller(100, 'participant_joined')]],
  ];
  for (const [what, webhooks] of rows) {
    it(what, () => assert.equal(report(ANSWERED, webhooks).agentGone, undefined));
  }

  for (const [who, others] of [
    ['a recorder', [somebody('EGRESS', 20 * SECOND)]],
    ['a stream', [somebody('INGRESS', 20 * SECOND)]],
    ['somebody who never got in', [somebody('AGENT', 20 * SECOND, 'participant_connection_aborted')]],
    [
      'another agent, which left before',
      [somebody('AGENT', 20 * SECOND), somebody('AGENT', 25 * SECOND, 'participant_left')],
    ],
  ] as const) {
    it(`although ${who} was there`, () => {
      assert.equal(report(ANSWERED, [...BEGUN, leaves(), ...others]).agentGone?.at, EPOCH_MS + LEFT_AT);
    });
  }

  it('as the later of two agents', () => {
    const webhooks = [
      ...BEGUN,
      leaves(),
      somebody('AGENT', 20 * SECOND),
      somebody('AGENT', 40 * SECOND, 'participant_left'),
    ];
    assert.equal(report(ANSWERED, webhooks).agentGone?.at, EPOCH_MS + 40 * SECOND);
  });

  it('but not of a call that was not answered', () => {
    assert.equal(report([bLeg(20 * SECOND, 486, 'Rejected', 'busy')], [...BEGUN, leaves()]).agentGone, undefined);
  });

  it('and when the caller left', () => {
    assert.equal(report(ANSWERED, BEGUN).callerLeft?.at, EPOCH_MS + 60 * SECOND);
  });
});

describe('of an answered call, LiveKit’s webhooks tell whether the caller was alone', () => {
  const ANSWERED = [bLeg(SECOND, 200, 'OK', 'in-progress'), bLeg(40 * SECOND, 200, 'OK', 'completed')];
  const CALLER = [caller(100, 'participant_joined'), caller(30 * SECOND, 'participant_left')];
  const somebody = (kind: string, at: number, event = 'participant_joined') =>
    agent(at, event, { sid: 'PA_other', identity: 'other', kind });
  const rows: readonly [string, readonly Webhook[], boolean][] = [
    ['nobody else', [], true],
    ['a recorder', [somebody('EGRESS', 200)], true],
    ['an agent', [somebody('AGENT', 200)], false],
    ['an agent of which only the leaving was reported', [somebody('AGENT', 35 * SECOND, 'participant_left')], false],
    ['a telephone, which LiveKit answers too', [somebody('SIP', 200)], false],
    ['a stream, whose audio LiveKit answers too', [somebody('INGRESS', 200)], false],
    ['somebody of whom only a track was reported', [agentAudio(20 * SECOND, OTHER)], false],
    ['an agent until the caller came', [agent(10, 'participant_joined'), agent(99, 'participant_left')], true],
    ['an agent as the caller came', [agent(10, 'participant_joined'), agent(100, 'participant_left')], false],
    ['an agent as the caller left', [somebody('AGENT', 30 * SECOND)], false],
    ['an agent once the caller had left, before Jambonz’s leg ended', [somebody('AGENT', 30 * SECOND + 1)], true],
    ['an agent that never got in', [somebody('AGENT', 200, 'participant_connection_aborted')], true],
  ];
  for (const [who, webhooks, isAlone] of rows) {
    it(`with ${who}`, () => assert.equal(report(ANSWERED, [...CALLER, ...webhooks]).isAlone, isAlone));
  }
  it('and for how long it was there', () => {
    assert.equal(report(ANSWERED, CALLER).callerSeconds, 29.9);
    assert.equal(report(ANSWERED, CALLER.slice(0, 1)).callerSeconds, 39.9);
    assert.equal(report(ANSWERED.slice(0, 1), CALLER.slice(0, 1)).callerSeconds, undefined);
  });
  for (const [audioAt, state] of [
    [30 * SECOND, 'audible'],
    [30 * SECOND + 1, 'silent'],
  ] as const) {
    it(`and that an agent with audio at ${audioAt} ms was ${state} to a caller who left at 30 s`, () => {
      const webhooks = [...CALLER, agent(200, 'participant_joined'), agentAudio(audioAt)];
      assert.equal(report(ANSWERED, webhooks).agent.state, state);
    });
  }
  it('and how long the room had been open, if its beginning was reported', () => {
    assert.equal(report(ANSWERED, CALLER).openedSecondsBefore, undefined);
    assert.equal(report(ANSWERED, [roomStarted(50), ...CALLER]).openedSecondsBefore, 0.05);
  });
});

test('LiveKit’s webhooks tell how long before the caller left LiveKit had moved the caller', () => {
  const ANSWERED = [bLeg(SECOND, 200, 'OK', 'in-progress'), bLeg(40 * SECOND, 200, 'OK', 'completed')];
  const BACK = { sid: 'PA_back' };
  const webhooks = [
    caller(100, 'participant_joined'),
    caller(20 * SECOND, 'participant_left', {}, { disconnectReason: 'MIGRATION' }),
    caller(21 * SECOND, 'participant_joined', {}, BACK),
    caller(30 * SECOND, 'participant_left', {}, { ...BACK, disconnectReason: 'ROOM_DELETED' }),
  ];
  const { movedSecondsBefore, leftBecause, callerLeft, callerSeconds, isAlone } = report(ANSWERED, webhooks);
  assert.deepEqual(
    [movedSecondsBefore, leftBecause, callerLeft?.at, callerSeconds, isAlone],
    [10, 'ROOM_DELETED', EPOCH_MS + 30 * SECOND, 29.9, true],
  );
  assert.equal(report(ANSWERED, webhooks.slice(0, 1)).movedSecondsBefore, undefined);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connectedSummary } from '../../../src/core/diagnose/endWords.ts';
import type { CallEnd } from '../../../src/core/diagnose/facts/callEnd.ts';
import type { Admitted, AgentSeen } from '../../../src/core/diagnose/facts/liveKitReport.ts';
import { liveKitReportEvidence, notAdmittedEvidence } from '../../../src/core/diagnose/unknowns.ts';
import { ADMITTED } from './admittedReport.ts';
import { factsOf } from './gatheredFacts.ts';

const JOINED: Admitted = { ...ADMITTED, seconds: { ...ADMITTED.seconds, participant: 0.1 } };
const valuesOf = (report: Admitted, name: string) =>
  liveKitReportEvidence(report).flatMap((one) => (one.name === name ? [`${one.value} [${one.source}]`] : []));

describe('what LiveKit’s webhooks say of a call', () => {
  for (const [what, more, wanted] of [
    ['its room, by the Call-ID', {}, 'joined room call-1 (matched by SIP Call-ID) [livekit]'],
    [
      'its room, by numbers',
      { joinedBy: 'numbers' },
      'joined room call-1 (matched by numbers and time, because one side did not report the SIP Call-ID) [livekit]',
    ],
    ['that it got into no room', { isAborted: true }, 'never got into room call-1 (matched by SIP Call-ID) [livekit]'],
  ] as const) {
    it(`is ${what}`, () => assert.deepEqual(valuesOf({ ...JOINED, ...more }, 'participant'), [wanted]));
  }

  const OPEN = 'was open for 10 s before this call, and LiveKit dispatches agents when it creates a room [livekit]';
  const SILENT = { state: 'silent', joinedSeconds: 0.64, leftSeconds: undefined, error: undefined } as const;
  const AGENTS: readonly [AgentSeen, isWhole: boolean, string][] = [
    [{ state: 'none', isLate: false }, false, 'none joined'],
    [{ state: 'none', isLate: false }, true, 'none joined before the room ended'],
    [{ state: 'none', isLate: true }, true, 'joined only after the call ended'],
    [{ state: 'job_only', error: undefined }, true, 'a worker took the job, but no agent joined'],
    [{ state: 'job_only', error: 'no memory' }, true, 'a worker took the job, but no agent joined (no memory)'],
    [{ ...SILENT, wasPublisher: undefined }, true, 'joined after 0.6 s but published no audio while it rang'],
    [{ ...SILENT, wasPublisher: true }, true, 'joined after 0.6 s but published no audio while it rang'],
    [
      { ...SILENT, wasPublisher: false },
      true,
      'joined after 0.6 s but published no audio while it rang; LiveKit says it never published anything',
    ],
    [
      { ...SILENT, leftSeconds: 1.45, error: 'exit code 1', wasPublisher: false },
      true,
      'joined after 0.6 s but published no audio while it rang, and left after 1.4 s (exit code 1); LiveKit says it never published anything',
    ],
    [
      { state: 'audible', joinedSeconds: 0.64, audioSeconds: 1.25 },
      true,
      'joined after 0.6 s and published audio after 1.3 s',
    ],
  ];
  for (const [agent, isWhole, words] of AGENTS) {
    it(`is of the agent: ${words}`, () => {
      assert.deepEqual(valuesOf({ ...JOINED, agent, isWhole }, 'agent'), [`${words} [livekit]`]);
    });
  }

  for (const [openedSecondsBefore, agent, words] of [
    [9.9, { state: 'none', isLate: false }, []],
    [10, { state: 'job_only', error: undefined }, [OPEN]],
    [10, { state: 'none', isLate: false }, [OPEN]],
    [10, { ...SILENT, wasPublisher: undefined }, []],
  ] as const) {
    it(`is of a room that was open for ${openedSecondsBefore} s, where the agent is ${agent.state}: ${words.length}`, () => {
      assert.deepEqual(valuesOf({ ...JOINED, agent, openedSecondsBefore }, 'room'), words);
    });
  }

  for (const [roomClosed, words] of [
    ['deleted', ['the room was deleted while it rang [livekit]']],
    ['server_shutdown', ['the server shut down while it rang [livekit]']],
    ['unknown', ['the room ended while it rang [livekit]']],
    [undefined, []],
  ] as const) {
    it(`is of the room’s end: ${words.join() || 'nothing'}`, () => {
      assert.deepEqual(valuesOf({ ...JOINED, roomClosed }, 'room'), words);
    });
  }

  it('is nothing if none is about it', () => {
    assert.deepEqual(liveKitReportEvidence({ kind: 'not_admitted' }), []);
  });
});

describe('that LiveKit reports other calls', () => {
  for (const [what, kind, stage, count] of [
    ['is evidence for a call that was refused', 'not_admitted', 'refused', 1],
    ['is evidence for a call of which nothing shows how far it came', 'not_admitted', 'unknown', 1],
    ['is no evidence for a call that LiveKit let in', 'not_admitted', 'admitted', 0],
    ['is unknown if no webhooks arrive', 'unreported', 'refused', 0],
  ] as const) {
    it(what, () => assert.equal(notAdmittedEvidence({ livekit: { kind }, stage }).length, count));
  }
});

describe('the summary of a call that connected', () => {
  const answered = factsOf({ ringing: [90], response: [200, 'OK', 900] });
  const END: CallEnd = { by: 'far_end', seconds: 3.25, precise: true, leftBefore: false, callerStayed: false };
  const summary = (more: Partial<Admitted>, end?: CallEnd) =>
    connectedSummary({ ...answered, livekit: { ...JOINED, ...more }, end });
  const left = (callerStayedSeconds: number | undefined) =>
    summary({ agentLeftEarly: { afterSeconds: 12.4, callerStayedSeconds } });
  it('tells of an agent that left before the caller', () => {
    assert.equal(
      left(7.6),
      'The call connected. The agent left 12 s after answering, and the caller stayed 8 s longer.',
    );
    assert.equal(
      left(undefined),
      'The call connected. The agent left 12 s after answering, and the caller was still there.',
    );
  });
  for (const [reason, why] of [
    ['ROOM_DELETED', ': the room was deleted'],
    ['ROOM_CLOSED', ': the room was closed'],
    ['PARTICIPANT_REMOVED', ': the caller was removed from the room'],
    ['SERVER_SHUTDOWN', ': the server shut down'],
    ['CLIENT_INITIATED', ''],
    ['toString', ''],
    [undefined, ''],
  ] as const) {
    it(`tells why it ended by itself: ${reason}`, () => {
      assert.equal(
        summary({ leftBecause: reason }, END),
        `The call connected. It ended 3.3 s after the answer, and the caller had not hung up${why}.`,
      );
    });
  }
  for (const [by, words] of [
    ['caller', 'The caller hung up'],
    ['jambonz', 'Jambonz or the application ended the call'],
    ['unknown', 'The call ended'],
  ] as const) {
    it(`tells who ended it: ${by}`, () => {
      assert.equal(summary({}, { ...END, by }), `The call connected. ${words} 3.3 s after the answer.`);
    });
  }
  it('tells nothing else', () => {
    const { seconds: _, ...end } = END;
    assert.equal(summary({ leftBecause: 'ROOM_DELETED' }), 'The call connected.');
    assert.equal(summary({ leftBecause: 'ROOM_DELETED' }, end), 'The call connected.');
    assert.equal(connectedSummary({ ...answered, livekit: { kind: 'unreported' } }), 'The call connected.');
  });
});

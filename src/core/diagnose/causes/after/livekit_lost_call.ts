import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { saidByLiveKit } from '../../claims.ts';
import { endEvidence } from '../../endEvidence.ts';

/** LiveKit's reasons for a participant that it lost: nobody hung up. */
const LOST: ReadonlySet<string> = new Set([
  'SERVER_SHUTDOWN',
  'CONNECTION_TIMEOUT',
  'SIGNAL_CLOSE',
  'STATE_MISMATCH',
  'MEDIA_FAILURE',
]);

export const livekitLostCall = defineCause({
  id: 'livekit_lost_call',
  title: 'LiveKit lost the call: livekit-server or livekit-sip went away',
  party: 'livekit',
  stage: 'after_answer',
  runbook: {
    meaning:
      'The caller’s participant left its room because livekit-server shut down, or because livekit-sip lost its connection to the server. Nobody hung up.',
    impact: 'The caller hears silence or the call ends. A restart ends every call of that node at the same time.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows LiveKit’s reason, and whether the caller hung up afterwards.',
      'Many such calls in the same second mean that livekit-server or livekit-sip was restarted or deployed. Look in their logs at that time, also for out-of-memory kills.',
      'Single calls now and then mean that the connection between livekit-sip and livekit-server breaks.',
    ],
    mitigation: [
      'Drain livekit-sip and livekit-server before a restart: both end running calls if they are stopped at once.',
      'Raise terminationGracePeriodSeconds on Kubernetes, so that calls can end first.',
      'Verify with a restart that a running call outlives it.',
    ],
  },
  fix: 'Drain livekit-sip and livekit-server before a restart, and look in their logs for a crash at that moment.',
  confidence: {
    certain:
      'LiveKit’s webhooks, matched by SIP Call-ID, report that LiveKit lost the caller’s participant before the call ended.',
    likely: 'The same for a call that was matched by numbers, or that the caller ended before LiveKit reported it.',
  },
  needs: ['end', 'livekit'],
  match({ end, livekit }) {
    if (!end || livekit.kind !== 'admitted' || !LOST.has(livekit.leftBecause ?? '')) return undefined;
    // A caller may hang up before LiveKit notices that it lost the call.
    const isCertain = livekit.joinedBy === 'call_id' && (end.by === 'far_end' || end.leftBefore);
    return saidByLiveKit(isCertain ? 'certain' : 'likely', endEvidence({ end, livekit }), [
      plainFix('Look in the logs of livekit-sip and livekit-server for a restart or a crash at that moment.'),
    ]);
  },
  examples: [
    {
      shows: 'a server that shut down during the call lost it',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 60_200,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLost: ['SERVER_SHUTDOWN', 60_180] },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['livekit_lost_call'], confidence: 'certain' },
    },
    {
      shows: 'a livekit-sip that lost its connection 10 s before the caller hung up',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 60_200,
        room: {
          agentJoined: -400,
          agentPublished: -300,
          callerJoined: 120,
          callerLost: ['CONNECTION_TIMEOUT', 50_000],
        },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['livekit_lost_call'], confidence: 'certain' },
    },
    {
      shows: 'a livekit-sip that was reported as lost after the caller had hung up',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 60_200,
        room: {
          agentJoined: -400,
          agentPublished: -300,
          callerJoined: 120,
          callerLost: ['CONNECTION_TIMEOUT', 70_000],
        },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['livekit_lost_call'], confidence: 'likely' },
    },
    {
      shows: 'a caller whom LiveKit moved to another node, and whose room was deleted later, is not lost',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 60_200,
        room: {
          agentJoined: -400,
          agentPublished: -300,
          callerJoined: 120,
          callerMoved: 30_000,
          roomDeleted: 60_180,
        },
      },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'a room that was deleted during the call is not lost',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 60_200,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, roomDeleted: 60_180 },
      },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'an agent that lost its connection is not a call that LiveKit lost',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 60_200,
        room: {
          agentJoined: -400,
          agentPublished: -300,
          callerJoined: 120,
          agentLost: ['CONNECTION_TIMEOUT', 30_000],
          callerLeft: 60_220,
        },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['agent_left_caller'], confidence: 'certain' },
    },
  ],
});

import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { saidByLiveKit } from '../../claims.ts';
import { endEvidence } from '../../endEvidence.ts';
import { withoutAgentSeconds } from '../../facts/callEnd.ts';

/** How long, in seconds, a caller is alone at least. After a goodbye a caller hangs up sooner than that. */
const ALONE_SECONDS = 5;

/** The agent says that it leaves, or its process is gone. Any other reason may bring it back, unseen if a webhook is lost. */
const BY_ITSELF: ReadonlySet<string> = new Set(['CLIENT_INITIATED', 'AGENT_ERROR', 'CONNECTION_TIMEOUT']);
/** The agent's own program left, so what it does next is in its code. */
const BY_ITS_CODE: ReadonlySet<string> = new Set(['CLIENT_INITIATED', 'PARTICIPANT_REMOVED']);

export const agentLeftCaller = defineCause({
  id: 'agent_left_caller',
  title: 'the agent left while the caller was still there',
  party: 'agent',
  stage: 'after_answer',
  runbook: {
    meaning:
      'The agent left the room or its process died, and nobody else was there. LiveKit then leaves the caller alone in the room: the call goes on in silence until somebody hangs up.',
    impact: 'The caller hears silence in the middle of a conversation, and hangs up after a while.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows how long after the answer the agent left, LiveKit’s reason, and how long the caller was alone.',
      'The reason CONNECTION_TIMEOUT means that the agent’s process died or lost its network: LiveKit notices some 10 to 20 s later. Look for an exception, an out-of-memory kill or a deployment at that time.',
      'The reasons STATE_MISMATCH, SIGNAL_CLOSE and MEDIA_FAILURE mean that its connection to LiveKit broke and the agent didn’t come back. AGENT_ERROR means that the agent ended with an error.',
      'The reason CLIENT_INITIATED means that the agent left by itself. An agent that ends a call must delete the room: leaving it does not hang up.',
      'Many such calls in the same second mean that a worker was restarted without draining its calls.',
    ],
    mitigation: [
      'To hang up, delete the room in the agent instead of only leaving it.',
      'Drain workers before a deployment, so that running calls end first.',
      'Delete rooms in which only a SIP participant is left, for example from LiveKit’s webhook participant_left.',
      'Verify that a call in which the agent says goodbye ends at once on the caller’s side.',
    ],
  },
  fix: 'Make the agent delete the room when it ends a call, and find out why it left or crashed.',
  confidence: {
    certain:
      'LiveKit’s webhooks, matched by SIP Call-ID, report that the agent left or lost its connection, and Jambonz reports that the caller hung up at least 5 s later.',
    likely:
      'The same for a call that the caller did not end, or that was matched by numbers, or without LiveKit’s reason, or with one after which an agent may come back.',
  },
  needs: ['end', 'livekit'],
  match({ end, livekit }) {
    if (!end || livekit.kind !== 'admitted' || !livekit.agentGone) return undefined;
    // Once LiveKit has ended its side, the agent is no longer missed.
    if (withoutAgentSeconds(end) < ALONE_SECONDS) return undefined;
    const { reason } = livekit.agentGone;
    const isCertain =
      livekit.joinedBy === 'call_id' && end.by === 'caller' && reason !== undefined && BY_ITSELF.has(reason);
    return saidByLiveKit(isCertain ? 'certain' : 'likely', endEvidence({ end, livekit }), [
      plainFix(
        reason === undefined || BY_ITS_CODE.has(reason)
          ? 'Make the agent delete the room when it ends a call: leaving the room does not hang up.'
          : 'Find in the agent’s log why its process died or lost its connection at that time.',
      ),
    ]);
  },
  examples: [
    {
      shows: 'an agent that left 41 s before the caller hung up left the caller alone',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 48_200,
        room: {
          agentJoined: -400,
          agentPublished: -300,
          callerJoined: 120,
          agentLeft: 7_100,
          callerLeft: 48_250,
          finished: 68_000,
        },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['agent_left_caller'], confidence: 'certain' },
    },
    {
      shows: 'an agent that left 5 s before the caller hung up left the caller alone',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 25_000,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, agentLeft: 20_000, callerLeft: 25_050 },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['agent_left_caller'], confidence: 'certain' },
    },
    {
      shows: 'an agent that left just under 5 s before the caller hung up may have said goodbye',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 24_990,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, agentLeft: 20_000, callerLeft: 25_050 },
      },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'an agent that left a caller whose room was deleted later left the caller alone until then',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 30_000,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, agentLeft: 20_000, roomDeleted: 29_980 },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['agent_left_caller'], confidence: 'likely' },
    },
    {
      shows: 'an agent whose connection broke, and that did not come back, left the caller alone',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 25_000,
        room: {
          agentJoined: -400,
          agentPublished: -300,
          callerJoined: 120,
          agentLost: ['STATE_MISMATCH', 20_000],
          callerLeft: 25_050,
        },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['agent_left_caller'], confidence: 'likely' },
    },
    {
      shows: 'an agent that LiveKit moved to another node did not leave the caller',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 45_000,
        room: {
          agentJoined: -400,
          agentPublished: -300,
          callerJoined: 120,
          agentLost: ['MIGRATION', 20_000],
          callerLeft: 45_020,
        },
      },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'an agent that left a caller whom LiveKit had moved to another node left the caller alone',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 45_000,
        room: {
          agentJoined: -400,
          agentPublished: -300,
          callerJoined: 120,
          callerMoved: 10_000,
          agentLeft: 20_000,
          callerLeft: 45_020,
        },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['agent_left_caller'], confidence: 'certain' },
    },
    {
      shows: 'an agent that left 2 s before the room was deleted said goodbye, although the caller’s leg went on',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 45_000,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, agentLeft: 20_000, roomDeleted: 22_000 },
      },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'an agent that left together with the caller ended the call as usual',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 25_000,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 25_020, agentLeft: 25_400 },
      },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'a call in which the agent stays, and whose caller’s side sends no audio, is a media timeout',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 30_200,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 30_220, agentLeft: 50_000 },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['media_timeout'], confidence: 'likely' },
    },
  ],
});

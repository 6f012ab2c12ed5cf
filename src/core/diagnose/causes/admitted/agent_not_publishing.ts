import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, responseEvidence, ringingEvidence, saidByLiveKit } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';
import { PATIENCE_SECONDS, rangOut } from '../../facts/timing.ts';
import { liveKitReportEvidence } from '../../unknowns.ts';

export const agentNotPublishing = defineCause({
  id: 'agent_not_publishing',
  title: 'an agent joined the room and published no audio',
  party: 'agent',
  stage: 'agent',
  runbook: {
    meaning:
      'LiveKit answers the call once somebody in the room publishes audio. An agent that joins and publishes nothing looks, from outside, as if nobody were there; only LiveKit’s webhooks can tell.',
    impact:
      'The caller waits, in ringing or in silence, until the dial gives up, while an agent is in the room and seems to work.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows when the agent joined, and whether it ever published.',
      'Read the agent’s log from the moment it joined: an exception at its start, a model that loads, a slow or failing speech or language API, a wait for the caller to speak first.',
      'How long does it take from joining to audio on calls that do connect? If that comes near the timeout of the dial, slow days fail.',
    ],
    mitigation: [
      'Publish the audio track first, then do what is slow. A greeting that waits for a language model keeps the caller ringing.',
      'Load models before the worker registers, not on each call.',
      'Raise the timeout of the dial for tonight, if the agent is only slow.',
      'It worked when the 180 ends in a 200 soon after the agent has joined.',
    ],
  },
  fix: 'Make the agent publish its audio track as soon as it has joined.',
  confidence: {
    certain:
      'When the agent left, LiveKit said that it had never published anything, and the call is known by its SIP Call-ID.',
    likely: 'An agent joined and no webhook told of its audio; that one may be lost.',
  },
  needs: ['target', 'stage', 'match', 'ending', 'progress', 'lostToSibling', 'livekit'],
  match({ target, stage, match, ending, progress, lostToSibling, livekit }) {
    if (target.kind !== 'livekit' || stage !== 'admitted') return undefined;
    const evidence = [
      ...responseEvidence(ending, progress),
      ...ringingEvidence(progress),
      ...liveKitReportEvidence(livekit),
    ];
    const fixes = [plainFix('Make the agent publish its audio track as soon as it has joined.')];
    if (livekit.kind !== 'admitted') {
      return ending.kind === 'unanswered' ? alternative(evidence, fixes) : undefined;
    }
    if (ending.kind !== 'unanswered' && !isResponse(ending, 486)) return undefined;
    const { agent, roomClosed, joinedBy } = livekit;
    // The worker took the job; that the agent joined may be in a webhook that is lost.
    if (agent.state === 'job_only') return alternative(evidence, fixes);
    if (agent.state !== 'silent' || roomClosed === 'deleted' || roomClosed === 'server_shutdown') return undefined;
    if (ending.kind === 'response' && !rangOut(match, progress)) return alternative(evidence, fixes);
    const gaveUpEarly =
      ending.kind === 'unanswered' && ending.endedBy === 'caller' && (progress.ringSeconds ?? 0) < PATIENCE_SECONDS;
    if (gaveUpEarly || lostToSibling) return alternative(evidence, fixes);
    // One webhook tells of the audio, and it may be the one that is lost. Only when the agent leaves does LiveKit say by
    // itself whether it had published anything: until then its silence is likely, not certain.
    const isCertain = agent.wasPublisher === false && joinedBy === 'call_id' && !roomClosed;
    return saidByLiveKit(isCertain ? 'certain' : 'likely', evidence, fixes);
  },
  examples: [
    {
      shows: 'an agent that joined, and of which LiveKit said when it left that it had published nothing',
      call: {
        ringing: 'every second',
        dialGaveUpAt: 20_000,
        room: { callerJoined: 120, agentJoined: 740, callerLeft: 20_040, agentLeft: 20_140, finished: 39_840 },
      },
      livekit: {},
      want: { blocking: ['agent_not_publishing'], confidence: 'certain' },
    },
    {
      shows: 'an agent that joined, and of which nothing more was heard',
      call: {
        ringing: 'every second',
        dialGaveUpAt: 20_000,
        room: { callerJoined: 120, agentJoined: 740, callerLeft: 20_040 },
      },
      livekit: {},
      want: { blocking: ['agent_not_publishing'], confidence: 'likely' },
    },
    {
      shows: 'an agent that published when the dial had all but given up came too late',
      call: {
        ringing: 'every second',
        dialGaveUpAt: 20_000,
        room: {
          callerJoined: 120,
          agentJoined: 740,
          agentPublished: 19_740,
          callerLeft: 20_040,
          agentLeft: 20_140,
          finished: 39_840,
        },
      },
      livekit: {},
      want: { blocking: ['agent_not_publishing'], confidence: 'likely' },
    },
    {
      shows: 'a worker that took the job and whose agent was never heard of in the room may not have come at all',
      call: {
        ringing: 'every second',
        dialGaveUpAt: 20_000,
        room: { callerJoined: 120, jobStarted: 140, callerLeft: 20_040, finished: 39_840 },
      },
      livekit: {},
      want: { blocking: ['agent_not_joined'], confidence: 'likely', alternatives: ['agent_not_publishing'] },
    },
    {
      shows: 'an agent was there, and the room was deleted under it',
      call: {
        ringing: 'every second',
        response: [486, 'Rejected', 5_600],
        room: { callerJoined: 120, agentJoined: 740, roomDeleted: 5_540 },
      },
      livekit: {},
      want: { blocking: ['livekit_room_closed'], confidence: 'certain' },
    },
  ],
});

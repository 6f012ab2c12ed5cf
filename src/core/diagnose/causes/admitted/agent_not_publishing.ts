import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, saidByLiveKit } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';
import { PATIENCE_SECONDS, rangOut } from '../../facts/timing.ts';
import { roomEvidence } from '../../unknowns.ts';

export const agentNotPublishing = defineCause({
  id: 'agent_not_publishing',
  title: 'an agent joined the room but published no audio',
  party: 'agent',
  stage: 'agent',
  runbook: {
    meaning:
      'LiveKit answers the call once somebody in the room publishes audio. From outside, an agent that joins but publishes nothing looks like an empty room; only LiveKit’s webhooks show the difference.',
    impact:
      'The caller hears ringing or silence until the dial times out, while an agent is in the room and seems to work.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows when the agent joined, and whether it ever published.',
      'Read the agent’s log from the moment it joined. Look for an exception at startup, a loading model, a slow or failing speech or language API, or code that waits for the caller to speak first.',
      'How long does the agent take from joining to audio on calls that connect? If that is close to the dial timeout, slow days fail.',
    ],
    mitigation: [
      'Publish the audio track first, then do slow work. A greeting that waits for a language model keeps the call ringing.',
      'Load models before the worker registers, not on each call.',
      'If the agent is only slow, raise the dial timeout for tonight.',
      'Verify that the 180 is followed by a 200 soon after the agent joins.',
    ],
  },
  fix: 'Make the agent publish its audio track as soon as it joins.',
  confidence: {
    certain:
      'When the agent left, LiveKit reported that it had never published anything, and the SIP Call-ID matches this call.',
    likely: 'An agent joined and no webhook reported its audio, but that webhook may be lost.',
  },
  needs: ['target', 'stage', 'match', 'ending', 'progress', 'lostToSibling', 'livekit'],
  match({ target, stage, match, ending, progress, lostToSibling, livekit }) {
    if (target.kind !== 'livekit' || stage !== 'admitted') return undefined;
    const evidence = roomEvidence({ ending, progress, livekit });
    const seen = livekit.kind === 'admitted' ? livekit.agent : undefined;
    const hasLeft = seen?.state === 'silent' && seen.leftSeconds !== undefined;
    const fixes = [
      ...(hasLeft ? [plainFix('Read in the agent’s log why it left the room while the call rang.')] : []),
      plainFix('Make the agent publish its audio track as soon as it joins.'),
    ];
    if (livekit.kind !== 'admitted') {
      return ending.kind === 'unanswered' ? alternative(evidence, fixes) : undefined;
    }
    if (ending.kind !== 'unanswered' && !isResponse(ending, 486)) return undefined;
    const { agent, roomClosed, joinedBy } = livekit;
    // The worker took the job; the webhook of the agent joining may be lost.
    if (agent.state === 'job_only') return alternative(evidence, fixes);
    if (agent.state !== 'silent' || roomClosed === 'deleted' || roomClosed === 'server_shutdown') return undefined;
    if (ending.kind === 'response' && !rangOut(match, progress)) return alternative(evidence, fixes);
    const gaveUpEarly =
      ending.kind === 'unanswered' && ending.endedBy === 'caller' && (progress.ringSeconds ?? 0) < PATIENCE_SECONDS;
    if (gaveUpEarly || lostToSibling) return alternative(evidence, fixes);
    // One webhook reports the audio, and it may be the one that is lost. Only when the agent leaves does LiveKit say by
    // itself whether it had published anything: until then its silence is likely, not certain.
    const isCertain = agent.wasPublisher === false && joinedBy === 'call_id' && !roomClosed;
    return saidByLiveKit(isCertain ? 'certain' : 'likely', evidence, fixes);
  },
  examples: [
    {
      shows: 'an agent that left without having published anything, according to LiveKit',
      call: {
        ringing: 'every second',
        dialGaveUpAt: 20_000,
        room: { callerJoined: 120, agentJoined: 740, callerLeft: 20_040, agentLeft: 20_140, finished: 39_840 },
      },
      livekit: {},
      want: { blocking: ['agent_not_publishing'], confidence: 'certain' },
    },
    {
      shows: 'an agent that joined, with no later report',
      call: {
        ringing: 'every second',
        dialGaveUpAt: 20_000,
        room: { callerJoined: 120, agentJoined: 740, callerLeft: 20_040 },
      },
      livekit: {},
      want: { blocking: ['agent_not_publishing'], confidence: 'likely' },
    },
    {
      shows: 'an agent that published just before the dial timed out was too late',
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
      shows: 'an agent whose worker took the job but that no webhook saw in the room may never have joined',
      call: {
        ringing: 'every second',
        dialGaveUpAt: 20_000,
        room: { callerJoined: 120, jobStarted: 140, callerLeft: 20_040, finished: 39_840 },
      },
      livekit: {},
      want: { blocking: ['agent_not_joined'], confidence: 'likely', alternatives: ['agent_not_publishing'] },
    },
    {
      shows: 'a room that was deleted while the agent was in it is a closed room',
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

import { plainFix } from '../../fixes/fix.ts';
import { defineCause } from '../cause.ts';
import { alternative, responseEvidence, ringingEvidence, saidByLiveKit } from '../claims.ts';
import { isResponse } from '../ending.ts';
import { heardEvidence } from '../heardEvidence.ts';
import { rangOut } from '../ringingTimeout.ts';
import { PATIENCE_SECONDS } from './agent_not_joined.ts';

export const agentNotPublishing = defineCause({
  id: 'agent_not_publishing',
  title: 'an agent joined the room and published no audio',
  party: 'agent',
  stage: 'agent',
  meaning:
    'LiveKit answers the call once somebody in the room publishes audio. An agent that joins and publishes nothing looks, ' +
    'from outside, as if nobody were there; only LiveKit’s webhooks can tell.',
  fix: 'Make the agent publish its audio track as soon as it has joined.',
  confidence: {
    certain:
      'When the agent left, LiveKit said that it had never published anything, and the call is known by its SIP Call-ID.',
    likely: 'An agent joined and no webhook told of its audio; that one may be lost.',
  },
  needs: ['target', 'stage', 'match', 'ending', 'progress', 'lostToSibling', 'livekit'],
  match({ target, stage, match, ending, progress, lostToSibling, livekit }) {
    if (target.kind !== 'livekit' || stage !== 'admitted') return undefined;
    const evidence = [...responseEvidence(ending, progress), ...ringingEvidence(progress), ...heardEvidence(livekit)];
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
});

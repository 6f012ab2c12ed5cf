import { plainFix } from '../../fixes/fix.ts';
import { defineCause } from '../cause.ts';
import { alternative, responseEvidence, ringingEvidence } from '../claims.ts';

export const agentNotPublishing = defineCause({
  id: 'agent_not_publishing',
  title: 'an agent joined the room and published no audio',
  party: 'agent',
  stage: 'agent',
  meaning:
    'LiveKit answers the call once somebody in the room publishes audio. An agent that joins and publishes nothing looks, ' +
    'from outside, as if nobody were there; only LiveKit’s webhooks can tell.',
  fix: 'Make the agent publish its audio track as soon as it has joined.',
  needs: ['target', 'stage', 'ending', 'progress'],
  match({ target, stage, ending, progress }) {
    if (target.kind !== 'livekit' || stage !== 'admitted' || ending.kind !== 'unanswered') return undefined;
    const evidence = [...responseEvidence(ending, progress), ...ringingEvidence(progress)];
    return alternative(evidence, [plainFix('Make the agent publish its audio track as soon as it has joined.')]);
  },
});

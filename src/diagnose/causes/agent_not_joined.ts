import { plainFix } from '../../fixes/fix.ts';
import { defineCause } from '../cause.ts';
import { alternative, isResponse, observed, responseEvidence, ringingEvidence } from '../claims.ts';
import { rangOut } from '../ringingTimeout.ts';

/** Callers who hang up sooner may simply not have waited for the agent. */
export const PATIENCE_SECONDS = 10;

export const agentNotJoined = defineCause({
  id: 'agent_not_joined',
  title: 'LiveKit admitted the call, and no agent answered it',
  party: 'agent',
  stage: 'agent',
  meaning:
    'The 180 was repeated every second: LiveKit admitted the call and waited for somebody in the room to publish audio. ' +
    'No agent did. Either no worker took the job, or the agent joined and published nothing.',
  fix: 'Check that an agent worker is running, registered under the name that the dispatch rule asks for, and has capacity.',
  needs: ['target', 'stage', 'match', 'ending', 'progress', 'lostToSibling'],
  match({ target, stage, match, ending, progress, lostToSibling }) {
    if (target.kind !== 'livekit' || stage !== 'admitted' || ending.kind === 'answered') return undefined;
    const evidence = [...responseEvidence(ending, progress), ...ringingEvidence(progress)];
    const fixes = [
      plainFix(
        'Check that a worker is registered for the agent of the dispatch rule, has capacity, and joins the room.',
      ),
      plainFix('If the agent did join, make it publish its audio track before it does anything slow.'),
    ];
    if (isResponse(ending, 486)) {
      return rangOut(match, progress) ? observed('likely', evidence, fixes) : alternative(evidence, fixes);
    }
    if (ending.kind !== 'unanswered') return undefined;
    const gaveUpEarly = ending.endedBy === 'caller' && (progress.ringSeconds ?? 0) < PATIENCE_SECONDS;
    return gaveUpEarly || lostToSibling ? alternative(evidence, fixes) : observed('likely', evidence, fixes);
  },
});

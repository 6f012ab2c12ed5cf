import { defineCause } from '../cause.ts';
import { alternative, observed, responseEvidence, ringingEvidence } from '../claims.ts';
import { PATIENCE_SECONDS } from './agent_not_joined.ts';

export const callerAbandoned = defineCause({
  id: 'caller_abandoned',
  title: 'the caller hung up before an answer',
  party: 'nobody',
  stage: 'callee',
  meaning: 'The caller hung up while the call was being set up, and nothing shows that it would have failed.',
  fix: 'Nothing, unless callers wait long: then look at the post-dial delay.',
  confidence: {
    likely: 'The caller hung up, and nothing shows that the call would have failed.',
  },
  needs: ['target', 'stage', 'ending', 'progress', 'lostToSibling'],
  match({ target, stage, ending, progress, lostToSibling }) {
    if (ending.kind !== 'unanswered' || lostToSibling) return undefined;
    const evidence = [...responseEvidence(ending, progress), ...ringingEvidence(progress)];
    if (target.kind === 'own') return observed('likely', evidence);
    if (ending.endedBy !== 'caller') return undefined;
    // LiveKit refused, or no agent came for long: the caller gave up because of that.
    if (stage === 'refused') return undefined;
    const waited = Math.max(progress.ringSeconds ?? 0, (progress.elapsedMs ?? 0) / 1000);
    const isPatient = target.kind === 'livekit' && waited >= PATIENCE_SECONDS;
    return isPatient ? alternative(evidence) : observed('likely', evidence);
  },
});

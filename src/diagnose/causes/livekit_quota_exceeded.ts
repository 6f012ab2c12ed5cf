import { plainFix } from '../../fixes/fix.ts';
import { defineCause } from '../cause.ts';
import { alternative, observed, responseEvidence } from '../claims.ts';
import { isResponse } from '../ending.ts';
import { isAnonymous503, QUOTA_PHRASE } from '../liveKitResponses.ts';

export const livekitQuotaExceeded = defineCause({
  id: 'livekit_quota_exceeded',
  title: 'the LiveKit project’s quota is used up',
  party: 'livekit',
  stage: 'backend',
  meaning: 'LiveKit Cloud answers 503 "Service temporarily unavailable" where the quota of the project is used up.',
  fix: 'Look at the usage of the LiveKit Cloud project, and raise its plan or wait for the next period.',
  confidence: {
    certain: 'The answer carries the phrase that only LiveKit Cloud uses for a used-up quota.',
    likely:
      'The answer carries that phrase, and this LiveKit is known to be self-hosted, where a quota is not expected.',
  },
  needs: ['target', 'ending', 'progress', 'deployment'],
  match({ target, ending, progress, deployment }) {
    if (target.kind !== 'livekit') return undefined;
    const isSelfHosted = deployment?.kind === 'self_hosted';
    const evidence = responseEvidence(ending, progress);
    const fixes = [plainFix(this.fix)];
    if (isResponse(ending, 503, QUOTA_PHRASE)) return observed(isSelfHosted ? 'likely' : 'certain', evidence, fixes);
    // An SBC older than September 2025 puts the standard phrase on it.
    return isAnonymous503(ending) && !isSelfHosted ? alternative(evidence, fixes) : undefined;
  },
});

import { plainFix } from '../../fixes/fix.ts';
import { defineCause } from '../cause.ts';
import { observed, responseEvidence } from '../claims.ts';
import { isResponse } from '../ending.ts';

export const livekitQuotaExceeded = defineCause({
  id: 'livekit_quota_exceeded',
  title: 'the LiveKit project’s quota is used up',
  party: 'livekit',
  stage: 'backend',
  meaning: 'LiveKit Cloud answers 503 "Service temporarily unavailable" where the quota of the project is used up.',
  fix: 'Look at the usage of the LiveKit Cloud project, and raise its plan or wait for the next period.',
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (target.kind !== 'livekit' || !isResponse(ending, 503, 'Service temporarily unavailable')) return undefined;
    return observed('certain', responseEvidence(ending, progress), [
      plainFix('Look at the usage of the LiveKit Cloud project, and raise its plan or wait for the next period.'),
    ]);
  },
});

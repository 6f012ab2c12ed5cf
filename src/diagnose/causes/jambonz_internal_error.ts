import { isPhraseOfProgress } from '../../call/reasonPhrase.ts';
import { plainFix } from '../../fixes/fix.ts';
import { defineCause } from '../cause.ts';
import { alternative, observed, responseEvidence } from '../claims.ts';
import { isResponse } from '../ending.ts';

export const jambonzInternalError = defineCause({
  id: 'jambonz_internal_error',
  title: 'Jambonz’s feature server failed',
  party: 'jambonz',
  stage: 'jambonz',
  meaning:
    'Where the feature server fails without a SIP answer it reports status 500 and leaves the phrase of the webhook before ' +
    'in place, as in 500 "Ringing". A status and a phrase that do not belong together are not a SIP response.',
  fix: 'Look in the feature server’s log at that moment, by the call_sid.',
  confidence: {
    certain: 'A 500 with the phrase of a provisional or successful response, which no SIP answer has.',
    likely: 'A 500 with the phrase of another failure, or any 500 on the caller’s own leg.',
    possible: 'A 500 of which only the dial hook tells, without a phrase, on a leg that is not LiveKit’s.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (!isResponse(ending, 500) || ending.kind !== 'response') return undefined;
    const evidence = responseEvidence(ending, progress);
    const fixes = [plainFix(this.fix)];
    if (ending.isStale) {
      evidence.push({
        name: 'phrase',
        value: `"${ending.reason}" does not belong to ${ending.status}`,
        source: 'jambonz',
      });
      return observed(isPhraseOfProgress(ending.reason ?? '') ? 'certain' : 'likely', evidence, fixes);
    }
    // Without the leg's own webhook the phrase, which would tell, is missing.
    if (ending.reason === undefined)
      return target.kind === 'livekit' ? alternative(evidence, fixes) : observed('possible', evidence, fixes);
    return target.kind === 'own' ? observed('likely', evidence, fixes) : undefined;
  },
});

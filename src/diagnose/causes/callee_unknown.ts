import { defineCause } from '../cause.ts';
import { observed, responseEvidence } from '../claims.ts';
import { isResponse } from '../ending.ts';

export const calleeUnknown = defineCause({
  id: 'callee_unknown',
  title: 'the called number does not exist',
  party: 'nobody',
  stage: 'callee',
  meaning: 'The far end does not know the called number: 404, 410, 484 or 604.',
  fix: 'Nothing: this is a callee’s answer, not a fault.',
  confidence: {
    likely: 'A status that says the number does not exist; carriers use it for other things as well.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (target.kind !== 'other' && target.kind !== 'own') return undefined;
    if (![404, 410, 484, 604].some((status) => isResponse(ending, status))) return undefined;
    return observed('likely', responseEvidence(ending, progress));
  },
});

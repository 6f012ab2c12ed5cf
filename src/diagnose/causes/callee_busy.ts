import { defineCause } from '../cause.ts';
import { observed, responseEvidence } from '../claims.ts';
import { isResponse } from '../ending.ts';

export const calleeBusy = defineCause({
  id: 'callee_busy',
  title: 'the callee is busy',
  party: 'nobody',
  stage: 'callee',
  meaning: 'The far end answered 486 or 600. On a leg to LiveKit a 486 means something else.',
  fix: 'Nothing: this is a callee’s answer, not a fault.',
  confidence: {
    likely: 'A 486 or 600 on a leg that is not LiveKit’s; a carrier may use it for other things.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (target.kind !== 'other' && target.kind !== 'own') return undefined;
    if (![486, 600].some((status) => isResponse(ending, status))) return undefined;
    return observed('likely', responseEvidence(ending, progress));
  },
});

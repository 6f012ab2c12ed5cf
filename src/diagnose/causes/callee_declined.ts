import { defineCause } from '../cause.ts';
import { alternative, observed, responseEvidence } from '../claims.ts';
import { isResponse } from '../ending.ts';

export const calleeDeclined = defineCause({
  id: 'callee_declined',
  title: 'the callee declined the call',
  party: 'nobody',
  stage: 'callee',
  meaning: 'The far end answered 603. Without ringing, for a phone number, the Jambonz SBC may have said so itself.',
  fix: 'Nothing: this is a callee’s answer, not a fault.',
  confidence: {
    likely: 'A 603 that Jambonz itself has no reason to say.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (!isResponse(ending, 603) || target.kind === 'unknown' || target.kind === 'livekit') return undefined;
    const evidence = responseEvidence(ending, progress);
    const mayBeJambonz = target.kind === 'other' && target.isNumber && progress.ringings === 0;
    return mayBeJambonz ? alternative(evidence) : observed('likely', evidence);
  },
});

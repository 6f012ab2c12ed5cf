import { plainFix } from '../../fixes/fix.ts';
import { defineCause } from '../cause.ts';
import { observed, responseEvidence } from '../claims.ts';
import { isResponse } from '../ending.ts';

export const jambonzLoop = defineCause({
  id: 'jambonz_loop',
  title: 'the call came back to Jambonz',
  party: 'jambonz',
  stage: 'jambonz',
  meaning: 'The Jambonz SBC answers 482 "Loop Detected" where a call that it sent out comes back to it.',
  fix: 'Look for a route, a registration or a carrier that sends the dialled number back to Jambonz.',
  confidence: {
    certain: 'A 482 on a leg to LiveKit or on the caller’s own leg.',
    likely: 'A 482 on another leg: a loop may also be somewhere behind the carrier.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (!isResponse(ending, 482)) return undefined;
    const confidence = target.kind === 'livekit' || target.kind === 'own' ? 'certain' : 'likely';
    return observed(confidence, responseEvidence(ending, progress), [plainFix(this.fix)]);
  },
});

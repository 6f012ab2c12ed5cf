import { plainFix } from '../../fixes/fix.ts';
import { defineCause } from '../cause.ts';
import { alternative, observed, responseEvidence } from '../claims.ts';
import { isResponse } from '../ending.ts';

export const jambonzNoMediaServer = defineCause({
  id: 'jambonz_no_media_server',
  title: 'the Jambonz SBC has no media server',
  party: 'jambonz',
  stage: 'jambonz',
  meaning:
    'The Jambonz SBC answers 480 "Temporarily Unavailable" where it has no rtpengine to use. A far end says the same for a ' +
    'callee who is away; LiveKit never does.',
  fix: 'Check rtpengine and its connection to the SBC.',
  confidence: {
    likely: 'A 480 on a leg to LiveKit, which never says so, or on the caller’s own leg.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (!isResponse(ending, 480)) return undefined;
    const evidence = responseEvidence(ending, progress);
    const fixes = [plainFix('Check that rtpengine runs, and that the SBC reaches it.')];
    switch (target.kind) {
      case 'livekit':
      case 'own':
        return observed('likely', evidence, fixes);
      case 'other':
        // A far end that rang had media; one that answers 480 at once may be the SBC itself.
        return progress.ringings > 0 ? undefined : alternative(evidence, fixes);
      case 'unknown':
        return alternative(evidence, fixes);
    }
  },
});

import { plainFix } from '../../fixes/fix.ts';
import { defineCause } from '../cause.ts';
import { alternative, observed, responseEvidence } from '../claims.ts';
import { isAtOnce } from '../connecting.ts';
import { isAnonymous503, JAMBONZ_503_PHRASES } from '../liveKitResponses.ts';

/** Answers that tell of the callee, of Jambonz, of the media or of the network; each has its own cause. */
const OTHERS = new Set([404, 408, 410, 416, 480, 482, 484, 486, 487, 488, 600, 603, 604, 606]);

export const carrierRejected = defineCause({
  id: 'carrier_rejected',
  title: 'the carrier refused the call',
  party: 'carrier',
  stage: 'callee',
  meaning:
    'The far end of a leg that is not LiveKit’s, a carrier or another SIP server, answered with a failure that says nothing ' +
    'of the callee.',
  fix: 'Show the carrier the Call-ID, the time and the response, and ask what it refused.',
  confidence: {
    likely: 'A failure of a leg that is not LiveKit’s, and nothing says that Jambonz or the network made it.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (target.kind !== 'other' || ending.kind !== 'response') return undefined;
    // Jambonz's own failures are always 500; carriers put any phrase on any status.
    if (ending.isStale && ending.status === 500) return undefined;
    if (OTHERS.has(ending.status) || JAMBONZ_503_PHRASES.has(ending.reason ?? '')) return undefined;
    const evidence = responseEvidence(ending, progress);
    const fixes = [plainFix(this.fix)];
    if (isAnonymous503(ending) && isAtOnce(progress)) return alternative(evidence, fixes);
    if (ending.status === 500 && ending.reason === undefined) return alternative(evidence, fixes);
    return observed('likely', evidence, fixes);
  },
});

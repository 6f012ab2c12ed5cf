import { plainFix } from '../../fixes/fix.ts';
import { defineCause } from '../cause.ts';
import { observed, responseEvidence } from '../claims.ts';
import { isResponse } from '../ending.ts';

export const jambonzNoCarrier = defineCause({
  id: 'jambonz_no_carrier',
  title: 'Jambonz has no carrier or gateway for the number',
  party: 'jambonz',
  stage: 'jambonz',
  meaning:
    'The Jambonz SBC answers 603 "Decline" where no carrier or outbound gateway fits a dialled phone number. A callee who ' +
    'declines answers the same, but rings first.',
  fix: 'Give the account a carrier with an outbound gateway, or a route for this number.',
  confidence: {
    likely: 'A 603 for a phone number without any ringing; a callee may decline as fast.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (target.kind !== 'other' || !target.isNumber || !isResponse(ending, 603)) return undefined;
    if (progress.ringings > 0) return undefined;
    return observed('likely', responseEvidence(ending, progress), [plainFix(this.fix)]);
  },
});

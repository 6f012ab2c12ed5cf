import { defineCause } from '../cause.ts';
import { isResponse } from '../ending.ts';
import { saidByJambonz } from '../jambonzResponses.ts';

export const jambonzNoSubscription = defineCause({
  id: 'jambonz_no_subscription',
  title: 'the Jambonz account has no active subscription',
  party: 'jambonz',
  stage: 'jambonz',
  meaning: 'The Jambonz SBC refuses calls of an account without an active subscription.',
  fix: 'Renew the subscription of the account in Jambonz.',
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (!isResponse(ending, 503, 'No Active Subscription')) return undefined;
    return saidByJambonz(target, ending, progress, this.fix);
  },
});

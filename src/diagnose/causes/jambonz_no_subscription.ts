import { defineCause } from '../cause.ts';
import { saidByJambonz } from '../jambonzResponses.ts';

export const jambonzNoSubscription = defineCause({
  id: 'jambonz_no_subscription',
  title: 'the Jambonz account has no active subscription',
  party: 'jambonz',
  stage: 'jambonz',
  meaning: 'The Jambonz SBC refuses calls of an account without an active subscription.',
  fix: 'Renew the subscription of the account in Jambonz.',
  confidence: {
    certain: 'The phrase that only Jambonz uses, on a leg to LiveKit or on the caller’s own leg.',
    likely: 'The same phrase on another leg: somebody else’s Jambonz may be behind the carrier.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    return saidByJambonz('No Active Subscription', { target, ending, progress }, this.fix);
  },
});

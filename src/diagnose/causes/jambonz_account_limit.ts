import { defineCause } from '../cause.ts';
import { saidByJambonz } from '../jambonzResponses.ts';

export const jambonzAccountLimit = defineCause({
  id: 'jambonz_account_limit',
  title: 'the Jambonz account is at its call limit',
  party: 'jambonz',
  stage: 'jambonz',
  meaning: 'The Jambonz SBC refuses a call where the account has as many calls as it may have.',
  fix: 'Raise the concurrent call limit of the account in Jambonz, or find out why its calls do not end.',
  confidence: {
    certain: 'The phrase that only Jambonz uses, on a leg to LiveKit or on the caller’s own leg.',
    likely: 'The same phrase on another leg: somebody else’s Jambonz may be behind the carrier.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    return saidByJambonz('Max Account Calls In Progress', { target, ending, progress }, this.fix);
  },
});

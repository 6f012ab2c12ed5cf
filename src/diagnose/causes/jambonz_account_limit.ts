import { defineCause } from '../cause.ts';
import { isResponse } from '../ending.ts';
import { saidByJambonz } from '../jambonzResponses.ts';

export const jambonzAccountLimit = defineCause({
  id: 'jambonz_account_limit',
  title: 'the Jambonz account is at its call limit',
  party: 'jambonz',
  stage: 'jambonz',
  meaning: 'The Jambonz SBC refuses a call where the account has as many calls as it may have.',
  fix: 'Raise the concurrent call limit of the account in Jambonz, or find out why its calls do not end.',
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (!isResponse(ending, 503, 'Max Account Calls In Progress')) return undefined;
    return saidByJambonz(target, ending, progress, this.fix);
  },
});

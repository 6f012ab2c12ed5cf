import { defineCause } from '../cause.ts';
import { isResponse } from '../ending.ts';
import { saidByJambonz } from '../jambonzResponses.ts';

export const jambonzCapacity = defineCause({
  id: 'jambonz_capacity',
  title: 'Jambonz is at its system-wide call limit',
  party: 'jambonz',
  stage: 'jambonz',
  meaning: 'The Jambonz SBC refuses a call where the whole system has as many calls as it is set up for.',
  fix: 'Raise the limit of calls of the Jambonz system, or add capacity.',
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (!isResponse(ending, 503, 'Maximum Calls In Progress')) return undefined;
    return saidByJambonz(target, ending, progress, this.fix);
  },
});

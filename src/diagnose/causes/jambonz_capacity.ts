import { defineCause } from '../cause.ts';
import { saidByJambonz } from '../jambonzResponses.ts';

export const jambonzCapacity = defineCause({
  id: 'jambonz_capacity',
  title: 'Jambonz is at its system-wide call limit',
  party: 'jambonz',
  stage: 'jambonz',
  meaning: 'The Jambonz SBC refuses a call where the whole system has as many calls as it is set up for.',
  fix: 'Raise the limit of calls of the Jambonz system, or add capacity.',
  confidence: {
    certain: 'The phrase that only Jambonz uses, on a leg to LiveKit or on the caller’s own leg.',
    likely: 'The same phrase on another leg: somebody else’s Jambonz may be behind the carrier.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    return saidByJambonz('Maximum Calls In Progress', { target, ending, progress }, this.fix);
  },
});

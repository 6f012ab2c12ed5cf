import { defineCause } from '../cause.ts';
import { saidByJambonz } from '../jambonzResponses.ts';

export const jambonzServiceProviderLimit = defineCause({
  id: 'jambonz_service_provider_limit',
  title: 'the Jambonz service provider is at its call limit',
  party: 'jambonz',
  stage: 'jambonz',
  meaning: 'The Jambonz SBC refuses a call where the service provider has as many calls as it may have.',
  fix: 'Raise the concurrent call limit of the service provider in Jambonz.',
  confidence: {
    certain: 'The phrase that only Jambonz uses, on a leg to LiveKit or on the caller’s own leg.',
    likely: 'The same phrase on another leg: somebody else’s Jambonz may be behind the carrier.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    return saidByJambonz('Max Service Provider Calls In Progress', { target, ending, progress }, this.fix);
  },
});

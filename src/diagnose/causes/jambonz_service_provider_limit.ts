import { defineCause } from '../cause.ts';
import { isResponse } from '../ending.ts';
import { saidByJambonz } from '../jambonzResponses.ts';

export const jambonzServiceProviderLimit = defineCause({
  id: 'jambonz_service_provider_limit',
  title: 'the Jambonz service provider is at its call limit',
  party: 'jambonz',
  stage: 'jambonz',
  meaning: 'The Jambonz SBC refuses a call where the service provider has as many calls as it may have.',
  fix: 'Raise the concurrent call limit of the service provider in Jambonz.',
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (!isResponse(ending, 503, 'Max Service Provider Calls In Progress')) return undefined;
    return saidByJambonz(target, ending, progress, this.fix);
  },
});

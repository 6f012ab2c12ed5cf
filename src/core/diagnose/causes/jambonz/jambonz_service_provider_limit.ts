import { defineCause } from '../../cause.ts';
import { saidByJambonz } from '../../claims.ts';
import { JAMBONZ_503 } from '../../facts/liveKitResponses.ts';

export const jambonzServiceProviderLimit = defineCause({
  id: 'jambonz_service_provider_limit',
  title: 'the Jambonz service provider is at its call limit',
  party: 'jambonz',
  stage: 'jambonz',
  runbook: {
    meaning:
      'The Jambonz SBC refuses new calls when the service provider has reached its call limit: 503 "Max Service Provider Calls In Progress".',
    impact: 'New calls on all accounts of this service provider are refused at once. Calls in progress continue.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the phrase. LiveKit never saw the call.',
      'Look up the concurrent call limit in the Jambonz portal under the service provider’s Settings.',
      'Which account has the most calls? An account that suddenly grew may need its own limit.',
    ],
    mitigation: [
      'Raise the service provider’s limit in the portal under Settings.',
      'Or give the account that uses most of it a limit of its own.',
      'Verify that new calls no longer get this 503 in the busiest hour.',
    ],
  },
  fix: 'Raise the service provider’s concurrent call limit in Jambonz.',
  confidence: {
    certain: 'A leg to LiveKit or the caller’s own leg got this phrase, which only Jambonz uses.',
    likely: 'Another leg got this phrase: it may come from another Jambonz behind the carrier.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    return saidByJambonz(JAMBONZ_503.serviceProviderLimit, { target, ending, progress }, this.fix);
  },
  examples: [
    {
      shows: 'a 503 "Max Service Provider Calls In Progress" on a leg to LiveKit is Jambonz’s own',
      call: { response: [503, 'Max Service Provider Calls In Progress', 30] },
      livekit: {},
      want: { blocking: ['jambonz_service_provider_limit'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "Max Service Provider Calls In Progress" is recognised without LiveKit’s configuration',
      call: { response: [503, 'Max Service Provider Calls In Progress', 30] },
      want: { blocking: ['jambonz_service_provider_limit'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "Max Service Provider Calls In Progress" from a carrier may come from another Jambonz',
      call: { to: '+15550199', response: [503, 'Max Service Provider Calls In Progress', 30] },
      livekit: {},
      want: { blocking: ['jambonz_service_provider_limit'], confidence: 'likely' },
    },
    {
      shows: 'a 503 "Max Service Provider Calls In Progress" on the caller’s leg is also Jambonz’s own',
      call: { leg: 'caller', response: [503, 'Max Service Provider Calls In Progress', 30] },
      livekit: {},
      want: { blocking: ['jambonz_service_provider_limit'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "max service provider calls in progress" in another letter case is an unknown phrase',
      call: { response: [503, 'max service provider calls in progress', 30] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

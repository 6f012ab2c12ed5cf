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
      'The Jambonz SBC refuses a call where the service provider has as many calls as it may have: 503 "Max Service Provider Calls In Progress".',
    impact: 'New calls of all accounts of this service provider are refused at once. Calls in progress go on.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows the phrase. LiveKit never saw the call.',
      'Jambonz portal, Settings of the service provider: its limit of concurrent calls.',
      'Which account has the most calls? The one that grew may be the one to limit.',
    ],
    mitigation: [
      'Raise the limit of the service provider in the portal’s Settings.',
      'Or give the account that uses it up a limit of its own.',
      'It worked when new calls are no longer answered with this 503 in the busiest hour.',
    ],
  },
  fix: 'Raise the concurrent call limit of the service provider in Jambonz.',
  confidence: {
    certain: 'The phrase that only Jambonz uses, on a leg to LiveKit or on the caller’s own leg.',
    likely: 'The same phrase on another leg: somebody else’s Jambonz may be behind the carrier.',
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
      shows: 'a 503 "Max Service Provider Calls In Progress" needs no configuration of LiveKit’s to be known',
      call: { response: [503, 'Max Service Provider Calls In Progress', 30] },
      want: { blocking: ['jambonz_service_provider_limit'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "Max Service Provider Calls In Progress" from a carrier may be another Jambonz’s',
      call: { to: '+15550199', response: [503, 'Max Service Provider Calls In Progress', 30] },
      livekit: {},
      want: { blocking: ['jambonz_service_provider_limit'], confidence: 'likely' },
    },
    {
      shows: 'a 503 "Max Service Provider Calls In Progress" on the caller’s leg is Jambonz’s own as well',
      call: { leg: 'caller', response: [503, 'Max Service Provider Calls In Progress', 30] },
      livekit: {},
      want: { blocking: ['jambonz_service_provider_limit'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "max service provider calls in progress" in another letter case is nobody’s known phrase',
      call: { response: [503, 'max service provider calls in progress', 30] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

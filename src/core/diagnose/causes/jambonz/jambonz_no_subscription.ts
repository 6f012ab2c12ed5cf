import { defineCause } from '../../cause.ts';
import { saidByJambonz } from '../../claims.ts';
import { JAMBONZ_503 } from '../../facts/liveKitResponses.ts';

export const jambonzNoSubscription = defineCause({
  id: 'jambonz_no_subscription',
  title: 'the Jambonz account has no active subscription',
  party: 'jambonz',
  stage: 'jambonz',
  runbook: {
    meaning:
      'The Jambonz SBC refuses calls on an account without an active subscription: 503 "No Active Subscription".',
    impact:
      'All new calls on this account, inbound and outbound, are refused at once until the subscription is active again.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the phrase. LiveKit never saw the call.',
      'In the Jambonz portal under Account: is the subscription active? The usual reason is a failed payment or an expired trial.',
    ],
    mitigation: [
      'Renew the subscription in the portal, or update its payment method.',
      'On self-hosted Jambonz, ask its administrator to activate the account.',
      'Verify that the next call doesn’t get this 503.',
    ],
  },
  fix: 'Renew the account’s subscription in Jambonz.',
  confidence: {
    certain: 'A leg to LiveKit or the caller’s own leg got this phrase, which only Jambonz uses.',
    likely: 'Another leg got this phrase: it may come from another Jambonz behind the carrier.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    return saidByJambonz(JAMBONZ_503.noSubscription, { target, ending, progress }, this.fix);
  },
  examples: [
    {
      shows: 'a 503 "No Active Subscription" does not come from two matching trunks: they are the next blocker',
      call: { response: [503, 'No Active Subscription', 30] },
      livekit: { trunks: [{ allowed_numbers: ['+15550123'] }, {}] },
      want: { blocking: ['jambonz_no_subscription'], confidence: 'certain', latent: ['trunk_conflict'] },
    },
    {
      shows: 'a 503 "No Active Subscription" on a leg to LiveKit is Jambonz’s own',
      call: { response: [503, 'No Active Subscription', 30] },
      livekit: {},
      want: { blocking: ['jambonz_no_subscription'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "No Active Subscription" is recognised without LiveKit’s configuration',
      call: { response: [503, 'No Active Subscription', 30] },
      want: { blocking: ['jambonz_no_subscription'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "No Active Subscription" from a carrier may come from another Jambonz',
      call: { to: '+15550199', response: [503, 'No Active Subscription', 30] },
      livekit: {},
      want: { blocking: ['jambonz_no_subscription'], confidence: 'likely' },
    },
    {
      shows: 'a 503 "No Active Subscription" on the caller’s leg is also Jambonz’s own',
      call: { leg: 'caller', response: [503, 'No Active Subscription', 30] },
      livekit: {},
      want: { blocking: ['jambonz_no_subscription'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "no active subscription" in another letter case is an unknown phrase',
      call: { response: [503, 'no active subscription', 30] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

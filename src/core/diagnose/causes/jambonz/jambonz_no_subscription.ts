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
      'The Jambonz SBC refuses calls of an account without an active subscription: 503 "No Active Subscription".',
    impact: 'All new calls of this account are refused at once, inbound and outbound, until it is active again.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows the phrase. LiveKit never saw the call.',
      'Jambonz portal, Account: is the subscription active? A payment that failed, or a trial that ended, is the usual reason.',
    ],
    mitigation: [
      'Renew the subscription in the portal, or the payment method behind it.',
      'On a Jambonz of your own ask whoever runs it to activate the account.',
      'It worked when the next call is not answered with this 503.',
    ],
  },
  fix: 'Renew the subscription of the account in Jambonz.',
  confidence: {
    certain: 'The phrase that only Jambonz uses, on a leg to LiveKit or on the caller’s own leg.',
    likely: 'The same phrase on another leg: somebody else’s Jambonz may be behind the carrier.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    return saidByJambonz(JAMBONZ_503.noSubscription, { target, ending, progress }, this.fix);
  },
  examples: [
    {
      shows: 'a 503 "No Active Subscription" is not what two matching trunks lead to: they come next',
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
      shows: 'a 503 "No Active Subscription" needs no configuration of LiveKit’s to be known',
      call: { response: [503, 'No Active Subscription', 30] },
      want: { blocking: ['jambonz_no_subscription'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "No Active Subscription" from a carrier may be another Jambonz’s',
      call: { to: '+15550199', response: [503, 'No Active Subscription', 30] },
      livekit: {},
      want: { blocking: ['jambonz_no_subscription'], confidence: 'likely' },
    },
    {
      shows: 'a 503 "No Active Subscription" on the caller’s leg is Jambonz’s own as well',
      call: { leg: 'caller', response: [503, 'No Active Subscription', 30] },
      livekit: {},
      want: { blocking: ['jambonz_no_subscription'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "no active subscription" in another letter case is nobody’s known phrase',
      call: { response: [503, 'no active subscription', 30] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

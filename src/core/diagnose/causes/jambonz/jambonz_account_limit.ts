import { defineCause } from '../../cause.ts';
import { saidByJambonz } from '../../claims.ts';
import { JAMBONZ_503 } from '../../facts/liveKitResponses.ts';

export const jambonzAccountLimit = defineCause({
  id: 'jambonz_account_limit',
  title: 'the Jambonz account is at its call limit',
  party: 'jambonz',
  stage: 'jambonz',
  runbook: {
    meaning:
      'The Jambonz SBC refuses a call where the account has as many calls as it may have: 503 "Max Account Calls In Progress".',
    impact: 'New calls of this account are refused at once; other accounts work. Calls in progress go on.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows the phrase. LiveKit never saw the call.',
      'Jambonz portal, Accounts, the account: its limit of concurrent calls. Compare it with the calls in progress; a caller’s leg and the leg to LiveKit are two.',
      'Fewer callers than the limit? Then calls do not end: look for them in Recent calls.',
    ],
    mitigation: [
      'Raise the account’s limit in the portal: Accounts, the account.',
      'End calls that hang, and give the dial verb a timeLimit.',
      'It worked when new calls are no longer answered with this 503 in the busiest hour.',
    ],
  },
  fix: 'Raise the concurrent call limit of the account in Jambonz, or find out why its calls do not end.',
  confidence: {
    certain: 'The phrase that only Jambonz uses, on a leg to LiveKit or on the caller’s own leg.',
    likely: 'The same phrase on another leg: somebody else’s Jambonz may be behind the carrier.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    return saidByJambonz(JAMBONZ_503.accountLimit, { target, ending, progress }, this.fix);
  },
  examples: [
    {
      shows: 'a 503 "Max Account Calls In Progress" is not what two matching trunks lead to: they come next',
      call: { response: [503, 'Max Account Calls In Progress', 30] },
      livekit: { trunks: [{ allowed_numbers: ['+15550123'] }, {}] },
      want: { blocking: ['jambonz_account_limit'], confidence: 'certain', latent: ['trunk_conflict'] },
    },
    {
      shows: 'a 503 "Max Account Calls In Progress" on a leg to LiveKit is Jambonz’s own',
      call: { response: [503, 'Max Account Calls In Progress', 30] },
      livekit: {},
      want: { blocking: ['jambonz_account_limit'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "Max Account Calls In Progress" needs no configuration of LiveKit’s to be known',
      call: { response: [503, 'Max Account Calls In Progress', 30] },
      want: { blocking: ['jambonz_account_limit'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "Max Account Calls In Progress" from a carrier may be another Jambonz’s',
      call: { to: '+15550199', response: [503, 'Max Account Calls In Progress', 30] },
      livekit: {},
      want: { blocking: ['jambonz_account_limit'], confidence: 'likely' },
    },
    {
      shows: 'a 503 "Max Account Calls In Progress" on the caller’s leg is Jambonz’s own as well',
      call: { leg: 'caller', response: [503, 'Max Account Calls In Progress', 30] },
      livekit: {},
      want: { blocking: ['jambonz_account_limit'], confidence: 'certain' },
    },
    {
      shows: 'at a limit of Jambonz a fault of the trunk comes next',
      call: { response: [503, 'Max Account Calls In Progress', 30] },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['jambonz_account_limit'], confidence: 'certain', latent: ['caller_not_allowed'] },
    },
    {
      shows: 'a 503 "max account calls in progress" in another letter case is nobody’s known phrase',
      call: { response: [503, 'max account calls in progress', 30] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

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
      'The Jambonz SBC refuses new calls when the account has reached its call limit: 503 "Max Account Calls In Progress".',
    impact: 'New calls on this account are refused at once; other accounts work. Calls in progress continue.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the phrase. LiveKit never saw the call.',
      'In the Jambonz portal, open Accounts and compare the account’s concurrent call limit with its calls in progress. A caller’s leg and its leg to LiveKit count as two calls.',
      'Are there fewer callers than the limit allows? Then some calls never end: look for them in Recent Calls.',
    ],
    mitigation: [
      'Raise the account’s limit in the portal under Accounts.',
      'End hung calls, and give the dial verb a timeLimit.',
      'Verify that new calls no longer get this 503 in the busiest hour.',
    ],
  },
  fix: 'Raise the account’s concurrent call limit in Jambonz, or find out why its calls don’t end.',
  confidence: {
    certain: 'A leg to LiveKit or the caller’s own leg got this phrase, which only Jambonz uses.',
    likely: 'Another leg got this phrase: it may come from another Jambonz behind the carrier.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    return saidByJambonz(JAMBONZ_503.accountLimit, { target, ending, progress }, this.fix);
  },
  examples: [
    {
      shows: 'a 503 "Max Account Calls In Progress" does not come from two matching trunks: they are the next blocker',
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
      shows: 'a 503 "Max Account Calls In Progress" is recognised without LiveKit’s configuration',
      call: { response: [503, 'Max Account Calls In Progress', 30] },
      want: { blocking: ['jambonz_account_limit'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "Max Account Calls In Progress" from a carrier may come from another Jambonz',
      call: { to: '+15550199', response: [503, 'Max Account Calls In Progress', 30] },
      livekit: {},
      want: { blocking: ['jambonz_account_limit'], confidence: 'likely' },
    },
    {
      shows: 'a 503 "Max Account Calls In Progress" on the caller’s leg is also Jambonz’s own',
      call: { leg: 'caller', response: [503, 'Max Account Calls In Progress', 30] },
      livekit: {},
      want: { blocking: ['jambonz_account_limit'], confidence: 'certain' },
    },
    {
      shows: 'behind a Jambonz limit, a fault of the trunk is the next blocker',
      call: { response: [503, 'Max Account Calls In Progress', 30] },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['jambonz_account_limit'], confidence: 'certain', latent: ['caller_not_allowed'] },
    },
    {
      shows: 'a 503 "max account calls in progress" in another letter case is an unknown phrase',
      call: { response: [503, 'max account calls in progress', 30] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

import { defineCause } from '../../cause.ts';
import { saidByJambonz } from '../../claims.ts';
import { JAMBONZ_503 } from '../../facts/liveKitResponses.ts';

export const jambonzCapacity = defineCause({
  id: 'jambonz_capacity',
  title: 'Jambonz is at its system-wide call limit',
  party: 'jambonz',
  stage: 'jambonz',
  runbook: {
    meaning:
      'The Jambonz SBC refuses new calls when the whole system has reached its call limit: 503 "Maximum Calls In Progress".',
    impact:
      'New calls on all accounts are refused at once. After a refused dial the caller hears whatever the application does next; a refused inbound call goes back to the carrier as 503. Calls in progress continue.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the phrase. LiveKit never saw the call.',
      'Count the calls in progress. If there are more than callers, some calls never end: look for legs without a hang-up in the portal’s Recent Calls and in the SBC’s log.',
      'Does each call count twice? A caller’s leg and its leg to LiveKit are two calls.',
    ],
    mitigation: [
      'Raise the system-wide call limit in Jambonz if the machines can handle it, or add an SBC and feature servers.',
      'End hung calls. Give the dial verb a timeLimit, so that no call lasts forever.',
      'Verify that new calls no longer get this 503 in the busiest hour.',
    ],
  },
  fix: 'Raise the system-wide call limit in Jambonz, or add capacity.',
  confidence: {
    certain: 'A leg to LiveKit or the caller’s own leg got this phrase, which only Jambonz uses.',
    likely: 'Another leg got this phrase: it may come from another Jambonz behind the carrier.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    return saidByJambonz(JAMBONZ_503.systemLimit, { target, ending, progress }, this.fix);
  },
  examples: [
    {
      shows: 'a 503 "Maximum Calls In Progress" does not come from two matching trunks: they are the next blocker',
      call: { response: [503, 'Maximum Calls In Progress', 30] },
      livekit: { trunks: [{ allowed_numbers: ['+15550123'] }, {}] },
      want: { blocking: ['jambonz_capacity'], confidence: 'certain', latent: ['trunk_conflict'] },
    },
    {
      shows: 'a 503 "Maximum Calls In Progress" on a leg to LiveKit is Jambonz’s own',
      call: { response: [503, 'Maximum Calls In Progress', 30] },
      livekit: {},
      want: { blocking: ['jambonz_capacity'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "Maximum Calls In Progress" is recognised without LiveKit’s configuration',
      call: { response: [503, 'Maximum Calls In Progress', 30] },
      want: { blocking: ['jambonz_capacity'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "Maximum Calls In Progress" from a carrier may come from another Jambonz',
      call: { to: '+15550199', response: [503, 'Maximum Calls In Progress', 30] },
      livekit: {},
      want: { blocking: ['jambonz_capacity'], confidence: 'likely' },
    },
    {
      shows: 'a 503 "Maximum Calls In Progress" on the caller’s leg is also Jambonz’s own',
      call: { leg: 'caller', response: [503, 'Maximum Calls In Progress', 30] },
      livekit: {},
      want: { blocking: ['jambonz_capacity'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "maximum calls in progress" in another letter case is an unknown phrase',
      call: { response: [503, 'maximum calls in progress', 30] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

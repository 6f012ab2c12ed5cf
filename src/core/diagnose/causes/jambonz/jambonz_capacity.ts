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
      'The Jambonz SBC refuses a call where the whole system has as many calls as it is set up for: 503 "Maximum Calls In Progress".',
    impact:
      'New calls of all accounts are refused at once. A refused dial ends for the caller with what the application does then; a refused inbound call goes back to the carrier as 503. Calls in progress go on.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows the phrase. LiveKit never saw the call.',
      'Count the calls in progress. More than there are callers? Then calls do not end: look for legs without a hang-up in the portal’s Recent calls and in the SBC’s log.',
      'Does each call count twice? A caller’s leg and the leg to LiveKit are two.',
    ],
    mitigation: [
      'Raise the system-wide limit of calls in Jambonz, if the machines can carry it; or add an SBC and feature servers.',
      'End calls that hang. Give the dial verb a timeLimit, so that none lasts for ever.',
      'It worked when new calls are no longer answered with this 503 in the busiest hour.',
    ],
  },
  fix: 'Raise the limit of calls of the Jambonz system, or add capacity.',
  confidence: {
    certain: 'The phrase that only Jambonz uses, on a leg to LiveKit or on the caller’s own leg.',
    likely: 'The same phrase on another leg: somebody else’s Jambonz may be behind the carrier.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    return saidByJambonz(JAMBONZ_503.systemLimit, { target, ending, progress }, this.fix);
  },
  examples: [
    {
      shows: 'a 503 "Maximum Calls In Progress" is not what two matching trunks lead to: they come next',
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
      shows: 'a 503 "Maximum Calls In Progress" needs no configuration of LiveKit’s to be known',
      call: { response: [503, 'Maximum Calls In Progress', 30] },
      want: { blocking: ['jambonz_capacity'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "Maximum Calls In Progress" from a carrier may be another Jambonz’s',
      call: { to: '+15550199', response: [503, 'Maximum Calls In Progress', 30] },
      livekit: {},
      want: { blocking: ['jambonz_capacity'], confidence: 'likely' },
    },
    {
      shows: 'a 503 "Maximum Calls In Progress" on the caller’s leg is Jambonz’s own as well',
      call: { leg: 'caller', response: [503, 'Maximum Calls In Progress', 30] },
      livekit: {},
      want: { blocking: ['jambonz_capacity'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "maximum calls in progress" in another letter case is nobody’s known phrase',
      call: { response: [503, 'maximum calls in progress', 30] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

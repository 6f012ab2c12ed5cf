import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { observed, responseEvidence } from '../../claims.ts';
import { mayBeJambonz603 } from '../../facts/liveKitResponses.ts';

export const jambonzNoCarrier = defineCause({
  id: 'jambonz_no_carrier',
  title: 'Jambonz has no carrier or gateway for the number',
  party: 'jambonz',
  stage: 'jambonz',
  runbook: {
    meaning:
      'The Jambonz SBC answers 603 "Decline" when no carrier or outbound gateway fits the dialled phone number. A callee who declines gives the same response, but rings first.',
    impact:
      'All calls to phone numbers, or to some prefixes, fail at once. Calls to LiveKit are dialled by SIP URI and not affected.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the 603, and that it came without ringing.',
      'In the Jambonz portal under Carriers: does the account, or its service provider, have an active carrier with an outbound gateway?',
      'If you use Outbound Call Routing: does a route match the number as dialled, with or without +?',
      'If both are right, a callee or the carrier declined that fast. Ask the carrier, with the Call-ID.',
    ],
    mitigation: [
      'Add or activate the carrier and its outbound gateway, or a route for the number.',
      'Or dial the number in the format that the route expects.',
      'Verify that the next call to the number rings.',
    ],
  },
  fix: 'Give the account a carrier with an outbound gateway, or add a route for this number.',
  confidence: {
    likely: 'A call to a phone number got a 603 without ringing; a callee may decline as fast.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (target.kind !== 'other' || !target.isNumber || !mayBeJambonz603(ending)) return undefined;
    if (progress.ringings > 0) return undefined;
    return observed('likely', responseEvidence(ending, progress), [plainFix(this.fix)]);
  },
  examples: [
    {
      shows: 'a 603 for a phone number without ringing is Jambonz without a carrier, or a callee who declined',
      call: { to: '+15550199', response: [603, 'Decline', 30] },
      want: { blocking: ['jambonz_no_carrier'], confidence: 'likely', alternatives: ['callee_declined'] },
    },
    {
      shows: 'a 603 for a phone number after ringing is a callee who declined',
      call: { to: '+15550199', ringing: [900], response: [603, 'Decline', 5_000] },
      want: { outcome: 'not_counted', blocking: ['callee_declined'], confidence: 'likely' },
    },
    {
      shows: 'a 603 with another phrase than Jambonz’s is the callee’s',
      call: { to: '+15550199', response: [603, 'Not Interested', 900] },
      want: { outcome: 'not_counted', blocking: ['callee_declined'], confidence: 'likely' },
    },
    {
      shows: 'a 603 for a registered user needs no carrier, so the callee declined',
      call: { to: 'bob@pbx.example.com', response: [603, 'Decline', 30] },
      want: { outcome: 'not_counted', blocking: ['callee_declined'], confidence: 'likely' },
    },
  ],
});

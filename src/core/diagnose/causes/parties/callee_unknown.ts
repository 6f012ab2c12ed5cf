import { defineCause } from '../../cause.ts';
import { observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';

export const calleeUnknown = defineCause({
  id: 'callee_unknown',
  title: 'the called number does not exist',
  party: 'nobody',
  stage: 'callee',
  runbook: {
    meaning: 'The far end does not know the called number: 404, 410, 484 or 604.',
    impact: 'The call ends at once, often with an announcement from the carrier. This does not count as a failure.',
    diagnosis: [
      'A single call needs no action. `sipwhy explain CALL_SID` shows the number as dialled.',
      'If it affects all numbers of a country, or the status is 484, the number isn’t in the format that the carrier expects.',
      'On a leg to LiveKit, a 404 is a refusal by its trunks or rules and has another cause. If such a leg gets this cause, the dialled host is missing from LIVEKIT_SIP_HOST.',
    ],
    mitigation: ['There is nothing to fix in Jambonz or LiveKit. Correct the number, or its format, at its source.'],
  },
  fix: 'No action: this is the far end’s answer, not a fault.',
  confidence: {
    likely: 'The status says that the number does not exist; carriers also use it for other things.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (target.kind !== 'other' && target.kind !== 'own') return undefined;
    if (![404, 410, 484, 604].some((status) => isResponse(ending, status))) return undefined;
    return observed('likely', responseEvidence(ending, progress));
  },
  examples: [
    {
      shows: 'a 404, 410, 484 or 604 from a carrier is a number that does not exist',
      call: { to: '+15550199', response: [404, 'Not Found', 300] },
      alike: [
        [410, 'Not Found', 300],
        [484, 'Not Found', 300],
        [604, 'Not Found', 300],
      ],
      livekit: {},
      want: { outcome: 'not_counted', blocking: ['callee_unknown'], confidence: 'likely' },
    },
    {
      shows: 'a 404 "No trunk found" from another SIP server is not LiveKit’s',
      call: { to: 'sip:+15550199@carrier.example.com', response: [404, 'No trunk found', 300] },
      livekit: {},
      settings: { livekit_sip_host: 'sip.example.org' },
      want: { outcome: 'not_counted', blocking: ['callee_unknown'], confidence: 'likely' },
    },
    {
      shows: 'a 404 from LiveKit is a refusal by its trunks and rules, not an unknown callee',
      call: { response: [404, 'Not Found', 300] },
      livekit: { trunks: [], rules: [] },
      want: { blocking: ['no_trunk_configured', 'no_dispatch_rule'], confidence: 'certain' },
    },
    {
      shows: 'a 403 from a carrier says nothing about the callee',
      call: { to: '+15550199', response: [403, 'Forbidden', 300] },
      want: { blocking: ['carrier_rejected'], confidence: 'likely' },
    },
  ],
});

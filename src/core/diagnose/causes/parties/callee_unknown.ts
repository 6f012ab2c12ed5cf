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
    impact: 'The call ends at once, often with an announcement of the carrier. It is not counted as a failure.',
    diagnosis: [
      'Nothing is wrong with one such call. `npx sipwhy explain CALL_SID` shows the number as it was dialled.',
      'All numbers of a country, or a 484: the number is not in the form that the carrier expects.',
      'On a leg to LiveKit a 404 is a refusal by its trunks or rules, and has another cause. If LiveKit is meant and this cause is given, LIVEKIT_SIP_HOST does not hold the dialled host.',
    ],
    mitigation: [
      'Nothing is to be mended in Jambonz or LiveKit. Correct the number, or its form, where it comes from.',
    ],
  },
  fix: 'Nothing: this is a callee’s answer, not a fault.',
  confidence: {
    likely: 'A status that says the number does not exist; carriers use it for other things as well.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (target.kind !== 'other' && target.kind !== 'own') return undefined;
    if (![404, 410, 484, 604].some((status) => isResponse(ending, status))) return undefined;
    return observed('likely', responseEvidence(ending, progress));
  },
  examples: [
    {
      shows: 'a 404, 410, 484 or 604 of a carrier is a number that does not exist',
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
      shows: 'a 404 "No trunk found" of a SIP server elsewhere is not LiveKit’s',
      call: { to: 'sip:+15550199@carrier.example.com', response: [404, 'No trunk found', 300] },
      livekit: {},
      settings: { livekit_sip_host: 'sip.example.org' },
      want: { outcome: 'not_counted', blocking: ['callee_unknown'], confidence: 'likely' },
    },
    {
      shows: 'a 404 of LiveKit is a refusal by its trunks and rules, not a callee',
      call: { response: [404, 'Not Found', 300] },
      livekit: { trunks: [], rules: [] },
      want: { blocking: ['no_trunk_configured', 'no_dispatch_rule'], confidence: 'certain' },
    },
    {
      shows: 'a 403 of a carrier says nothing of the callee',
      call: { to: '+15550199', response: [403, 'Forbidden', 300] },
      want: { blocking: ['carrier_rejected'], confidence: 'likely' },
    },
  ],
});

import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, observed, responseEvidence } from '../../claims.ts';
import { isAnonymous503 } from '../../facts/liveKitResponses.ts';
import { isAtOnce } from '../../facts/timing.ts';

export const carrierRejected = defineCause({
  id: 'carrier_rejected',
  title: 'the carrier refused the call',
  party: 'carrier',
  stage: 'callee',
  fallback: true,
  runbook: {
    meaning:
      'The far end of a leg that is not LiveKit’s, a carrier or another SIP server, answered with a failure that says nothing of the callee.',
    impact: 'Calls to this carrier fail, all of them or those to some numbers. Calls to LiveKit are not affected.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows the status and the carrier’s phrase, which often says it: a caller number that is not theirs, no credit, a destination that is barred.',
      'A 401, 403 or 407: Jambonz portal, Carriers: credentials, registration, and whether the carrier knows the SBC’s address.',
      'Some numbers only? Compare the form in which they are dialled, with or without +, with what the carrier expects.',
      'With several gateways only the last one’s failure is seen. The PCAP in Recent calls has the others.',
    ],
    mitigation: [
      'Correct credentials, address, caller number or number format in the portal’s Carriers.',
      'Or show the carrier the Call-ID, the time and the response, and ask what it refused. Send calls over another carrier meanwhile.',
      'It worked when the next call to the same number rings.',
    ],
  },
  fix: 'Show the carrier the Call-ID, the time and the response, and ask what it refused.',
  confidence: {
    likely: 'A failure of a leg that is not LiveKit’s, and nothing says that Jambonz or the network made it.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (target.kind !== 'other' || ending.kind !== 'response') return undefined;
    const evidence = responseEvidence(ending, progress);
    const fixes = [plainFix(this.fix)];
    if (isAnonymous503(ending) && isAtOnce(progress)) return alternative(evidence, fixes);
    if (ending.status === 500 && ending.reason === undefined) return alternative(evidence, fixes);
    return observed('likely', evidence, fixes);
  },
  examples: [
    {
      shows: 'a failure of a carrier that says nothing of the callee is the carrier’s refusal',
      call: { to: '+15550199', response: [403, 'Rejected by policy', 300] },
      alike: [
        [407, 'Rejected by policy', 300],
        [502, 'Rejected by policy', 300],
        [503, 'Rejected by policy', 300],
      ],
      livekit: {},
      want: { blocking: ['carrier_rejected'], confidence: 'likely' },
    },
    {
      shows: 'a carrier may put any phrase on a 503',
      call: { to: '+15550199', response: [503, 'Request Timeout', 300] },
      want: { blocking: ['carrier_rejected'], confidence: 'likely' },
    },
    {
      shows: 'a 503 without a phrase of a carrier may be a limit of Jambonz’s as well',
      call: { to: '+15550199', response: [503, 'Max Account Calls In Progress', 500], lost: 'final' },
      want: {
        blocking: ['carrier_rejected'],
        confidence: 'likely',
        alternatives: [
          'jambonz_account_limit',
          'jambonz_capacity',
          'jambonz_no_subscription',
          'jambonz_service_provider_limit',
          'dns_failure',
          'transport_unreachable',
        ],
      },
    },
    {
      shows: 'a 500 at once of a carrier may be the SBC without the gateway’s transport',
      call: { to: '+15550199', response: [500, 'Server Internal Error', 20] },
      want: { blocking: ['carrier_rejected'], confidence: 'likely', alternatives: ['transport_unreachable'] },
    },
    {
      shows: 'a 500 of a carrier after 0.5 s is the carrier’s',
      call: { to: '+15550199', response: [500, 'Server Internal Error', 500] },
      want: { blocking: ['carrier_rejected'], confidence: 'likely' },
    },
    {
      shows: 'the same 407 of LiveKit is its trunk’s question for credentials',
      call: { response: [407, 'Proxy Authentication Required', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }] },
      want: { blocking: ['auth_missing'], confidence: 'certain', trunk: 'ST_1' },
    },
    {
      shows: 'a 486 of a carrier tells of the callee',
      call: { to: '+15550199', response: [486, 'Busy Here', 2_000] },
      want: { outcome: 'not_counted', blocking: ['callee_busy'], confidence: 'likely' },
    },
  ],
});

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
      'On a leg that isn’t to LiveKit, the far end (a carrier or another SIP server) answered with a failure that says nothing about the callee.',
    impact: 'All calls to this carrier, or calls to some numbers, fail. Calls to LiveKit are not affected.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the status and the carrier’s phrase, which often gives the reason: an unknown caller number, no credit, or a barred destination.',
      'A 603 "Network Blocked", 607 or 608 means that a network on the way takes the call for spam: its operator must clear the caller’s number.',
      'For a 401, 403 or 407, check the credentials and registration in the portal under Carriers, and whether the carrier knows the SBC’s address.',
      'If only some numbers fail, compare the dialled format, with or without +, with what the carrier expects.',
      'With several gateways, only the last failure is reported. The PCAP in Recent Calls has the others.',
    ],
    mitigation: [
      'Correct the credentials, address, caller number or number format in the portal under Carriers.',
      'Or send the carrier the Call-ID, time and response, and ask why it refused. Meanwhile, route calls over another carrier.',
      'Verify that the next call to the same number rings.',
    ],
  },
  fix: 'Send the carrier the Call-ID, time and response, and ask why it refused the call.',
  confidence: {
    likely: 'A leg that isn’t to LiveKit failed, and nothing shows that the failure came from Jambonz or the network.',
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
      shows: 'a failure that says nothing about the callee is the carrier’s refusal',
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
      shows: 'a 603 "Network Blocked" is a carrier’s spam filter, not the callee',
      call: { to: '+15550199', ringing: [900], response: [603, 'Network Blocked', 1_200] },
      want: { blocking: ['carrier_rejected'], confidence: 'likely' },
    },
    {
      shows: 'a carrier may put any phrase on a 503',
      call: { to: '+15550199', response: [503, 'Request Timeout', 300] },
      want: { blocking: ['carrier_rejected'], confidence: 'likely' },
    },
    {
      shows: 'a phraseless 503 from a carrier may also be a Jambonz limit',
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
      shows: 'an immediate 500 on a carrier leg may mean that the SBC lacks the gateway’s transport',
      call: { to: '+15550199', response: [500, 'Server Internal Error', 20] },
      want: { blocking: ['carrier_rejected'], confidence: 'likely', alternatives: ['transport_unreachable'] },
    },
    {
      shows: 'a 500 from a carrier after 0.5 s is the carrier’s',
      call: { to: '+15550199', response: [500, 'Server Internal Error', 500] },
      want: { blocking: ['carrier_rejected'], confidence: 'likely' },
    },
    {
      shows: 'the same 407 from LiveKit is its trunk’s challenge',
      call: { response: [407, 'Proxy Authentication Required', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }] },
      want: { blocking: ['auth_missing'], confidence: 'certain', trunk: 'ST_1' },
    },
    {
      shows: 'a 486 from a carrier is about the callee',
      call: { to: '+15550199', response: [486, 'Busy Here', 2_000] },
      want: { outcome: 'not_counted', blocking: ['callee_busy'], confidence: 'likely' },
    },
  ],
});

import { plainFix } from '../../../fixes/fix.ts';
import type { Judgement } from '../../../trunks/judge/judge.ts';
import { defineCause } from '../../cause.ts';
import { alternative, observed, responseEvidence } from '../../claims.ts';
import {
  isAnonymous503,
  isConflictExpected,
  isLate,
  isTryAgainLater,
  mayConflict,
} from '../../facts/liveKitResponses.ts';
import { isOutageUnconfirmed } from '../../facts/neighbours.ts';
import { isAfterSilence, isAtOnce } from '../../facts/timing.ts';

export const livekitUnavailable = defineCause({
  id: 'livekit_unavailable',
  title: 'LiveKit could not process the call',
  party: 'livekit',
  stage: 'backend',
  runbook: {
    meaning:
      'LiveKit’s SIP service answered 503 because it could not reach its backend: livekit-server or Redis is down, frozen or unreachable. Conflicting trunks or dispatch rules give the same 503, but the configuration shows none, or calls without a conflict also fail.',
    impact:
      'Calls to LiveKit fail with 503 on all trunks, some only after several seconds. Connected calls may continue.',
    diagnosis: [
      'Do all trunks fail, or only one? See the overview dashboard; `sipwhy explain CALL_SID` also lists other calls at the same time as evidence. If only one trunk fails, a conflict is more likely: run `sipwhy audit`.',
      'Self-hosted: does livekit-server answer (`curl -sS https://<livekit-server>/`)? Does Redis answer (`redis-cli -h <host> ping`)? Can livekit-sip reach both? Search its log for the SIP Call-ID to see what it waited for.',
      'LiveKit Cloud: check its status page. A used-up quota has another phrase, but an SBC older than September 2025 hides it.',
      '`sipwhy probe` shows whether livekit-sip itself answers. It says nothing about the backend.',
    ],
    mitigation: [
      'Self-hosted: restart what doesn’t answer, in the order Redis, livekit-server, livekit-sip.',
      'LiveKit Cloud: contact LiveKit with the Call-ID and time of a failed call.',
      'Until then, make the application play a message and hang up, or dial a fallback, after a failed dial.',
      'Verify that calls on every trunk connect again. The incident closes automatically once several calls in a row have connected.',
    ],
  },
  fix: 'Restore livekit-server, Redis, and livekit-sip’s connection to them; on LiveKit Cloud, check the status page.',
  confidence: {
    likely:
      'LiveKit answered 503 "Try again later" and its configuration shows no conflict, or calls on other trunks without a conflict failed the same way at the same time.',
    possible:
      'LiveKit’s configuration is unknown, the 503 has a phrase that others also use, or LiveKit let other calls in at the same time.',
  },
  needs: ['host', 'match', 'ending', 'progress', 'deployment', 'neighbours'],
  match({ host, match, ending, progress, deployment, neighbours }) {
    // It is known for a leg to LiveKit alone.
    if (!deployment) return undefined;
    const evidence = responseEvidence(ending, progress);
    const fixes = [plainFix(REMEDIES[deployment.kind])];
    const { outage } = neighbours;
    // A conflict gives the same 503. If calls without a conflict fail the same way and none is let in, it is an outage.
    const isExplained = host?.kind === 'wrong' || (mayConflict(match) && outage !== 'supported');
    if (isTryAgainLater(ending)) {
      // Only its delay or other calls can reveal an outage on top of a conflict.
      if (isExplained && isConflictExpected(match) && outage !== 'mixed' && !isLate(progress)) return undefined;
      if (isExplained) return alternative(evidence, fixes);
      evidence.push({ name: 'conflicting trunks or rules', value: conflictWords(match), source: 'match' });
      return observed(match && !isOutageUnconfirmed({ neighbours, match }) ? 'likely' : 'possible', evidence, fixes);
    }
    if (!isAnonymous503(ending)) return undefined;
    if (isExplained || isAtOnce(progress) || isAfterSilence(progress)) return alternative(evidence, fixes);
    return observed(outage === 'supported' ? 'likely' : 'possible', evidence, fixes);
  },
  examples: [
    {
      shows: 'a 503 "Try again later" without LiveKit’s configuration may be a conflict or an outage',
      call: { response: [503, 'Try again later', 230] },
      want: {
        blocking: ['livekit_unavailable'],
        confidence: 'possible',
        alternatives: ['trunk_conflict', 'dispatch_rule_conflict'],
      },
    },
    {
      shows: 'a phraseless 503 that only the dial hook reports may be any 503',
      call: { response: [503, 'Try again later', 500], lost: 'final' },
      livekit: {},
      want: {
        blocking: ['livekit_unavailable'],
        confidence: 'possible',
        alternatives: [
          'jambonz_account_limit',
          'jambonz_capacity',
          'jambonz_no_subscription',
          'jambonz_service_provider_limit',
          'dns_failure',
          'transport_unreachable',
          'livekit_quota_exceeded',
        ],
      },
    },
    {
      shows: 'a 503 "Service Unavailable" without LiveKit’s configuration may be a conflict that an old SBC renames',
      call: { response: [503, 'Service Unavailable', 230] },
      want: {
        blocking: ['livekit_unavailable'],
        confidence: 'possible',
        alternatives: ['transport_unreachable', 'livekit_quota_exceeded', 'trunk_conflict', 'dispatch_rule_conflict'],
      },
    },
    {
      shows: 'a 503 "Service Unavailable" from a self-hosted LiveKit is no quota',
      call: { to: 'sip:+15550100@sip.example.com', response: [503, 'Service Unavailable', 230] },
      livekit: {},
      settings: { livekit_sip_host: 'sip.example.com', livekit_url: 'wss://livekit.example.com' },
      want: { blocking: ['livekit_unavailable'], confidence: 'possible', alternatives: ['transport_unreachable'] },
    },
    {
      shows: 'a fault of a trunk is no next blocker if a wildcard rule bypasses the trunk',
      call: { response: [503, 'Try again later', 230] },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }], rules: [{ trunk_ids: [] }] },
      want: { blocking: ['livekit_unavailable'], confidence: 'likely' },
    },
    {
      shows: 'a 503 "Try again later" that the configuration does not explain is likely an outage of LiveKit',
      call: { response: [503, 'Try again later', 230] },
      livekit: {},
      want: { blocking: ['livekit_unavailable'], confidence: 'likely' },
    },
    {
      shows: 'during a LiveKit outage, a fault of the trunk is the next blocker',
      call: { response: [503, 'Try again later', 230] },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['livekit_unavailable'], confidence: 'likely', latent: ['caller_not_allowed'] },
    },
    {
      shows: 'a 503 on an inbound leg is diagnosed by its status only',
      call: { leg: 'caller', response: [503, 'Try again later', 300] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'two conflicting trunks are no explanation if calls on another trunk fail the same way: an outage',
      call: { response: [503, 'Try again later', 230] },
      livekit: {
        trunks: [{ allowed_numbers: ['+15550123'] }, {}, { numbers: ['+15550142'] }],
        rules: [{ trunk_ids: ['ST_1', 'ST_2', 'ST_3'] }],
      },
      meanwhile: [{ to: 'sip:+15550142@lab.sip.livekit.cloud', response: [503, 'Try again later', 230] }],
      want: { blocking: ['livekit_unavailable'], confidence: 'likely', latent: ['trunk_conflict'] },
    },
    {
      shows: 'the same two trunks without any other call are a conflict',
      call: { response: [503, 'Try again later', 230] },
      livekit: { trunks: [{ allowed_numbers: ['+15550123'] }, {}] },
      want: { blocking: ['trunk_conflict'], confidence: 'certain' },
    },
  ],
});

const REMEDIES = {
  cloud: 'Check LiveKit’s status page, and contact LiveKit with the Call-ID and time of the call.',
  self_hosted: 'Check livekit-server, Redis, and livekit-sip’s connection to both.',
  unknown:
    'Check livekit-server, Redis, and livekit-sip’s connection to both; on LiveKit Cloud, check the status page.',
};

function conflictWords(match: Judgement | undefined): string {
  if (!match) return 'unknown';
  return mayConflict(match)
    ? 'in the configuration, but calls without a conflict failed the same way'
    : 'none in the configuration';
}

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
      'LiveKit’s SIP service answered 503 because it could not reach its backend: livekit-server or Redis is down, frozen or unreachable. Two conflicting trunks or dispatch rules answer the same: then the configuration shows none, or calls that have none fail alike.',
    impact:
      'Calls to LiveKit fail with 503, on all trunks at once, some of them only after seconds of waiting. Calls that were already connected may go on.',
    diagnosis: [
      'Do all trunks fail, or one? The overview dashboard shows it, and `npx sipwhy explain CALL_SID` has the calls of the same time as evidence. A single trunk is more likely a conflict: `npx sipwhy audit`.',
      'Self-hosted: is livekit-server up and does it answer (`curl -sS https://<livekit-server>/`)? Does Redis (`redis-cli -h <host> ping`)? Can livekit-sip reach both? Its log says what it waited for, by the SIP Call-ID.',
      'LiveKit Cloud: its status page. A quota that is used up has another phrase, but an SBC older than September 2025 hides it.',
      '`npx sipwhy probe` says whether livekit-sip itself answers. That says nothing of its backend.',
    ],
    mitigation: [
      'Self-hosted: restart what does not answer, Redis first, then livekit-server, then livekit-sip.',
      'LiveKit Cloud: write to LiveKit with the Call-ID and the time of a failed call.',
      'Until then let the application say something and hang up, or dial a fallback, after a failed dial.',
      'It worked when calls on every trunk connect again; the incident closes with the next one that does.',
    ],
  },
  fix: 'Restore livekit-server and Redis, and the connection of livekit-sip to them; on LiveKit Cloud see its status page.',
  confidence: {
    likely:
      'LiveKit answered 503 "Try again later" and its configuration shows no conflict, or calls on other trunks without one failed alike at the same time.',
    possible:
      'LiveKit’s configuration is not known, or the 503 has a phrase that anybody may have said, or other calls were let in at the same time.',
  },
  needs: ['target', 'host', 'match', 'ending', 'progress', 'deployment', 'neighbours'],
  match({ target, host, match, ending, progress, deployment, neighbours }) {
    if (target.kind !== 'livekit') return undefined;
    const evidence = responseEvidence(ending, progress);
    const fixes = [plainFix(REMEDIES[deployment?.kind ?? 'unknown'])];
    const { outage } = neighbours;
    // A conflict by itself answers the same; where calls without one fail alike, and none is let in, it is an outage.
    const isExplained = host?.kind === 'wrong' || (mayConflict(match) && outage !== 'supported');
    if (isTryAgainLater(ending)) {
      // An outage on top of a conflict cannot be seen, unless by its delay or by other calls.
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
      shows: 'a 503 without a phrase, told by the dial hook only, may be any 503 that there is',
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
      shows: 'a 503 "Service Unavailable" of a self-hosted LiveKit is no quota',
      call: { to: 'sip:+15550100@sip.example.com', response: [503, 'Service Unavailable', 230] },
      livekit: {},
      settings: { livekit_sip_host: 'sip.example.com', livekit_url: 'wss://livekit.example.com' },
      want: { blocking: ['livekit_unavailable'], confidence: 'possible', alternatives: ['transport_unreachable'] },
    },
    {
      shows: 'a fault of a trunk does not come next where a wildcard rule takes the call past it',
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
      shows: 'in an outage of LiveKit a fault of the trunk comes next',
      call: { response: [503, 'Try again later', 230] },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['livekit_unavailable'], confidence: 'likely', latent: ['caller_not_allowed'] },
    },
    {
      shows: 'a 503 of an inbound leg is diagnosed by its status only',
      call: { leg: 'caller', response: [503, 'Try again later', 300] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'two trunks that conflict answer the same, and calls that neither takes fail alike: an outage',
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
  cloud: 'See LiveKit’s status page, and ask LiveKit with the Call-ID and the time of the call.',
  self_hosted: 'Check livekit-server, Redis, and the connection of livekit-sip to both.',
  unknown:
    'Check livekit-server, Redis, and the connection of livekit-sip to both; on LiveKit Cloud see its status page.',
};

function conflictWords(match: Judgement | undefined): string {
  if (!match) return 'not known';
  return mayConflict(match) ? 'in the configuration, and calls without one failed alike' : 'none in the configuration';
}

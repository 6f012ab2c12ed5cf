import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';
import { isAnonymous503, QUOTA_PHRASE } from '../../facts/liveKitResponses.ts';

export const livekitQuotaExceeded = defineCause({
  id: 'livekit_quota_exceeded',
  title: 'the LiveKit project’s quota is used up',
  party: 'livekit',
  stage: 'backend',
  runbook: {
    meaning: 'LiveKit Cloud answers 503 "Service temporarily unavailable" where the quota of the project is used up.',
    impact:
      'New calls to the project are refused at once with 503, on all its trunks, until the quota is raised or its period ends.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows the phrase. It is LiveKit’s own; no other part of the way says so.',
      'Look at usage and limits of the project in the LiveKit Cloud dashboard: concurrent SIP calls, agent sessions, minutes.',
      'Calls that never end use it up too: `lk room list` shows rooms that should be gone.',
    ],
    mitigation: [
      'Raise the plan or the limit of the project, or ask LiveKit for it.',
      'If old rooms hold it: `lk room delete <room>`, and give rooms a short empty timeout.',
      'On LiveKit of your own no quota is expected: find out which host was dialled.',
      'It worked when the next call rings. Watch the usage on the busiest hour.',
    ],
  },
  fix: 'Look at the usage of the LiveKit Cloud project, and raise its plan or wait for the next period.',
  confidence: {
    certain: 'The answer carries the phrase that only LiveKit Cloud uses for a used-up quota.',
    likely:
      'The answer carries that phrase, and this LiveKit is known to be self-hosted, where a quota is not expected.',
  },
  needs: ['target', 'ending', 'progress', 'deployment'],
  match({ target, ending, progress, deployment }) {
    if (target.kind !== 'livekit') return undefined;
    const isSelfHosted = deployment?.kind === 'self_hosted';
    const evidence = responseEvidence(ending, progress);
    const fixes = [plainFix(this.fix)];
    if (isResponse(ending, 503, QUOTA_PHRASE)) return observed(isSelfHosted ? 'likely' : 'certain', evidence, fixes);
    // An SBC older than September 2025 puts the standard phrase on it.
    return isAnonymous503(ending) && !isSelfHosted ? alternative(evidence, fixes) : undefined;
  },
  examples: [
    {
      shows: 'a quota that is used up is not what two clashing rules lead to: they come next',
      call: { response: [503, 'Service temporarily unavailable', 230] },
      livekit: { rules: [{}, {}] },
      want: { blocking: ['livekit_quota_exceeded'], confidence: 'certain', latent: ['dispatch_rule_conflict'] },
    },
    {
      shows: 'a quota is not expected of a self-hosted LiveKit, so its phrase is not certain there',
      call: { to: 'sip:+15550100@sip.example.com', response: [503, 'Service temporarily unavailable', 230] },
      livekit: {},
      settings: { livekit_sip_host: 'sip.example.com', livekit_url: 'wss://livekit.example.com' },
      want: { blocking: ['livekit_quota_exceeded'], confidence: 'likely' },
    },
    {
      shows: 'a 503 "Service temporarily unavailable" is the project’s quota',
      call: { response: [503, 'Service temporarily unavailable', 230] },
      livekit: {},
      want: { blocking: ['livekit_quota_exceeded'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "Service temporarily unavailable" of a carrier is no quota of LiveKit',
      call: { to: '+15550199', response: [503, 'Service temporarily unavailable', 230] },
      livekit: {},
      want: { blocking: ['carrier_rejected'], confidence: 'likely' },
    },
  ],
});

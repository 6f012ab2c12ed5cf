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
    meaning: 'LiveKit Cloud answers 503 "Service temporarily unavailable" when the project’s quota is used up.',
    impact:
      'New calls to the project get a 503 at once, on all its trunks, until the quota is raised or its period ends.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the phrase, which only LiveKit uses.',
      'In the LiveKit Cloud dashboard, check the project’s usage and limits: concurrent SIP calls, agent sessions, minutes.',
      'Calls that never end also use the quota: `lk room list` shows rooms that should be gone.',
    ],
    mitigation: [
      'Upgrade the project’s plan, or ask LiveKit to raise the limit.',
      'If old rooms use it up, run `lk room delete <room>`, and give rooms a short empty timeout.',
      'Self-hosted LiveKit has no quota: find out which host was dialled.',
      'Verify that the next call rings, and watch the usage in the busiest hour.',
    ],
  },
  fix: 'Check the LiveKit Cloud project’s usage, and upgrade its plan or wait for the next period.',
  confidence: {
    certain: 'The response has the phrase that only LiveKit Cloud uses for a used-up quota.',
    likely: 'The response has that phrase, but this LiveKit is self-hosted, where no quota is expected.',
  },
  needs: ['target', 'ending', 'progress', 'deployment'],
  match({ target, ending, progress, deployment }) {
    if (target.kind !== 'livekit') return undefined;
    const isSelfHosted = deployment?.kind === 'self_hosted';
    const evidence = responseEvidence(ending, progress);
    const fixes = [plainFix(this.fix)];
    if (isResponse(ending, 503, QUOTA_PHRASE)) return observed(isSelfHosted ? 'likely' : 'certain', evidence, fixes);
    // An SBC older than September 2025 replaces the phrase by the standard one.
    return isAnonymous503(ending) && !isSelfHosted ? alternative(evidence, fixes) : undefined;
  },
  examples: [
    {
      shows: 'a used-up quota does not come from two conflicting rules: they are the next blocker',
      call: { response: [503, 'Service temporarily unavailable', 230] },
      livekit: { rules: [{}, {}] },
      want: { blocking: ['livekit_quota_exceeded'], confidence: 'certain', latent: ['dispatch_rule_conflict'] },
    },
    {
      shows: 'self-hosted LiveKit has no quota, so the phrase is not certain there',
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
      shows: 'a 503 "Service temporarily unavailable" from a carrier is no LiveKit quota',
      call: { to: '+15550199', response: [503, 'Service temporarily unavailable', 230] },
      livekit: {},
      want: { blocking: ['carrier_rejected'], confidence: 'likely' },
    },
  ],
});

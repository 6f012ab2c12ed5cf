import { defineCause } from '../../cause.ts';
import { alternative, observed } from '../../claims.ts';
import { NO_ANSWER_MS, PATIENCE_SECONDS } from '../../facts/timing.ts';
import { roomEvidence } from '../../unknowns.ts';

export const callerAbandoned = defineCause({
  id: 'caller_abandoned',
  title: 'the caller hung up before the call was answered',
  party: 'nobody',
  stage: 'callee',
  runbook: {
    meaning: 'The caller hung up during call setup, and nothing shows that the call would have failed.',
    impact: 'The caller is gone. This does not count as a failure.',
    diagnosis: [
      'A single call needs no action. `sipwhy explain CALL_SID` shows how long the caller waited.',
      'If there are more than usual, look at the post-dial delay in the overview dashboard. Callers give up when an agent is slow to answer.',
    ],
    mitigation: [
      'There is nothing to fix for a single call. If callers wait long, make the agent publish its audio sooner.',
    ],
  },
  fix: 'No action, unless callers wait long: then look at the post-dial delay.',
  confidence: {
    likely: 'The caller hung up, and nothing shows that the call would have failed.',
  },
  needs: ['target', 'stage', 'deployment', 'ending', 'progress', 'lostToSibling', 'livekit'],
  match({ target, stage, deployment, ending, progress, lostToSibling, livekit }) {
    if (ending.kind !== 'unanswered' || ending.endedBy === 'dial_without_leg' || lostToSibling) return undefined;
    const evidence = roomEvidence({ ending, progress, livekit });
    // If nothing more was reported of a leg, its webhooks may be lost.
    if (target.kind === 'own') return progress.endReported ? observed('likely', evidence) : undefined;
    if (ending.endedBy !== 'caller') return undefined;
    // LiveKit refused the call, so the caller gave up because of that.
    if (stage === 'refused') return undefined;
    const waited = Math.max(progress.ringSeconds ?? 0, (progress.elapsedMs ?? 0) / 1000);
    if (target.kind !== 'livekit') return observed('likely', evidence);
    if (waited >= PATIENCE_SECONDS) return alternative(evidence);
    if (progress.ringings > 0 || (progress.elapsedMs ?? 0) < NO_ANSWER_MS) return observed('likely', evidence);
    // Self-hosted LiveKit rings at once, so the call had failed before the caller left. Cloud may ring later than that, or
    // refuse a call by silence.
    return deployment?.kind === 'self_hosted' ? alternative(evidence) : observed('possible', evidence);
  },
  examples: [
    {
      shows: 'a caller who hung up while a phone rang gave up',
      call: { to: '+15550199', ringing: 'every second', callerHungUpAt: 26_000 },
      want: { outcome: 'not_counted', blocking: ['caller_abandoned'], confidence: 'likely' },
    },
    {
      shows: 'a caller who hung up before the application answered abandoned the call',
      call: { leg: 'caller', response: [487, 'Request Terminated', 3_000] },
      want: { outcome: 'not_counted', blocking: ['caller_abandoned'], confidence: 'likely' },
    },
    {
      shows: 'a caller who hung up within 2 s of the 180 left before silence could show a refusal',
      call: { ringing: [90], callerHungUpAt: 1_900 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: {
        outcome: 'not_counted',
        blocking: ['caller_abandoned'],
        confidence: 'likely',
        latent: ['caller_not_allowed'],
      },
    },
    {
      shows: 'a caller who left within a second left on their own',
      call: { ringing: [90], callerHungUpAt: 900 },
      livekit: {},
      want: { outcome: 'not_counted', blocking: ['caller_abandoned'], confidence: 'likely' },
    },
    {
      shows: 'a caller’s leg without further reports shows nothing: its webhooks may be lost',
      call: { leg: 'caller' },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'a caller who hung up after 9 s of LiveKit’s silence had already been refused',
      call: { ringing: [90], callerHungUpAt: 9_000 },
      livekit: { trunks: [], rules: [] },
      want: { blocking: ['no_trunk_configured', 'no_dispatch_rule'], confidence: 'certain' },
    },
    {
      shows: 'a caller who left LiveKit Cloud after 8 s without ringing may have been refused',
      call: { callerHungUpAt: 8_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: {
        blocking: ['caller_not_allowed'],
        confidence: 'likely',
        alternatives: ['sip_timeout', 'caller_abandoned'],
      },
    },
    {
      shows: 'a caller who left LiveKit Cloud after 8 s without ringing may not have waited for it',
      call: { callerHungUpAt: 8_000 },
      livekit: {},
      want: { blocking: ['sip_timeout', 'caller_abandoned'], confidence: 'possible' },
    },
    {
      shows: 'a caller who left self-hosted LiveKit after 8 s without ringing left a call that nobody had answered',
      call: { to: 'sip:+15550100@sip.example.com', callerHungUpAt: 8_000 },
      livekit: {},
      settings: { livekit_sip_host: 'sip.example.com' },
      want: { blocking: ['sip_timeout'], confidence: 'likely', alternatives: ['caller_abandoned'] },
    },
    {
      shows: 'a caller who heard 15 s of ringing from LiveKit left because no agent came',
      call: { ringing: 'every second', callerHungUpAt: 15_000 },
      livekit: {},
      want: {
        blocking: ['agent_not_joined'],
        confidence: 'likely',
        alternatives: ['agent_not_publishing', 'caller_abandoned'],
      },
    },
  ],
});

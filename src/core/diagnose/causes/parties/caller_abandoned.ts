import { defineCause } from '../../cause.ts';
import { alternative, observed, responseEvidence, ringingEvidence } from '../../claims.ts';
import { PATIENCE_SECONDS } from '../../facts/timing.ts';

export const callerAbandoned = defineCause({
  id: 'caller_abandoned',
  title: 'the caller hung up before an answer',
  party: 'nobody',
  stage: 'callee',
  runbook: {
    meaning: 'The caller hung up while the call was being set up, and nothing shows that it would have failed.',
    impact: 'The caller is gone. It is not counted as a failure.',
    diagnosis: [
      'Nothing is wrong with one such call. `npx sipwhy explain CALL_SID` shows how long the caller waited.',
      'More than usual: look at the post-dial delay in the overview dashboard. Callers who wait for an agent that is slow to answer give up first.',
    ],
    mitigation: [
      'Nothing is to be mended for one call. Where callers wait long, let the agent publish its audio sooner.',
    ],
  },
  fix: 'Nothing, unless callers wait long: then look at the post-dial delay.',
  confidence: {
    likely: 'The caller hung up, and nothing shows that the call would have failed.',
  },
  needs: ['target', 'stage', 'ending', 'progress', 'lostToSibling'],
  match({ target, stage, ending, progress, lostToSibling }) {
    if (ending.kind !== 'unanswered' || ending.endedBy === 'dial_without_leg' || lostToSibling) return undefined;
    const evidence = [...responseEvidence(ending, progress), ...ringingEvidence(progress)];
    // Of a leg that is not heard of again its webhooks may be lost.
    if (target.kind === 'own') return progress.endReported ? observed('likely', evidence) : undefined;
    if (ending.endedBy !== 'caller') return undefined;
    // LiveKit refused, or no agent came for long: the caller gave up because of that.
    if (stage === 'refused') return undefined;
    const waited = Math.max(progress.ringSeconds ?? 0, (progress.elapsedMs ?? 0) / 1000);
    const isPatient = target.kind === 'livekit' && waited >= PATIENCE_SECONDS;
    return isPatient ? alternative(evidence) : observed('likely', evidence);
  },
  examples: [
    {
      shows: 'a caller who hung up while a phone rang gave up',
      call: { to: '+15550199', ringing: 'every second', callerHungUpAt: 26_000 },
      want: { outcome: 'not_counted', blocking: ['caller_abandoned'], confidence: 'likely' },
    },
    {
      shows: 'a caller who hung up before an answer of the application abandoned the call',
      call: { leg: 'caller', response: [487, 'Request Terminated', 3_000] },
      want: { outcome: 'not_counted', blocking: ['caller_abandoned'], confidence: 'likely' },
    },
    {
      shows: 'a caller who hung up within 2 s of the 180 left before silence could show anything',
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
      shows: 'a caller’s leg that is not heard of again shows nothing: its webhooks may be lost',
      call: { leg: 'caller' },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'a caller who hung up after 9 s of LiveKit’s silence was refused before',
      call: { ringing: [90], callerHungUpAt: 9_000 },
      livekit: { trunks: [], rules: [] },
      want: { blocking: ['no_trunk_configured', 'no_dispatch_rule'], confidence: 'certain' },
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

import { defineCause } from '../../cause.ts';
import { observed, responseEvidence, ringingEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';

export const calleeNoAnswer = defineCause({
  id: 'callee_no_answer',
  title: 'the callee did not answer',
  party: 'nobody',
  stage: 'callee',
  runbook: {
    meaning:
      'The phone rang and nobody answered, the callee is unavailable (480), or another leg of the same dial was answered first.',
    impact: 'The caller hears ringing until the dial times out. This does not count as a failure.',
    diagnosis: [
      'A single call needs no action. `sipwhy explain CALL_SID` shows how long it rang.',
      'If there are many, is the dial timeout too short for people to answer? If every leg gets a 480 at once, see jambonz_no_media_server.',
    ],
    mitigation: ['There is nothing to fix. A longer timeout in the dial verb gives callees more time.'],
  },
  fix: 'No action: the callee didn’t answer, which is not a fault.',
  confidence: {
    likely: 'The phone rang and nobody answered, the leg got a 480, or another leg of the dial was answered first.',
  },
  needs: ['target', 'stage', 'ending', 'progress', 'lostToSibling'],
  match({ target, stage, ending, progress, lostToSibling }) {
    const evidence = [...responseEvidence(ending, progress), ...ringingEvidence(progress)];
    // A leg that LiveKit refused had failed before the other one was answered.
    if (lostToSibling && ending.kind === 'unanswered' && stage !== 'refused') {
      return observed('likely', evidence);
    }
    if (target.kind !== 'other') return undefined;
    const isAway = isResponse(ending, 480) || (isResponse(ending, 408) && progress.ringings > 0);
    const rangOut = ending.kind === 'unanswered' && ending.endedBy !== 'caller' && progress.ringings > 0;
    return isAway || rangOut ? observed('likely', evidence) : undefined;
  },
  examples: [
    {
      shows: 'a dial to a phone that timed out after ringing is a callee who did not answer',
      call: { to: '+15550199', ringing: [900], dialGaveUpAt: 30_000 },
      livekit: {},
      want: { outcome: 'not_counted', blocking: ['callee_no_answer'], confidence: 'likely' },
    },
    {
      shows: 'one 180 and then silence is how an ordinary phone rings',
      call: { to: 'sip:+15550199@carrier.example.com', ringing: [90], dialGaveUpAt: 30_000 },
      livekit: {},
      settings: { livekit_sip_host: 'sip.example.org' },
      want: { outcome: 'not_counted', blocking: ['callee_no_answer'], confidence: 'likely' },
    },
    {
      shows: 'a 408 from a carrier after ringing is a callee who did not answer',
      call: { to: '+15550199', ringing: [900], response: [408, 'Request Timeout', 60_000] },
      want: { outcome: 'not_counted', blocking: ['callee_no_answer'], confidence: 'likely' },
    },
    {
      shows: 'a 480 from a carrier after ringing doesn’t come from the SBC',
      call: { to: '+15550199', ringing: [900], response: [480, 'Temporarily Unavailable', 9_000] },
      want: { outcome: 'not_counted', blocking: ['callee_no_answer'], confidence: 'likely' },
    },
    {
      shows: 'one 180 and then silence from LiveKit is a refusal, not a callee who did not answer',
      call: { ringing: [90], dialGaveUpAt: 30_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain' },
    },
    {
      shows: 'a caller who hangs up while the phone still rings did not wait for the callee',
      call: { to: '+15550199', ringing: [900], callerHungUpAt: 12_000 },
      want: { outcome: 'not_counted', blocking: ['caller_abandoned'], confidence: 'likely' },
    },
  ],
});

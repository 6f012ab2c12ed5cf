import { defineCause } from '../../cause.ts';
import { observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';

export const calleeBusy = defineCause({
  id: 'callee_busy',
  title: 'the callee is busy',
  party: 'nobody',
  stage: 'callee',
  runbook: {
    meaning: 'The far end answered 486 or 600. On a leg to LiveKit, a 486 means something else.',
    impact: 'The caller or the application learns that the callee is busy. This does not count as a failure.',
    diagnosis: [
      'A single call needs no action. `sipwhy explain CALL_SID` shows the response.',
      'If there are many at once, the carrier may send 486 for its own limits. Ask it, with a Call-ID.',
    ],
    mitigation: ['There is nothing to fix. The application may try again later.'],
  },
  fix: 'No action: this is the callee’s answer, not a fault.',
  confidence: {
    likely: 'A leg that isn’t to LiveKit got a 486 or 600; a carrier may use them for other things.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (target.kind !== 'other' && target.kind !== 'own') return undefined;
    if (![486, 600].some((status) => isResponse(ending, status))) return undefined;
    return observed('likely', responseEvidence(ending, progress));
  },
  examples: [
    {
      shows: 'a 486 or 600 from a carrier is a busy callee',
      call: { to: '+15550199', ringing: [900], response: [486, 'Busy', 4_000] },
      alike: [[600, 'Busy', 4_000]],
      want: { outcome: 'not_counted', blocking: ['callee_busy'], confidence: 'likely' },
    },
    {
      shows: 'a REST call to a busy phone is nobody’s fault',
      call: { leg: 'rest', to: '+15550199', response: [486, 'Busy Here', 2_000] },
      want: { outcome: 'not_counted', blocking: ['callee_busy'], confidence: 'likely' },
    },
    {
      shows: 'a 486 is a busy callee only on a leg that isn’t to LiveKit',
      call: { to: '+15550199', ringing: [900], response: [486, 'Busy Here', 5_600] },
      livekit: {},
      want: { outcome: 'not_counted', blocking: ['callee_busy'], confidence: 'likely' },
    },
    {
      shows: 'a 486 from LiveKit is no busy callee, even with an old SBC’s phrase',
      call: { ringing: 'every second', response: [486, 'Busy Here', 5_600] },
      livekit: {},
      want: {
        blocking: ['livekit_room_closed'],
        confidence: 'possible',
        alternatives: ['livekit_sip_cannot_join', 'agent_not_joined', 'agent_rejected_call'],
      },
    },
  ],
});

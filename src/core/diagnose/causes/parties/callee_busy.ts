import { defineCause } from '../../cause.ts';
import { observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';

export const calleeBusy = defineCause({
  id: 'callee_busy',
  title: 'the callee is busy',
  party: 'nobody',
  stage: 'callee',
  runbook: {
    meaning: 'The far end answered 486 or 600. On a leg to LiveKit a 486 means something else.',
    impact: 'The caller, or the application, is told that the callee is busy. It is not counted as a failure.',
    diagnosis: [
      'Nothing is wrong with one such call. `npx sipwhy explain CALL_SID` shows the answer.',
      'Very many at once: a carrier may say 486 for its own limits. Ask it with a Call-ID.',
    ],
    mitigation: ['Nothing is to be mended. The application may try again later.'],
  },
  fix: 'Nothing: this is a callee’s answer, not a fault.',
  confidence: {
    likely: 'A 486 or 600 on a leg that is not LiveKit’s; a carrier may use it for other things.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (target.kind !== 'other' && target.kind !== 'own') return undefined;
    if (![486, 600].some((status) => isResponse(ending, status))) return undefined;
    return observed('likely', responseEvidence(ending, progress));
  },
  examples: [
    {
      shows: 'a 486 or 600 of a carrier is a busy callee',
      call: { to: '+15550199', ringing: [900], response: [486, 'Busy', 4_000] },
      alike: [[600, 'Busy', 4_000]],
      want: { outcome: 'not_counted', blocking: ['callee_busy'], confidence: 'likely' },
    },
    {
      shows: 'a REST call to a phone that is busy is nobody’s fault',
      call: { leg: 'rest', to: '+15550199', response: [486, 'Busy Here', 2_000] },
      want: { outcome: 'not_counted', blocking: ['callee_busy'], confidence: 'likely' },
    },
    {
      shows: 'a 486 is a busy callee only where the leg is not LiveKit’s',
      call: { to: '+15550199', ringing: [900], response: [486, 'Busy Here', 5_600] },
      livekit: {},
      want: { outcome: 'not_counted', blocking: ['callee_busy'], confidence: 'likely' },
    },
    {
      shows: 'a 486 of LiveKit is no busy callee under an old SBC’s phrase either',
      call: { ringing: 'every second', response: [486, 'Busy Here', 5_600] },
      livekit: {},
      want: { blocking: ['livekit_room_closed'], confidence: 'likely', alternatives: ['agent_not_joined'] },
    },
  ],
});

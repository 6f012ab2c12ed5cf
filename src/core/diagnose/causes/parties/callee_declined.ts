import { defineCause } from '../../cause.ts';
import { alternative, observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';

export const calleeDeclined = defineCause({
  id: 'callee_declined',
  title: 'the callee declined the call',
  party: 'nobody',
  stage: 'callee',
  runbook: {
    meaning: 'The far end answered 603. Without ringing, for a phone number, the Jambonz SBC may have said so itself.',
    impact: 'The caller, or the application, is told that the call was declined. It is not counted as a failure.',
    diagnosis: [
      'Nothing is wrong with one such call. `npx sipwhy explain CALL_SID` shows whether it rang first.',
      'All calls to phone numbers, at once and without ringing: see jambonz_no_carrier.',
    ],
    mitigation: ['Nothing is to be mended; do not call again at once.'],
  },
  fix: 'Nothing: this is a callee’s answer, not a fault.',
  confidence: {
    likely: 'A 603 that Jambonz itself has no reason to say.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (!isResponse(ending, 603) || target.kind === 'unknown' || target.kind === 'livekit') return undefined;
    const evidence = responseEvidence(ending, progress);
    const mayBeJambonz = target.kind === 'other' && target.isNumber && progress.ringings === 0;
    return mayBeJambonz ? alternative(evidence) : observed('likely', evidence);
  },
  examples: [
    {
      shows: 'a 603 for a SIP URI elsewhere needs no carrier, so the callee declined',
      call: { to: 'sip:alice@pbx.example.com', response: [603, 'Decline', 30] },
      settings: { livekit_sip_host: 'lab.sip.livekit.cloud' },
      want: { outcome: 'not_counted', blocking: ['callee_declined'], confidence: 'likely' },
    },
    {
      shows: 'a 603 for a registered user needs no carrier either',
      call: { to: 'alice@pbx.example.com', response: [603, 'Decline', 30] },
      want: { outcome: 'not_counted', blocking: ['callee_declined'], confidence: 'likely' },
    },
    {
      shows: 'a 603 on a leg to LiveKit is nothing that LiveKit or Jambonz says there',
      call: { response: [603, 'Decline', 30] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

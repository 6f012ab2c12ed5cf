import { defineCause } from '../../cause.ts';
import { alternative, observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';
import { mayBeJambonz603, NETWORK_BLOCKED } from '../../facts/liveKitResponses.ts';

export const calleeDeclined = defineCause({
  id: 'callee_declined',
  title: 'the callee declined the call',
  party: 'nobody',
  stage: 'callee',
  runbook: {
    meaning:
      'The far end answered 603. For a phone number that didn’t ring, the 603 may come from the Jambonz SBC itself.',
    impact: 'The caller or the application learns that the call was declined. This does not count as a failure.',
    diagnosis: [
      'A single call needs no action. `sipwhy explain CALL_SID` shows whether it rang first.',
      'If all calls to phone numbers fail at once without ringing, see jambonz_no_carrier.',
    ],
    mitigation: ['There is nothing to fix. Don’t redial at once.'],
  },
  fix: 'No action: this is the callee’s answer, not a fault.',
  confidence: {
    likely: 'A leg got a 603 that Jambonz itself would not send.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (
      !isResponse(ending, 603) ||
      isResponse(ending, 603, NETWORK_BLOCKED) ||
      target.kind === 'unknown' ||
      target.kind === 'livekit'
    )
      return undefined;
    const evidence = responseEvidence(ending, progress);
    const mayBeJambonz =
      target.kind === 'other' && target.isNumber && progress.ringings === 0 && mayBeJambonz603(ending);
    return mayBeJambonz ? alternative(evidence) : observed('likely', evidence);
  },
  examples: [
    {
      shows: 'a 603 for another SIP URI needs no carrier, so the callee declined',
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
      shows: 'a 603 on a leg to LiveKit comes from neither LiveKit nor Jambonz',
      call: { response: [603, 'Decline', 30] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

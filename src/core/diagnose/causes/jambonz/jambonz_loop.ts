import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';

export const jambonzLoop = defineCause({
  id: 'jambonz_loop',
  title: 'the call looped back to Jambonz',
  party: 'jambonz',
  stage: 'jambonz',
  runbook: {
    meaning: 'The Jambonz SBC answers 482 "Loop Detected" when a call that it sent out comes back to it.',
    impact: 'Every call on this route fails at once. Each attempt may use several legs.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows what was dialled.',
      'Does the dialled host resolve to this SBC? Compare `dig +short <host>` with its addresses. The usual reason is a DNS record that names the SBC itself.',
      'For a phone number: does the carrier route the number back to this Jambonz? See Phone Numbers and Carriers in the portal.',
    ],
    mitigation: [
      'Correct the host, the DNS record or the route that sends the call back.',
      'Change the application so that it doesn’t dial the number it answers.',
      'Verify that the next call on this route rings.',
    ],
  },
  fix: 'Find the route, registration or carrier that sends the dialled number back to Jambonz.',
  confidence: {
    certain: 'A leg to LiveKit or the caller’s own leg got a 482.',
    likely: 'Another leg got a 482: the loop may be behind the carrier.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (!isResponse(ending, 482)) return undefined;
    const confidence = target.kind === 'livekit' || target.kind === 'own' ? 'certain' : 'likely';
    return observed(confidence, responseEvidence(ending, progress), [plainFix(this.fix)]);
  },
  examples: [
    {
      shows: 'a 482 on a leg to LiveKit is a loop',
      call: { response: [482, 'Loop Detected', 30] },
      livekit: {},
      want: { blocking: ['jambonz_loop'], confidence: 'certain' },
    },
    {
      shows: 'a 482 from a carrier may be a loop behind it',
      call: { to: '+15550199', response: [482, 'Loop Detected', 300] },
      want: { blocking: ['jambonz_loop'], confidence: 'likely' },
    },
    {
      shows: 'a 483 is not a loop of Jambonz',
      call: { response: [483, 'Too Many Hops', 30] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'a 408 after 32 s is silence, not a loop',
      call: { response: [408, 'Request Timeout', 32_010] },
      livekit: {},
      want: { blocking: ['sip_timeout'], confidence: 'certain' },
    },
  ],
});

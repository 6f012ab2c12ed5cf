import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';

export const jambonzLoop = defineCause({
  id: 'jambonz_loop',
  title: 'the call came back to Jambonz',
  party: 'jambonz',
  stage: 'jambonz',
  runbook: {
    meaning: 'The Jambonz SBC answers 482 "Loop Detected" where a call that it sent out comes back to it.',
    impact: 'Every call on this route fails at once. Each attempt may have taken several legs on its way round.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows what was dialled.',
      'Does the dialled host lead back to this SBC? `dig +short <host>` and compare with its addresses. A DNS entry that names the SBC itself is the usual reason.',
      'For a phone number: does the carrier deliver the number to this same Jambonz? Portal, Phone Numbers and Carriers.',
    ],
    mitigation: [
      'Correct the host, the DNS entry or the route that sends the call back.',
      'Let the application not dial the number that it answers.',
      'It worked when the next call on this route rings.',
    ],
  },
  fix: 'Look for a route, a registration or a carrier that sends the dialled number back to Jambonz.',
  confidence: {
    certain: 'A 482 on a leg to LiveKit or on the caller’s own leg.',
    likely: 'A 482 on another leg: a loop may also be somewhere behind the carrier.',
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
      shows: 'a 482 of a carrier may be a loop behind it',
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

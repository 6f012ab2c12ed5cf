import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';

export const jambonzNoMediaServer = defineCause({
  id: 'jambonz_no_media_server',
  title: 'the Jambonz SBC has no media server',
  party: 'jambonz',
  stage: 'jambonz',
  runbook: {
    meaning:
      'The Jambonz SBC answers 480 "Temporarily Unavailable" where it has no rtpengine to use. A far end says the same for a callee who is away; LiveKit never does.',
    impact:
      'No new call gets media through this SBC: inbound and outbound calls fail at once. Calls in progress may lose their audio.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows the 480, and that it came without ringing.',
      'On the machine of rtpengine: `systemctl status rtpengine`. Its log and the SBC’s say whether they reach each other.',
      'Was a machine replaced? The SBC must know the address of each rtpengine, and its control port must be open between them.',
      'Do calls on all legs fail, or only those to one callee? One callee alone is away, and no fault.',
    ],
    mitigation: [
      'Restart rtpengine, or add one; then see that the SBC has taken it up.',
      'Open the control port between the SBC and rtpengine.',
      'It worked when the next call to LiveKit rings.',
    ],
  },
  fix: 'Check rtpengine and its connection to the SBC.',
  confidence: {
    likely: 'A 480 on a leg to LiveKit, which never says so, or on the caller’s own leg.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (!isResponse(ending, 480)) return undefined;
    const evidence = responseEvidence(ending, progress);
    const fixes = [plainFix('Check that rtpengine runs, and that the SBC reaches it.')];
    switch (target.kind) {
      case 'livekit':
      case 'own':
        return observed('likely', evidence, fixes);
      case 'other':
        // A far end that rang had media; one that answers 480 at once may be the SBC itself.
        return progress.ringings > 0 ? undefined : alternative(evidence, fixes);
      case 'unknown':
        return alternative(evidence, fixes);
    }
  },
  examples: [
    {
      shows: 'a 480 on a leg to LiveKit is the SBC without a media server, since LiveKit never says so',
      call: { response: [480, 'Temporarily Unavailable', 30] },
      livekit: {},
      want: { blocking: ['jambonz_no_media_server'], confidence: 'likely' },
    },
    {
      shows: 'a 480 of a carrier is a callee who is away, or the SBC without a media server',
      call: { to: '+15550199', response: [480, 'Temporarily Unavailable', 30] },
      want: {
        outcome: 'not_counted',
        blocking: ['callee_no_answer'],
        confidence: 'likely',
        alternatives: ['jambonz_no_media_server'],
      },
    },
  ],
});

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
      'The Jambonz SBC answers 480 "Temporarily Unavailable" when it has no usable rtpengine. A far end sends the same for an unavailable callee; LiveKit never does.',
    impact:
      'No new call gets media through this SBC: inbound and outbound calls fail at once. Calls in progress may lose audio.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the 480, and that it came without ringing.',
      'On the rtpengine machine, run `systemctl status rtpengine`. Its log and the SBC’s log show whether they reach each other.',
      'Was a machine replaced? The SBC must know the address of each rtpengine, and the control port between them must be open.',
      'Do all legs fail, or only calls to one callee? If only one, that callee is unavailable and nothing is wrong.',
    ],
    mitigation: [
      'Restart rtpengine or add one, then check that the SBC uses it.',
      'Open the control port between the SBC and rtpengine.',
      'Verify that the next call to LiveKit rings.',
    ],
  },
  fix: 'Check rtpengine and its connection to the SBC.',
  confidence: {
    likely: 'A leg to LiveKit, which never sends a 480, or the caller’s own leg got a 480.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (!isResponse(ending, 480)) return undefined;
    const evidence = responseEvidence(ending, progress);
    const fixes = [plainFix('Check that rtpengine is running and that the SBC can reach it.')];
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
      shows: 'a 480 on a leg to LiveKit means no media server, since LiveKit never sends a 480',
      call: { response: [480, 'Temporarily Unavailable', 30] },
      livekit: {},
      want: { blocking: ['jambonz_no_media_server'], confidence: 'likely' },
    },
    {
      shows: 'a 480 from a carrier is an unavailable callee, or an SBC without a media server',
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

import { isProgressPhrase } from '../../../call/reasonPhrase.ts';
import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';

export const jambonzInternalError = defineCause({
  id: 'jambonz_internal_error',
  title: 'Jambonz’s feature server failed',
  party: 'jambonz',
  stage: 'jambonz',
  runbook: {
    meaning:
      'Where the feature server fails without a SIP answer it reports status 500 and leaves the phrase of the webhook before in place, as in 500 "Ringing". A status and a phrase that do not belong together are not a SIP response.',
    impact:
      'The call ends inside Jambonz, whatever the far end would have said. The caller may hear nothing more of the application.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows the status and the phrase that do not belong together, and when it happened.',
      'Look in the feature server’s log at that moment, by the call_sid. The portal’s Recent calls has a trace of the call, and Alerts may name the reason.',
      'Calls of one feature server only? `fs_sip_address` in the webhooks names it.',
      'Do not look for the fault in LiveKit: this 500 is not LiveKit’s.',
    ],
    mitigation: [
      'Restart the feature server that fails, or take it out of service.',
      'If it began with a change of the application: a verb that Jambonz cannot carry out ends like this too; go back to the version before.',
      'Report it to Jambonz with the log and the call_sid.',
      'It worked when calls have a SIP status and its own phrase again.',
    ],
  },
  fix: 'Look in the feature server’s log at that moment, by the call_sid.',
  confidence: {
    certain: 'A 500 with the phrase of a provisional or successful response, which no SIP answer has.',
    likely: 'A 500 with the phrase of another failure, or any 500 on the caller’s own leg.',
    possible: 'A 500 of which only the dial hook tells, without a phrase, on a leg that is not LiveKit’s.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    if (!isResponse(ending, 500) || ending.kind !== 'response') return undefined;
    const evidence = responseEvidence(ending, progress);
    const fixes = [plainFix(this.fix)];
    if (ending.isStale) {
      evidence.push({
        name: 'phrase',
        value: `"${ending.reason}" does not belong to ${ending.status}`,
        source: 'jambonz',
      });
      return observed(isProgressPhrase(ending.reason ?? '') ? 'certain' : 'likely', evidence, fixes);
    }
    // Without the leg's own webhook the phrase, which would tell, is missing.
    if (ending.reason === undefined)
      return target.kind === 'livekit' ? alternative(evidence, fixes) : observed('possible', evidence, fixes);
    return target.kind === 'own' ? observed('likely', evidence, fixes) : undefined;
  },
  examples: [
    {
      shows: 'a 500 with the phrase of progress is an internal error of Jambonz, not a SIP answer',
      call: { ringing: [90], response: [500, 'Trying', 3_000] },
      alike: [
        [500, 'Ringing', 3_000],
        [500, 'OK', 3_000],
        [500, 'Session Progress', 3_000],
      ],
      livekit: {},
      want: { blocking: ['jambonz_internal_error'], confidence: 'certain' },
    },
    {
      shows: 'a 500 "Ringing" on a carrier leg is an internal error of Jambonz too',
      call: { to: '+15550199', ringing: [90], response: [500, 'Ringing', 3_000] },
      want: { blocking: ['jambonz_internal_error'], confidence: 'certain' },
    },
    {
      shows: 'a 500 with the phrase of another failure cannot be left over from a webhook before',
      call: { response: [500, 'Busy Here', 300] },
      livekit: {},
      want: { blocking: ['jambonz_internal_error'], confidence: 'likely' },
    },
    {
      shows: 'a 500 on the caller’s leg is Jambonz’s own',
      call: { leg: 'caller', response: [500, 'Server Internal Error', 30] },
      want: { blocking: ['jambonz_internal_error'], confidence: 'likely' },
    },
    {
      shows: 'a 500 of a carrier leg that only the dial hook tells may be an internal error, or the carrier’s',
      call: { to: '+15550199', response: [500, 'Trying', 300], lost: 'final' },
      want: { blocking: ['jambonz_internal_error'], confidence: 'possible', alternatives: ['carrier_rejected'] },
    },
    {
      shows: 'a 500 "Server Internal Error" is no stale phrase',
      call: { ringing: [90], response: [500, 'Server Internal Error', 300] },
      livekit: {},
      want: { blocking: ['media_negotiation_failed'], confidence: 'likely' },
    },
    {
      shows: 'a 500 that only the dial hook tells has no phrase, and nothing says whose it is',
      call: { response: [500, 'Trying', 300], lost: 'final' },
      livekit: {},
      want: {
        blocking: ['unclassified'],
        confidence: 'possible',
        alternatives: ['jambonz_internal_error', 'media_negotiation_failed'],
      },
    },
  ],
});

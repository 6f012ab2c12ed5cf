import { isProgressPhrase } from '../../../call/reasonPhrase.ts';
import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';

export const jambonzInternalError = defineCause({
  id: 'jambonz_internal_error',
  title: 'the Jambonz feature server failed',
  party: 'jambonz',
  stage: 'jambonz',
  runbook: {
    meaning:
      'When the feature server fails without a SIP response, it reports status 500 but keeps the phrase of the previous webhook, as in 500 "Ringing". A status and phrase that don’t belong together are not a SIP response.',
    impact:
      'The call ends inside Jambonz, whatever the far end would have answered. The caller may hear nothing more from the application.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the mismatched status and phrase, and when it happened.',
      'Search the feature server’s log for the call_sid at that time. The portal’s Recent Calls has a trace of the call, and Alerts may name the reason.',
      'Is only one feature server affected? `fs_sip_address` in the webhooks names it.',
      'Don’t look for the fault in LiveKit: this 500 does not come from LiveKit.',
    ],
    mitigation: [
      'Restart the failing feature server, or take it out of service.',
      'If it started with an application change, roll back: a verb that Jambonz can’t execute also ends like this.',
      'Report it to Jambonz with the log and the call_sid.',
      'Verify that failed calls report a SIP status with its own phrase again.',
    ],
  },
  fix: 'Search the feature server’s log for the call_sid at the time of the failure.',
  confidence: {
    certain: 'A 500 has the phrase of a provisional or successful response, which no SIP response has.',
    likely: 'A 500 has the phrase of another failure, or the caller’s own leg got any 500.',
    possible: 'Only the dial hook reports a 500, without a phrase, on a leg that isn’t to LiveKit.',
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
    // Without the leg's own webhook there is no phrase to decide by.
    if (ending.reason === undefined)
      return target.kind === 'livekit' ? alternative(evidence, fixes) : observed('possible', evidence, fixes);
    return target.kind === 'own' ? observed('likely', evidence, fixes) : undefined;
  },
  examples: [
    {
      shows: 'a 500 with the phrase of a provisional or successful response is an internal error of Jambonz',
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
      shows: 'a 500 "Ringing" on a carrier leg is also an internal error of Jambonz',
      call: { to: '+15550199', ringing: [90], response: [500, 'Ringing', 3_000] },
      want: { blocking: ['jambonz_internal_error'], confidence: 'certain' },
    },
    {
      shows: 'a 500 with the phrase of another failure can’t be left over from an earlier webhook',
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
      shows: 'a 500 on a carrier leg that only the dial hook reports may be an internal error or the carrier’s',
      call: { to: '+15550199', response: [500, 'Trying', 300], lost: 'final' },
      want: { blocking: ['jambonz_internal_error'], confidence: 'possible', alternatives: ['carrier_rejected'] },
    },
    {
      shows: 'a 500 "Server Internal Error" has its own phrase, not a stale one',
      call: { ringing: [90], response: [500, 'Server Internal Error', 300] },
      livekit: {},
      want: { blocking: ['media_negotiation_failed'], confidence: 'likely' },
    },
    {
      shows: 'a 500 that only the dial hook reports has no phrase, and its origin is unknown',
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

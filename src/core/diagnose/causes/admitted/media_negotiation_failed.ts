import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, observed, responseEvidence, ringingEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';

export const mediaNegotiationFailed = defineCause({
  id: 'media_negotiation_failed',
  title: 'the two sides have no codec or media setting in common',
  party: 'media',
  stage: 'media',
  runbook: {
    meaning:
      'LiveKit answers 400 with an empty phrase if the offer contains no codec it accepts, and 500 for other media errors. Jambonz shows them as "Bad Request" and "Server Internal Error". A 488 always means the same.',
    impact:
      'The call fails right after the first ringing, and so does every call with the same codecs or media encryption. Other carriers or devices may work.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the response and whether the call rang first. A 400 without ringing may also mean that LiveKit could not parse the INVITE.',
      'Open the call’s PCAP in the portal’s Recent Calls, and compare the codecs in the SDP offer with those LiveKit accepts. Search livekit-sip’s log for the SIP Call-ID.',
      'Does one side require media encryption that the other doesn’t offer? `lk sip inbound list` shows the trunk’s setting; the SBC offers SRTP only if the dial verb asks for it.',
    ],
    mitigation: [
      'Make Jambonz offer PCMU, PCMA or G722. LiveKit SIP never accepts Opus.',
      'Use the same media encryption on both sides: on the trunk, and in the dial verb.',
      'Verify that the next call of the same kind is answered.',
    ],
  },
  fix: 'Offer a codec that both sides accept (PCMU, PCMA or G722), and use the same media encryption on both sides.',
  confidence: {
    certain: 'The call rang and then got 400 "Bad Request", which is how Jambonz reports LiveKit’s empty 400.',
    likely: 'The response is a 488 or 606, which others may also send, or a 500 or phraseless 400 after ringing.',
    possible: 'The response is a 400 without ringing, which LiveKit also sends for an INVITE that it can’t parse.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    const evidence = [...responseEvidence(ending, progress), ...ringingEvidence(progress)];
    const fixes = [
      plainFix('Offer PCMU, PCMA or G722, and compare the media encryption of the dial verb with the trunk’s.'),
    ];
    if (isResponse(ending, 488) || isResponse(ending, 606)) return observed('likely', evidence, fixes);
    if (target.kind !== 'livekit' || ending.kind !== 'response' || ending.isStale) return undefined;
    const rang = progress.ringings > 0;
    // LiveKit's own 400 for an INVITE that it can't parse says "Bad request", and comes without ringing; an SBC older
    // than September 2025 may have replaced that phrase by the standard one.
    if (ending.status === 400 && [undefined, 'Bad Request'].includes(ending.reason)) {
      if (!rang) return observed('possible', evidence, fixes);
      return observed(ending.reason === undefined ? 'likely' : 'certain', evidence, fixes);
    }
    if (ending.status !== 500 || ![undefined, 'Server Internal Error'].includes(ending.reason)) return undefined;
    return rang ? observed('likely', evidence, fixes) : alternative(evidence, fixes);
  },
  examples: [
    {
      shows: 'a 400 "Bad Request" after ringing is LiveKit’s empty 400: no common codec',
      call: { ringing: [90], response: [400, 'Bad Request', 230] },
      livekit: {},
      want: { blocking: ['media_negotiation_failed'], confidence: 'certain' },
    },
    {
      shows: 'the Call-ID shows that the call rang even if the ringing webhook is lost',
      call: { ringing: [90], response: [400, 'Bad Request', 230], lost: 'ringing' },
      livekit: {},
      want: { blocking: ['media_negotiation_failed'], confidence: 'certain' },
    },
    {
      shows: 'a 400 "Bad Request" without ringing may be an old SBC’s phrase for an INVITE that LiveKit can’t parse',
      call: { response: [400, 'Bad Request', 230] },
      livekit: {},
      want: { blocking: ['media_negotiation_failed'], confidence: 'possible' },
    },
    {
      shows: 'a 400 that only the dial hook reports is only likely media',
      call: { ringing: [90], response: [400, 'Bad Request', 230], lost: 'final' },
      livekit: {},
      want: { blocking: ['media_negotiation_failed'], confidence: 'likely' },
    },
    {
      shows: 'a 500 after ringing is a media error in LiveKit',
      call: { ringing: [90], response: [500, 'Server Internal Error', 300] },
      livekit: {},
      want: { blocking: ['media_negotiation_failed'], confidence: 'likely' },
    },
    {
      shows: 'a 488 is a media problem, whatever the sender',
      call: { to: '+15550199', response: [488, 'Not Acceptable Here', 300] },
      livekit: {},
      want: { blocking: ['media_negotiation_failed'], confidence: 'likely' },
    },
    {
      shows: 'a 400 "Bad request" means that LiveKit can’t parse the INVITE, not a codec mismatch',
      call: { response: [400, 'Bad request', 230] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'a 400 with its own phrase is not LiveKit’s empty one',
      call: { ringing: [90], response: [400, 'Missing Contact', 230] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

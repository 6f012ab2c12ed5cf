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
      'LiveKit answers 400 with an empty phrase where the offer holds no codec that it takes, and 500 for other media errors; Jambonz shows them as "Bad Request" and "Server Internal Error". A 488 says the same by itself.',
    impact:
      'The call fails at once after the first ringing, and so does every call with the same codecs or media encryption. Other carriers or devices may work.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows the answer and whether it rang before it. A 400 without ringing may also be an INVITE that LiveKit could not read.',
      'Jambonz portal, Recent calls, the call, PCAP: compare the codecs of the SDP offer with what LiveKit takes. livekit-sip’s log has its own words, by the SIP Call-ID.',
      'Is media encryption required on one side and not offered by the other? `lk sip inbound list` shows the trunk’s; the SBC offers SRTP only where it is told to.',
    ],
    mitigation: [
      'Let Jambonz offer PCMU, PCMA, G722 or Opus.',
      'Set media encryption alike on both sides: on the trunk, and on the dial target or the SBC.',
      'It worked when the next call of the same kind is answered.',
    ],
  },
  fix: 'Offer a codec that both take (PCMU, PCMA, G722 or Opus), and the same media encryption on both sides.',
  confidence: {
    certain: 'The call rang and then came to the 400 that Jambonz makes of LiveKit’s empty one.',
    likely: 'A 488 or 606, which others say as well; or a 500 or a 400 without a phrase after ringing.',
    possible: 'A 400 without ringing before it, which LiveKit also says of an INVITE that it cannot read.',
  },
  needs: ['target', 'ending', 'progress'],
  match({ target, ending, progress }) {
    const evidence = [...responseEvidence(ending, progress), ...ringingEvidence(progress)];
    const fixes = [
      plainFix('Offer PCMU, PCMA, G722 or Opus, and compare media encryption of the dial target and of the trunk.'),
    ];
    if (isResponse(ending, 488) || isResponse(ending, 606)) return observed('likely', evidence, fixes);
    if (target.kind !== 'livekit' || ending.kind !== 'response' || ending.isStale) return undefined;
    const rang = progress.ringings > 0;
    // LiveKit's own 400 for an INVITE that it cannot parse says "Bad request", and comes without ringing; an SBC older
    // than September 2025 may have put the standard phrase on that one as well.
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
      shows: 'the Call-ID shows that it rang where the webhook of the ringing is lost',
      call: { ringing: [90], response: [400, 'Bad Request', 230], lost: 'ringing' },
      livekit: {},
      want: { blocking: ['media_negotiation_failed'], confidence: 'certain' },
    },
    {
      shows: 'a 400 "Bad Request" without ringing may be an old SBC’s phrase for an INVITE that LiveKit cannot parse',
      call: { response: [400, 'Bad Request', 230] },
      livekit: {},
      want: { blocking: ['media_negotiation_failed'], confidence: 'possible' },
    },
    {
      shows: 'a 400 of which only the dial hook tells may be either',
      call: { ringing: [90], response: [400, 'Bad Request', 230], lost: 'final' },
      livekit: {},
      want: { blocking: ['media_negotiation_failed'], confidence: 'likely' },
    },
    {
      shows: 'a 500 after ringing is a media error of LiveKit',
      call: { ringing: [90], response: [500, 'Server Internal Error', 300] },
      livekit: {},
      want: { blocking: ['media_negotiation_failed'], confidence: 'likely' },
    },
    {
      shows: 'a 488 is media, whoever says it',
      call: { to: '+15550199', response: [488, 'Not Acceptable Here', 300] },
      livekit: {},
      want: { blocking: ['media_negotiation_failed'], confidence: 'likely' },
    },
    {
      shows: 'a 400 "Bad request" is LiveKit’s word for an INVITE that it cannot parse, and no codec',
      call: { response: [400, 'Bad request', 230] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'a 400 with a phrase of its own is not LiveKit’s empty one',
      call: { ringing: [90], response: [400, 'Missing Contact', 230] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

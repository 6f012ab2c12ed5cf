import { plainFix } from '../../../fixes/fix.ts';
import { ownerName } from '../../../fixes/mediaFix.ts';
import type { MediaJudgement } from '../../../trunks/judge/judge.ts';
import { codecName, mediaOf } from '../../../trunks/media.ts';
import { defineCause } from '../../cause.ts';
import { alternative, observed, responseEvidence, ringingEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';
import type { Target } from '../../facts/facts.ts';
import { codecEvidence, isMediaAnswer } from '../../facts/mediaAnswers.ts';

export const mediaNegotiationFailed = defineCause({
  id: 'media_negotiation_failed',
  title: 'media could not be set up between the two sides',
  party: 'media',
  stage: 'media',
  runbook: {
    meaning:
      'LiveKit answers 400 with an empty phrase if the offer contains no codec it accepts or no SDP, and 500 for other media errors. Jambonz shows them as "Bad Request" and "Server Internal Error". A 488 always means the same. LiveKit SIP accepts PCMU, PCMA and G722, and AMR-WB where it is enabled. It does not have Opus. A 500 says nothing about codecs.',
    impact:
      'The call fails right after the first ringing, and so does every call with the same codecs or media encryption. Other carriers or devices may work.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the response and whether the call rang first. A 400 without ringing may also mean that LiveKit could not parse the INVITE.',
      'Open the call’s PCAP in the portal’s Recent Calls, and compare the codecs in the SDP offer with those LiveKit accepts. Search livekit-sip’s log for the SIP Call-ID: "no-common-codec", "no-common-crypto", "sdp-error", or for a 500 "media-failed".',
      'Does one side require media encryption that the other doesn’t offer? `lk sip inbound list` shows the trunk’s setting; the SBC offers SRTP only if the dial verb asks for it.',
    ],
    mitigation: [
      'After a 500, follow what livekit-sip’s log says: "media-failed" may be its rtp_port range, its free UDP ports, or the address for its SDP (use_external_ip, nat_1_to_1_ip).',
      'After a 400 or 488, make Jambonz offer PCMU, PCMA or G722. Where only Opus is offered, take Opus out, or put G.711 (PCMU, PCMA) beside it.',
      'Use the same media encryption on both sides: on the trunk, and in the dial verb.',
      'Verify that the next call of the same kind is answered.',
    ],
  },
  fix: 'Offer a codec that both sides accept: PCMU, PCMA or G722. Take Opus out of the offer, or put G.711 (PCMU, PCMA) beside it. After a 500 of LiveKit, search livekit-sip’s log for the media error.',
  confidence: {
    certain:
      'The call rang and then got 400 "Bad Request", which is how Jambonz reports LiveKit’s empty 400; and neither trunk nor rule requires SRTP.',
    likely:
      'The response is a 488 or 606, which others may also send, or a 500 or phraseless 400 after ringing; or LiveKit’s configuration is unknown.',
    possible: 'The response is a 400 without ringing, which LiveKit also sends for an INVITE that it can’t parse.',
  },
  needs: ['target', 'media', 'ending', 'progress', 'deployment'],
  match({ target, media, ending, progress, deployment }) {
    const evidence = [
      ...responseEvidence(ending, progress),
      ...ringingEvidence(progress),
      ...(media ? codecEvidence(media) : []),
    ];
    const fixes = [plainFix(fixFor(target, media))];
    if (isResponse(ending, 488) || isResponse(ending, 606)) return observed('likely', evidence, fixes);
    if (target.kind !== 'livekit' || ending.kind !== 'response' || ending.isStale) return undefined;
    const rang = progress.ringings > 0;
    // Without a codec, LiveKit never gets as far as the offer.
    if (rang && media?.codecs.verdict === 'fail' && ending.status === media.codecs.none?.status) return undefined;
    // LiveKit's own 400 for an INVITE that it can't parse comes without ringing; an SBC older than September 2025 may
    // have replaced its phrase by the standard one.
    if (isMediaAnswer(ending, 400)) {
      if (media && media.encryption.verdict !== 'pass') return alternative(evidence, fixes);
      if (!rang) return observed('possible', evidence, fixes);
      return observed(ending.reason === undefined ? 'likely' : 'certain', evidence, fixes);
    }
    if (!isMediaAnswer(ending, 500)) return undefined;
    if (rang && media?.codecs.verdict === 'unknown') return undefined;
    const errorFixes = [plainFix(FIND_ERROR[deployment?.kind ?? 'unknown'])];
    return rang ? observed('likely', evidence, errorFixes) : alternative(evidence, errorFixes);
  },
  examples: [
    {
      shows: 'a 400 "Bad Request" after ringing is LiveKit’s empty 400: no common codec',
      call: { ringing: [90], response: [400, 'Bad Request', 230] },
      livekit: {},
      want: { blocking: ['media_negotiation_failed'], confidence: 'certain' },
    },
    {
      shows: 'without LiveKit’s configuration, the trunk may require SRTP',
      call: { ringing: [90], response: [400, 'Bad Request', 230] },
      want: {
        blocking: ['media_negotiation_failed'],
        confidence: 'likely',
        alternatives: ['media_encryption_mismatch'],
      },
    },
    {
      shows: 'where a trunk takes only one codec, the offer may lack it',
      call: { ringing: [90], response: [400, 'Bad Request', 230] },
      livekit: { trunks: [{ media: { only_listed_codecs: true, codecs: [{ name: 'G722' }] } }] },
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
      shows: 'a 500 after ringing is a media error in LiveKit, but no missing codec',
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

const IN_LOG =
  'Search livekit-sip’s log for the SIP Call-ID: it names the media error. A missing common codec would be a 400, so check its rtp_port range, its free UDP ports, and the address in its SDP.';
const FIND_ERROR = {
  cloud:
    'Give LiveKit the SIP Call-ID and time of the call: its log names the media error. A missing common codec would be a 400.',
  self_hosted: IN_LOG,
  unknown: IN_LOG,
};

function fixFor(target: Target, media: MediaJudgement | undefined): string {
  if (target.kind !== 'livekit') {
    return 'Offer a codec that the far end accepts, at least PCMU or PCMA, and compare the media encryption of both sides.';
  }
  const { owner } = media?.codecs ?? {};
  const settings = owner && mediaOf(owner.kind === 'trunk' ? owner.trunk : owner.rule);
  if (owner && settings?.onlyListedCodecs) {
    return `${ownerName(owner)} accepts only ${settings.codecs.map(codecName).join(', ')}: offer that, or take only_listed_codecs off, so that PCMU, PCMA and G722 are accepted.`;
  }
  return 'Make Jambonz offer PCMU, PCMA or G722 (or AMR-WB, where LiveKit has it enabled). If the offer has only Opus, take Opus out or put G.711 (PCMU, PCMA) beside it.';
}

import { plainFix } from '../../fixes/fix.ts';
import { defineCause } from '../cause.ts';
import { alternative, observed, responseEvidence, ringingEvidence } from '../claims.ts';
import { isResponse } from '../ending.ts';

export const mediaNegotiationFailed = defineCause({
  id: 'media_negotiation_failed',
  title: 'the two sides have no codec or media setting in common',
  party: 'media',
  stage: 'media',
  meaning:
    'LiveKit answers 400 with an empty phrase where the offer holds no codec that it takes, and 500 for other media ' +
    'errors; Jambonz shows them as "Bad Request" and "Server Internal Error". A 488 says the same by itself.',
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
});

import { usableCodecs } from '../../../fixes/mediaFix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, latent, observed, responseEvidence, ringingEvidence } from '../../claims.ts';
import { codecEvidence, isMediaAnswer } from '../../facts/mediaAnswers.ts';

export const trunkAllowsNoCodec = defineCause({
  id: 'trunk_allows_no_codec',
  title: 'the codec list of the trunk or rule lets no call through',
  party: 'livekit_config',
  stage: 'media',
  runbook: {
    meaning:
      'LiveKit takes its codecs from the media settings of the rule or of the trunk. If only_listed_codecs is set with an empty list, or a listed codec has neither a rate nor one of LiveKit’s own names, LiveKit rings once and answers 500 with an empty phrase. If it has none of the listed codecs, it answers 400. The tool lk with --no-default-codecs or --codecs makes such lists.',
    impact: 'Every call to the trunk fails right after the first ringing, whatever it offers.',
    diagnosis: [
      '`sipwhy explain CALL_SID` names the trunk or rule and its list. `sipwhy audit` finds such lists before a call fails.',
      '`sipwhy history` shows when the list was changed.',
      'In livekit-sip’s log, look for "Cannot create media config", or "no-common-codec".',
    ],
    mitigation: [
      'Take only_listed_codecs off, so that LiveKit’s own codecs (PCMU, PCMA, G722) count again. Or list them: `lk sip inbound update --id ST_… --codecs PCMU --codecs PCMA --codecs G722`.',
      'Never list Opus: LiveKit SIP does not have it.',
      'Verify that `sipwhy audit` no longer lists the trunk, and that the next call is answered.',
    ],
  },
  fix: 'Take only_listed_codecs off the trunk or rule, or list PCMU, PCMA and G722.',
  confidence: {
    certain: 'The call rang and then got the response that this list causes, and the trunk matched.',
    likely: 'The same, but it is not known that this trunk matched, or releases of LiveKit differ in what they do.',
  },
  needs: ['target', 'stage', 'match', 'media', 'ending', 'progress'],
  match({ target, stage, match, media, ending, progress }) {
    if (target.kind !== 'livekit') return undefined;
    const rang = progress.ringings > 0;
    const evidence = [...responseEvidence(ending, progress), ...ringingEvidence(progress)];
    if (!media) return isMediaAnswer(ending, 500) && rang ? alternative(evidence) : undefined;
    const { verdict, none, owner } = media.codecs;
    if (!none || !owner) return undefined;
    const shown = codecEvidence(media);
    const fixes = [usableCodecs(owner)];
    if (rang && isMediaAnswer(ending, none.status)) {
      const isSure =
        verdict === 'fail' && match?.choice.kind === 'matched' && ending.kind === 'response' && ending.reason;
      return observed(isSure ? 'certain' : 'likely', [...evidence, ...shown], fixes);
    }
    if (stage === 'admitted') return undefined;
    if (ending.kind !== 'not_made' || verdict === 'unknown') {
      return latent(verdict === 'fail' ? 'likely' : 'possible', shown, fixes);
    }
    return { standing: 'blocking', basis: 'configured', confidence: 'likely', evidence: shown, fixes };
  },
  examples: [
    {
      shows: 'a 500 after ringing from a trunk that takes only listed codecs and lists none',
      call: { ringing: [90], response: [500, 'Server Internal Error', 230] },
      livekit: { trunks: [{ media: { only_listed_codecs: true, codecs: [] } }] },
      want: { blocking: ['trunk_allows_no_codec'], confidence: 'certain' },
    },
    {
      shows: 'a codec without a rate that LiveKit has no rate for spoils every call',
      call: { ringing: [90], response: [500, 'Server Internal Error', 230] },
      livekit: { trunks: [{ media: { codecs: [{ name: 'opus' }] } }] },
      want: { blocking: ['trunk_allows_no_codec'], confidence: 'certain' },
    },
    {
      shows: 'a 400 after ringing where only codecs are listed that LiveKit does not have',
      call: { ringing: [90], response: [400, 'Bad Request', 230] },
      livekit: { trunks: [{ media: { only_listed_codecs: true, codecs: [{ name: 'opus', rate: 48000 }] } }] },
      want: { blocking: ['trunk_allows_no_codec'], confidence: 'certain' },
    },
    {
      shows: 'the list of the rule replaces the trunk’s',
      call: { ringing: [90], response: [400, 'Bad Request', 230] },
      livekit: {
        trunks: [{ media: { only_listed_codecs: true, codecs: [{ name: 'PCMU' }] } }],
        rules: [{ media: { only_listed_codecs: true, codecs: [{ name: 'opus', rate: 48000 }] } }],
      },
      want: { blocking: ['trunk_allows_no_codec'], confidence: 'certain' },
    },
    {
      shows: 'an empty list of the rule stops calls only in some releases of LiveKit',
      call: { ringing: [90], response: [500, 'Server Internal Error', 230] },
      livekit: { rules: [{ media: { only_listed_codecs: true } }] },
      want: { blocking: ['trunk_allows_no_codec'], confidence: 'likely' },
    },
    {
      shows: 'a list with a codec that LiveKit has lets calls through, so a 500 is another media error',
      call: { ringing: [90], response: [500, 'Server Internal Error', 230] },
      livekit: {
        trunks: [{ media: { only_listed_codecs: true, codecs: [{ name: 'PCMU' }, { name: 'opus', rate: 48000 }] } }],
      },
      want: { blocking: ['media_negotiation_failed'], confidence: 'likely' },
    },
    {
      shows: 'it would stop a refused call next',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ media: { only_listed_codecs: true }, allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain', latent: ['trunk_allows_no_codec'] },
    },
    {
      shows: 'a 500 of a carrier has nothing to do with LiveKit’s trunk',
      call: { to: '+15550199', ringing: [90], response: [500, 'Server Internal Error', 230] },
      livekit: { trunks: [{ media: { only_listed_codecs: true } }] },
      want: { blocking: ['carrier_rejected'], confidence: 'likely' },
    },
    {
      shows: 'a call that kept ringing has a codec, whatever the list says',
      call: { ringing: 'every second', response: [486, 'Rejected', 20_100] },
      livekit: { trunks: [{ media: { only_listed_codecs: true }, ringing_timeout: '20s' }] },
      want: { blocking: ['agent_not_joined'], confidence: 'likely', alternatives: ['livekit_room_closed'] },
    },
    {
      shows: 'a 500 without ringing may come from the SBC',
      call: { response: [500, 'Server Internal Error', 20] },
      livekit: { trunks: [{ media: { only_listed_codecs: true } }] },
      want: {
        blocking: ['transport_unreachable'],
        confidence: 'possible',
        latent: ['trunk_allows_no_codec'],
        alternatives: ['media_negotiation_failed'],
      },
    },
  ],
});

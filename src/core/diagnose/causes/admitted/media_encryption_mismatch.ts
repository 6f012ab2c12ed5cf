import { dialFix, type Fix } from '../../../fixes/fix.ts';
import { allowPlainRtp } from '../../../fixes/mediaFix.ts';
import type { MediaJudgement } from '../../../trunks/judge/judge.ts';
import { defineCause } from '../../cause.ts';
import { alternative, latent, observed, responseEvidence, ringingEvidence } from '../../claims.ts';
import { formOf } from '../../facts/facts.ts';
import { encryptionEvidence, isMediaAnswer } from '../../facts/mediaAnswers.ts';

const REQUIRE = 'SIP_MEDIA_ENCRYPT_REQUIRE';

export const mediaEncryptionMismatch = defineCause({
  id: 'media_encryption_mismatch',
  title: 'LiveKit requires SRTP, but the call offers none',
  party: 'application',
  stage: 'media',
  runbook: {
    meaning:
      'The trunk or the dispatch rule requires SRTP, so LiveKit rings once and then answers 400 with an empty phrase to an offer without it. Jambonz shows "Bad Request". Jambonz offers SRTP to a SIP URI only if the dial verb has srtpEncryption; transport=tls or sips: alone encrypt the signalling, not the media.',
    impact:
      'Every call of this application to this trunk fails right after the first ringing. The caller’s leg is already answered, so the caller hears whatever the application plays next.',
    diagnosis: [
      '`sipwhy explain CALL_SID` names the trunk or rule whose encryption is REQUIRE. The setting is `media.encryption`; on older releases it is `media_encryption`.',
      'Print the dial verb that the application sends. Without `"srtpEncryption": "sdes"` the SBC offers plain RTP. `sipwhy check --dial verb.json` reads the verb.',
      'If the verb has srtpEncryption, is Jambonz older than 0.9.8? Older releases ignore it. Otherwise compare the codecs: see media_negotiation_failed.',
    ],
    mitigation: [
      'Add `"srtpEncryption": "sdes"` to the dial verb (Jambonz 0.9.8 or later), and deploy the application.',
      'If you can’t change the application tonight, set the encryption to ALLOW on the trunk and on the rule: `lk sip inbound update --id ST_… --media-enc allow`, `lk sip dispatch update --id SDR_… --media-enc allow`. Media is then unencrypted until the application offers SRTP.',
      'Verify that the next call is answered: `sipwhy explain` reports it as connected.',
    ],
  },
  fix: 'Add srtpEncryption: sdes to the dial verb (Jambonz 0.9.8 or later), or set the encryption to ALLOW on trunk and rule.',
  confidence: {
    likely:
      'The call rang and then got LiveKit’s empty 400, and its trunk or rule requires SRTP. No webhook says whether the call offered it.',
    possible:
      'The same without ringing, when LiveKit may have been unable to parse the INVITE; or releases of LiveKit differ in whether these settings require SRTP.',
  },
  needs: ['target', 'stage', 'media', 'ending', 'progress'],
  match({ target, stage, media, ending, progress }) {
    if (target.kind !== 'livekit') return undefined;
    const evidence = [...responseEvidence(ending, progress), ...ringingEvidence(progress)];
    const isRefused = isMediaAnswer(ending, 400);
    const rang = progress.ringings > 0;
    if (!media) return isRefused && rang ? alternative(evidence) : undefined;
    const { verdict, required } = media.encryption;
    if (verdict === 'pass') return undefined;
    const shown = encryptionEvidence(media, formOf(target));
    const fixes = fixesFor(media, formOf(target));
    if (isRefused) {
      return observed(rang && required === 'yes' ? 'likely' : 'possible', [...evidence, ...shown], fixes);
    }
    // LiveKit negotiates media before it rings a second time.
    if (stage === 'admitted') return undefined;
    if (ending.kind !== 'not_made' || verdict === 'unknown') {
      return latent(verdict === 'fail' ? 'likely' : 'possible', shown, fixes);
    }
    return { standing: 'blocking', basis: 'configured', confidence: 'likely', evidence: shown, fixes };
  },
  examples: [
    {
      shows: 'a 400 after ringing from a trunk that requires SRTP',
      call: { ringing: [90], response: [400, 'Bad Request', 230] },
      livekit: { trunks: [{ media: { encryption: REQUIRE } }] },
      want: {
        blocking: ['media_encryption_mismatch'],
        confidence: 'likely',
        alternatives: ['media_negotiation_failed'],
      },
    },
    {
      shows: 'the dispatch rule may be the one that requires it, in the older field',
      call: { ringing: [90], response: [400, 'Bad Request', 230] },
      livekit: { rules: [{ media_encryption: REQUIRE }] },
      want: {
        blocking: ['media_encryption_mismatch'],
        confidence: 'likely',
        alternatives: ['media_negotiation_failed'],
      },
    },
    {
      shows: 'TLS for the signalling does not make Jambonz offer SRTP',
      call: {
        to: 'sip:+15550100@lab.sip.livekit.cloud;transport=tls',
        ringing: [90],
        response: [400, 'Bad Request', 230],
      },
      livekit: { trunks: [{ media: { encryption: REQUIRE } }] },
      want: {
        blocking: ['media_encryption_mismatch'],
        confidence: 'likely',
        alternatives: ['media_negotiation_failed'],
      },
    },
    {
      shows: 'a rule that allows plain RTP replaces the trunk’s REQUIRE in current releases only',
      call: { ringing: [90], response: [400, 'Bad Request', 230] },
      livekit: {
        trunks: [{ media: { encryption: REQUIRE } }],
        rules: [{ media: { encryption: 'SIP_MEDIA_ENCRYPT_ALLOW' } }],
      },
      want: {
        blocking: ['media_encryption_mismatch'],
        confidence: 'possible',
        alternatives: ['media_negotiation_failed'],
      },
    },
    {
      shows: 'a 400 without ringing may also be an INVITE that LiveKit can’t parse',
      call: { response: [400, 'Bad Request', 230] },
      livekit: { trunks: [{ media: { encryption: REQUIRE } }] },
      want: {
        blocking: ['media_encryption_mismatch'],
        confidence: 'possible',
        alternatives: ['media_negotiation_failed'],
      },
    },
    {
      shows: 'where SRTP is allowed and not required, a 400 is about codecs',
      call: { ringing: [90], response: [400, 'Bad Request', 230] },
      livekit: { trunks: [{ media: { encryption: 'SIP_MEDIA_ENCRYPT_ALLOW' } }] },
      want: { blocking: ['media_negotiation_failed'], confidence: 'certain' },
    },
    {
      shows: 'a trunk that requires SRTP may stop a refused call next',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ media: { encryption: REQUIRE }, allowed_numbers: ['+15550142'] }] },
      want: {
        blocking: ['caller_not_allowed'],
        confidence: 'certain',
        latent: ['media_encryption_mismatch'],
      },
    },
    {
      shows: 'a 400 of a carrier has nothing to do with LiveKit’s trunk',
      call: { to: '+15550199', ringing: [90], response: [400, 'Bad Request', 230] },
      livekit: { trunks: [{ media: { encryption: REQUIRE } }] },
      want: { blocking: ['carrier_rejected'], confidence: 'likely' },
    },
    {
      shows: 'a call that kept ringing has passed the media',
      call: { ringing: 'every second', response: [486, 'Rejected', 20_100] },
      livekit: { trunks: [{ media: { encryption: REQUIRE }, ringing_timeout: '20s' }] },
      want: { blocking: ['agent_not_joined'], confidence: 'likely', alternatives: ['livekit_room_closed'] },
    },
  ],
});

function fixesFor({ encryption }: MediaJudgement, form: ReturnType<typeof formOf>): Fix[] {
  const owners = encryption.by.map(({ owner }) => owner);
  return [
    dialFix(
      { srtp: true },
      form === 'createCall'
        ? 'Send the header X-Jambonz-SRTP: sdes in to.headers: createCall has no srtpEncryption (Jambonz 0.9.8 or later).'
        : 'Add "srtpEncryption": "sdes" to the dial verb (Jambonz 0.9.8 or later).',
    ),
    allowPlainRtp(owners),
  ];
}

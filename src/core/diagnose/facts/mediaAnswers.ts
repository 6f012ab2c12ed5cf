import { NO_CODEC_WORDS, ownerName } from '../../fixes/mediaFix.ts';
import type { MediaJudgement } from '../../trunks/judge/judge.ts';
import { codecName, mediaOf } from '../../trunks/media.ts';
import type { Evidence } from '../cause.ts';
import type { Ending } from './ending.ts';
import type { formOf } from './facts.ts';

/**
 * LiveKit's answer to a call whose media it refuses: 400 or 500 with an empty phrase, which the SBC replaces by the
 * standard one. Its own 400 for an INVITE that it can't parse says "Bad request", with a small r.
 */
export function isMediaAnswer(ending: Ending, status: 400 | 500): boolean {
  if (ending.kind !== 'response' || ending.status !== status || ending.isStale) return false;
  return ending.reason === undefined || ending.reason === STANDARD[status];
}

const STANDARD = { 400: 'Bad Request', 500: 'Server Internal Error' };

/** The settings that require SRTP, and what is known of the call's offer, as evidence. */
export function encryptionEvidence({ encryption }: MediaJudgement, form: ReturnType<typeof formOf>): Evidence[] {
  const { by, required, offered } = encryption;
  const weaker = required === 'perhaps' ? ', which a weaker setting replaces in current releases of LiveKit' : '';
  const settings = by.map(
    ({ owner, field }): Evidence => ({
      name: `${field} of ${ownerName(owner)}`,
      value: `SIP_MEDIA_ENCRYPT_REQUIRE${weaker}`,
      source: 'match',
    }),
  );
  const what = form === 'createCall' ? 'the header X-Jambonz-SRTP in to.headers' : 'srtpEncryption';
  const value =
    offered === undefined
      ? `unknown; Jambonz offers it to a SIP URI only if ${form} has ${what} (transport=tls or sips: alone don’t do it)`
      : offered
        ? 'offered'
        : `not offered: ${form} has no ${what.replace('the header ', '')}`;
  return [...settings, { name: 'SRTP', value, source: 'jambonz' }];
}

/** The list of codecs that decides for the call, as evidence; none if neither trunk nor rule lists codecs. */
export function codecEvidence({ codecs }: MediaJudgement): Evidence[] {
  const { owner, none, verdict } = codecs;
  if (!owner) return [];
  const { codecs: listed, onlyListedCodecs } = mediaOf(owner.kind === 'trunk' ? owner.trunk : owner.rule);
  const list = `${onlyListedCodecs ? 'only ' : ''}[${listed.map(codecName).join(', ')}]`;
  const unsure = verdict === 'unknown' ? '. Current releases of LiveKit then take the trunk’s codecs' : '';
  const why = none ? `: ${NO_CODEC_WORDS[none.why]}${unsure}` : '';
  return [{ name: `media.codecs of ${ownerName(owner)}`, value: `${list}${why}`, source: 'match' }];
}

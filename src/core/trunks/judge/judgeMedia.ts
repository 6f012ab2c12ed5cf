import type { Verdict } from '../admission.ts';
import {
  type Encryption,
  effectiveEncryption,
  type MediaSettings,
  mediaOf,
  type NoCodec,
  noCodec,
  requiringField,
} from '../media.ts';
import type { DispatchRule, InboundTrunk } from '../snapshot.ts';

/** Whose setting it is. */
export type MediaOwner =
  | { readonly kind: 'trunk'; readonly trunk: InboundTrunk }
  | { readonly kind: 'rule'; readonly rule: DispatchRule };

export interface EncryptionJudgement {
  /** `unknown`: releases of LiveKit differ, or it is required and nobody knows whether the call offers SRTP. */
  readonly verdict: Verdict;
  /** `perhaps`: releases of LiveKit differ. */
  readonly required: 'yes' | 'no' | 'perhaps';
  /** Whether the call offers SRTP; `undefined` if it is not known. */
  readonly offered: boolean | undefined;
  /** The settings that require it. */
  readonly by: readonly EncryptionSetting[];
}

interface EncryptionSetting {
  readonly owner: MediaOwner;
  readonly field: 'media.encryption' | 'media_encryption';
}

export interface CodecJudgement {
  /** `unknown`: releases of LiveKit differ. */
  readonly verdict: Verdict;
  /** Why no call passes; `undefined` if some do. */
  readonly none: NoCodec | undefined;
  /** Whose list it is; `undefined` if neither lists codecs. */
  readonly owner: MediaOwner | undefined;
}

/** Whether the media settings of a trunk and of a rule let a call through, as far as that can be known beforehand. */
export interface MediaJudgement {
  readonly verdict: Verdict;
  readonly encryption: EncryptionJudgement;
  readonly codecs: CodecJudgement;
  /** The media timeout that is set for the call, if any. */
  readonly timeoutSeconds: number | undefined;
}

const REQUIRE: Encryption = 'SIP_MEDIA_ENCRYPT_REQUIRE';

/** `trunk` is `undefined` if none matched and a wildcard rule admits the call; `rule` if none takes it. */
export function judgeMedia(
  trunk: InboundTrunk | undefined,
  rule: DispatchRule | undefined,
  offersSrtp: boolean | undefined,
): MediaJudgement {
  const ofTrunk = trunk && { owner: { kind: 'trunk', trunk } as const, settings: mediaOf(trunk) };
  const ofRule = rule && { owner: { kind: 'rule', rule } as const, settings: mediaOf(rule) };
  const encryption = judgeEncryption(ofTrunk, ofRule, offersSrtp);
  const codecs = judgeCodecs(ofTrunk, ofRule);
  const verdicts = [encryption.verdict, codecs.verdict];
  return {
    verdict: verdicts.includes('fail') ? 'fail' : verdicts.includes('unknown') ? 'unknown' : 'pass',
    encryption,
    codecs,
    timeoutSeconds: ofRule?.settings.timeoutSeconds ?? ofTrunk?.settings.timeoutSeconds,
  };
}

interface Owned {
  readonly owner: MediaOwner;
  readonly settings: MediaSettings;
}

function judgeEncryption(
  trunk: Owned | undefined,
  rule: Owned | undefined,
  offered: boolean | undefined,
): EncryptionJudgement {
  const by = [trunk, rule].flatMap((owned): EncryptionSetting[] => {
    if (!owned) return [];
    const field = requiringField(owned.settings);
    return field ? [{ owner: owned.owner, field }] : [];
  });
  const isRequired = effectiveEncryption(trunk?.settings, rule?.settings) === REQUIRE;
  // A weaker value of the rule, or of the newer field, replaces REQUIRE in current releases, but not in all.
  const required = isRequired ? 'yes' : by.length > 0 ? 'perhaps' : 'no';
  const verdict = required === 'no' || offered ? 'pass' : required === 'yes' && offered === false ? 'fail' : 'unknown';
  return { verdict, required, offered, by };
}

// The rule's codecs replace the trunk's. Of a rule that lists none, current releases take nothing where a trunk matched;
// those of May and June 2026 took only the rule's settings.
function judgeCodecs(trunk: Owned | undefined, rule: Owned | undefined): CodecJudgement {
  const deciding = rule && (rule.settings.codecs.length > 0 || !trunk) ? rule : trunk;
  const none = deciding && noCodec(deciding.settings);
  if (none) return { verdict: 'fail', none, owner: deciding.owner };
  const ofOlder = rule && noCodec(rule.settings);
  if (ofOlder) return { verdict: 'unknown', none: ofOlder, owner: rule.owner };
  return { verdict: 'pass', none: undefined, owner: deciding?.settings.codecs.length ? deciding.owner : undefined };
}

import type { DispatchRule, InboundTrunk } from './snapshot.ts';

/** In the order of their numbers. */
export const ENCRYPTIONS = [
  'SIP_MEDIA_ENCRYPT_DISABLE',
  'SIP_MEDIA_ENCRYPT_ALLOW',
  'SIP_MEDIA_ENCRYPT_REQUIRE',
] as const;
/** LiveKit's own names. */
export type Encryption = (typeof ENCRYPTIONS)[number];

/** One of a list of codecs; a rate of 0 is LiveKit's default for the name. */
export interface Codec {
  readonly name: string;
  readonly rate: number;
}

/** How a trunk or a dispatch rule sets the media of its calls. */
export interface MediaSettings {
  /** `media.encryption`; `undefined` if it isn't set. */
  readonly encryption: Encryption | undefined;
  /** `media_encryption`, the older field. DISABLE is the same as unset. */
  readonly olderEncryption: Encryption;
  /** Whether only the listed codecs count. Otherwise they are added to LiveKit's defaults. */
  readonly onlyListedCodecs: boolean;
  readonly codecs: readonly Codec[];
  /** How long LiveKit waits for audio; `undefined` for its default. */
  readonly timeoutSeconds: number | undefined;
}

/** Reads the media settings from the fields that are kept as LiveKit gives them. What has no known form counts as unset. */
export function mediaOf({ rest }: Pick<InboundTrunk | DispatchRule, 'rest'>): MediaSettings {
  const media = objectOf(rest.media);
  const codecs = Array.isArray(media.codecs) ? media.codecs : [];
  return {
    encryption: encryptionOf(media.encryption),
    olderEncryption: encryptionOf(rest.media_encryption) ?? 'SIP_MEDIA_ENCRYPT_DISABLE',
    onlyListedCodecs: media.only_listed_codecs === true,
    codecs: codecs.map(objectOf).map(({ name, rate }) => ({
      name: typeof name === 'string' ? name : '',
      rate: Number(rate) || 0,
    })),
    timeoutSeconds: readDuration(media.media_timeout),
  };
}

/** Protobuf's JSON gives the name of an enum's value, or its number. */
function encryptionOf(value: unknown): Encryption | undefined {
  return typeof value === 'number' ? ENCRYPTIONS[value] : ENCRYPTIONS.find((name) => name === value);
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  // The cast: any object has unknown values under names.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Protobuf's JSON writes a duration as "20s"; lk and older dumps write {"seconds": 20}. Zero means unset. */
export function readDuration(value: unknown): number | undefined {
  const seconds = typeof value === 'string' ? Number.parseFloat(value) : Number(objectOf(value).seconds);
  return seconds > 0 ? seconds : undefined;
}

/**
 * The encryption that counts for a call. Current releases let the rule replace the trunk's unless it says DISABLE, and
 * read the older field only if the newer one is unset.
 * Source: github.com/livekit/protocol v1.54.0, `SIPMediaConfig.UpgradeWith` and `SIPMediaEncryption.MergeValue`.
 */
export function effectiveEncryption(trunk: MediaSettings | undefined, rule: MediaSettings | undefined): Encryption {
  const ofRule = rule && ownEncryption(rule);
  const ofTrunk = trunk && ownEncryption(trunk);
  if (ofRule !== undefined && ofRule !== 'SIP_MEDIA_ENCRYPT_DISABLE') return ofRule;
  return ofTrunk ?? 'SIP_MEDIA_ENCRYPT_DISABLE';
}

function ownEncryption({ encryption, olderEncryption }: MediaSettings): Encryption | undefined {
  if (encryption !== undefined) return encryption;
  return olderEncryption === 'SIP_MEDIA_ENCRYPT_DISABLE' ? undefined : olderEncryption;
}

/** The field that requires SRTP; `undefined` if neither does. */
export function requiringField({
  encryption,
  olderEncryption,
}: MediaSettings): 'media.encryption' | 'media_encryption' | undefined {
  if (encryption === 'SIP_MEDIA_ENCRYPT_REQUIRE') return 'media.encryption';
  return olderEncryption === 'SIP_MEDIA_ENCRYPT_REQUIRE' ? 'media_encryption' : undefined;
}

/** LiveKit SIP's codecs for audio, as it compares them. AMR-WB counts where it is listed. It has no Opus. */
const AUDIO: ReadonlySet<string> = new Set(['pcmu/8000', 'pcma/8000', 'g722/8000', 'amr-wb/16000']);
/** The rate of a codec that is listed without one. The names are compared with their case. */
const DEFAULT_RATES = new Map([
  ['PCMU', 8000],
  ['PCMA', 8000],
  ['G722', 8000],
  ['AMR-WB', 16000],
]);

/**
 * Why a list of codecs lets no call through; `undefined` if some call passes. For `empty` and `unusable`, LiveKit
 * can't make its own codecs and answers 500; with `none_known` no offer has a codec in common, and it answers 400.
 * Source: github.com/livekit/sip, `codecSet` in pkg/sip/media_codecs.go.
 */
export type NoCodec = { readonly why: 'empty' | 'unusable' | 'none_known'; readonly status: 400 | 500 };

export function noCodec({ onlyListedCodecs, codecs }: MediaSettings): NoCodec | undefined {
  if (onlyListedCodecs && codecs.length === 0) return { why: 'empty', status: 500 };
  if (codecs.some(({ name, rate }) => name === '' || (rate === 0 && !DEFAULT_RATES.has(name)))) {
    return { why: 'unusable', status: 500 };
  }
  return onlyListedCodecs && !codecs.some(isAudio) ? { why: 'none_known', status: 400 } : undefined;
}

/** Whether LiveKit SIP has the codec, written as here, for audio. */
export function isAudio({ name, rate }: Codec): boolean {
  return AUDIO.has(`${name}/${rate === 0 ? DEFAULT_RATES.get(name) : rate}`.toLowerCase());
}

export function codecName({ name, rate }: Codec): string {
  return rate === 0 ? name || '(no name)' : `${name}/${rate}`;
}

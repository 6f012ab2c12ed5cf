import type { Random } from '../oracle/random.ts';
import type { Rule, Trunk } from './generatedLivekit.ts';

// LiveKit's media settings and its answer to an offer, as they are described: nothing here comes from the code under
// test.

const NONE = 'SIP_MEDIA_ENCRYPT_DISABLE';
const ALLOW = 'SIP_MEDIA_ENCRYPT_ALLOW';
const REQUIRE = 'SIP_MEDIA_ENCRYPT_REQUIRE';

interface Codec {
  readonly name: string;
  readonly rate?: number;
}

export interface Media {
  only_listed_codecs?: boolean;
  codecs?: readonly Codec[];
  encryption?: string;
  media_timeout?: string;
}

/** What both a trunk and a rule may set. */
export interface HasMedia {
  media?: Media;
  media_encryption?: string;
}

interface Offer {
  readonly srtp: boolean;
  readonly codecs: readonly string[];
}

/** LiveKit's answer: 200 where it takes the offer. */
function answerTo(trunk: HasMedia | undefined, rule: HasMedia, offer: Offer): number {
  const ofRule = rule.media ?? {};
  const ofTrunk = trunk?.media ?? {};
  const list = !trunk || (ofRule.codecs ?? []).length > 0 ? ofRule : ofTrunk;
  const listed = list.codecs ?? [];
  if (list.only_listed_codecs && listed.length === 0) return 500;
  const rates = new Map(Object.entries({ PCMU: 8000, PCMA: 8000, G722: 8000, 'AMR-WB': 16000 }));
  const accepted = new Set(list.only_listed_codecs ? [] : ['pcmu/8000', 'pcma/8000', 'g722/8000']);
  for (const { name, rate } of listed) {
    const given = rate ?? rates.get(name);
    if (given === undefined) return 500;
    accepted.add(`${name}/${given}`.toLowerCase());
  }
  const has = ['pcmu/8000', 'pcma/8000', 'g722/8000', 'amr-wb/16000'];
  if (!offer.codecs.some((codec) => has.includes(codec) && accepted.has(codec))) return 400;
  const wanted = [rule, trunk ?? {}].map(({ media, media_encryption = NONE }) => media?.encryption ?? media_encryption);
  const encryption = wanted.find((one) => one !== NONE);
  return encryption === REQUIRE && !offer.srtp ? 400 : 200;
}

const PLAIN: Offer = { srtp: false, codecs: ['pcmu/8000', 'pcma/8000', 'telephone-event/8000'] };
const OPUS: Offer = { srtp: false, codecs: ['opus/48000'] };

/** Settings that let an ordinary call through. */
export function harmlessMedia(random: Random): HasMedia {
  return random.pick<HasMedia>([
    {},
    { media_encryption: NONE, media: { only_listed_codecs: false, codecs: [] } },
    { media: { encryption: NONE } },
    { media: { encryption: ALLOW, media_timeout: '10s' } },
    { media_encryption: ALLOW },
    { media: { only_listed_codecs: true, codecs: [{ name: 'PCMA' }, { name: 'PCMU', rate: 8000 }] } },
    { media: { codecs: [{ name: 'opus', rate: 48_000 }] } },
  ]);
}

/** Settings that stop every call without SRTP, or every call at all. */
export function harmfulMedia(random: Random): HasMedia {
  return random.chance(0.5) ? requiring(random) : { media: random.pick(UNUSABLE) };
}

function requiring(random: Random): HasMedia {
  return random.pick<HasMedia>([
    { media: { encryption: REQUIRE } },
    { media: { encryption: REQUIRE, media_timeout: '5s' }, media_encryption: REQUIRE },
    { media_encryption: REQUIRE },
  ]);
}

/** Lists that hold something, so that a rule's replaces the trunk's. */
const UNKNOWN: Media = { only_listed_codecs: true, codecs: [{ name: 'opus', rate: 48_000 }] };
const UNRATED: Media = { codecs: [{ name: 'opus' }] };
const UNUSABLE: [Media, ...Media[]] = [{ only_listed_codecs: true, codecs: [] }, UNKNOWN, UNRATED];

/** What stops a call where media is negotiated. */
export interface MediaEnding {
  readonly status: number;
  readonly blocking: readonly string[];
  /** Sets that are as right, where no webhook could tell them apart. */
  readonly also: readonly (readonly string[])[];
}

/** Sets up trunk and rule, or the rule alone, so that the call is stopped by its media. */
export function stopByMedia(random: Random, trunk: Trunk | undefined, rule: Rule): MediaEnding {
  for (const one of [trunk, rule]) {
    delete one?.media;
    delete one?.media_encryption;
  }
  const isOfTrunk = trunk !== undefined && random.chance(0.6);
  const owner: HasMedia = isOfTrunk ? trunk : rule;
  const other: HasMedia | undefined = isOfTrunk ? rule : trunk;
  const kind = random.pick(['srtp', 'srtp', 'list', 'list', 'offer', 'both', 'neither']);
  switch (kind) {
    case 'srtp': {
      Object.assign(owner, requiring(random));
      if (other && random.chance(0.5))
        Object.assign(other, isOfTrunk ? { media: { encryption: NONE } } : harmlessMedia(random));
      return made(answerTo(trunk, rule, PLAIN), ['media_encryption_mismatch']);
    }
    case 'list': {
      owner.media = isOfTrunk || !trunk ? random.pick(UNUSABLE) : random.pick([UNKNOWN, UNRATED]);
      return made(answerTo(trunk, rule, PLAIN), ['trunk_allows_no_codec']);
    }
    case 'offer': {
      Object.assign(owner, harmlessMedia(random));
      const offer = random.chance(0.5) ? OPUS : { srtp: random.chance(0.5), codecs: ['gsm/8000', 'g729/8000'] };
      return made(answerTo(trunk, rule, offer), ['media_negotiation_failed']);
    }
    case 'both':
      Object.assign(owner, { media: { ...UNKNOWN, encryption: REQUIRE } });
      return made(answerTo(trunk, rule, PLAIN), ['media_encryption_mismatch', 'trunk_allows_no_codec']);
    default:
      // The offer has SRTP, which no webhook says, and no codec.
      Object.assign(owner, requiring(random));
      return made(
        answerTo(trunk, rule, { ...OPUS, srtp: true }),
        ['media_negotiation_failed'],
        ['media_encryption_mismatch'],
      );
  }
}

function made(status: number, blocking: readonly string[], ...also: (readonly string[])[]): MediaEnding {
  if (status === 200) throw new Error(`the case was made to be stopped by ${blocking.join()}`);
  return { status, blocking, also };
}

/** The same in the names and the form of what lk prints. */
export function asLkPrints(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asLkPrints);
  if (typeof value !== 'object' || value === null) return value;
  const isEmpty = (one: unknown) => one === '' || (Array.isArray(one) && one.length === 0);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => !isEmpty(one))
      .map(([key, one]) => {
        const [first = '', ...words] = key.split('_');
        return [first + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(''), asLkPrints(one)];
      }),
  );
}

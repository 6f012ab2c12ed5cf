import type { MediaOwner } from '../trunks/judge/judgeMedia.ts';
import { codecName, isAudio, type MediaSettings, mediaOf, type NoCodec } from '../trunks/media.ts';
import { type Fix, type MediaChange, ruleName, trunkName } from './fix.ts';
import { type ApiCall, curlPaste, lkPaste } from './liveKitCommand.ts';

/** The codecs that LiveKit SIP accepts unless a list says otherwise. */
const DEFAULTS = ['PCMU', 'PCMA', 'G722'];

/** What is wrong with a list of codecs that lets no call through. */
export const NO_CODEC_WORDS: Record<NoCodec['why'], string> = {
  empty: 'only_listed_codecs is set, and no codec is listed',
  unusable: 'it has a codec that LiveKit can’t use: without a rate, it knows only PCMU, PCMA, G722 and AMR-WB',
  none_known: 'only_listed_codecs is set, and LiveKit SIP has none of the listed codecs',
};

/** Accepts calls with and without SRTP, on each trunk and rule that requires it. */
export function allowPlainRtp(owners: readonly MediaOwner[]): Fix {
  const names = owners.map(ownerName).join(' and of ');
  return mediaFix(
    owners,
    { encryption: 'SIP_MEDIA_ENCRYPT_ALLOW' },
    `Or set the media encryption of ${names} to ALLOW: then calls with and without SRTP are accepted.`,
  );
}

/** Takes what LiveKit can't use off a list of codecs; a list that is then empty no longer replaces LiveKit's own. */
export function usableCodecs(owner: MediaOwner): Fix {
  const { onlyListedCodecs, codecs } = settingsOf(owner);
  const usable = codecs.filter(isAudio);
  const only = onlyListedCodecs && usable.length > 0;
  const accepted = only ? usable.map(codecName).join(', ') : `LiveKit’s own codecs (${DEFAULTS.join(', ')})`;
  const set = { only_listed_codecs: only, codecs: usable };
  return mediaFix([owner], set, `Let ${ownerName(owner)} accept ${accepted}.`);
}

export function ownerName(owner: MediaOwner): string {
  return owner.kind === 'trunk' ? trunkName(owner.trunk) : ruleName(owner.rule);
}

function settingsOf(owner: MediaOwner): MediaSettings {
  return mediaOf(owner.kind === 'trunk' ? owner.trunk : owner.rule);
}

function mediaFix(owners: readonly MediaOwner[], set: MediaChange, action: string): Fix {
  const commands = owners.map((owner) => lkUpdate(owner, set)).filter((words) => words !== undefined);
  return {
    action,
    pastes: [
      ...(commands.length === owners.length ? [lkPaste(commands)] : []),
      curlPaste(owners.map((owner) => apiUpdate(owner, set))),
    ],
    change: {
      kind: 'media',
      trunk_ids: owners.flatMap((owner) => (owner.kind === 'trunk' ? [owner.trunk.sip_trunk_id] : [])),
      rule_ids: owners.flatMap((owner) => (owner.kind === 'rule' ? [owner.rule.sip_dispatch_rule_id] : [])),
      set,
    },
  };
}

/** LiveKit replaces `media` as a whole, so the update also holds the settings that stay. */
function apiUpdate(owner: MediaOwner, set: MediaChange): ApiCall {
  const { rest } = owner.kind === 'trunk' ? owner.trunk : owner.rule;
  const { media } = rest;
  const codecs = set.codecs?.map(({ name, rate }) => ({ name, ...(rate > 0 && { rate }) }));
  const kept = Object.entries(typeof media === 'object' && media ? media : {}).filter(([, value]) => isSet(value));
  const update = { media: { ...Object.fromEntries(kept), ...set, ...(codecs && { codecs }) } };
  const [method, id] =
    owner.kind === 'trunk'
      ? ['UpdateSIPInboundTrunk', { sip_trunk_id: owner.trunk.sip_trunk_id }]
      : ['UpdateSIPDispatchRule', { sip_dispatch_rule_id: owner.rule.sip_dispatch_rule_id }];
  return { method, body: { ...id, update } };
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** lk has no flag for a media timeout, and its flags replace `media` as a whole: `undefined` if one is set. */
function lkUpdate(owner: MediaOwner, set: MediaChange): readonly string[] | undefined {
  const settings = settingsOf(owner);
  if (settings.timeoutSeconds !== undefined) return undefined;
  const { encryption = settings.encryption, codecs = settings.codecs } = set;
  const only = set.only_listed_codecs ?? settings.onlyListedCodecs;
  const listed = codecs.length > 0 ? codecs.map(codecName) : set.codecs ? DEFAULTS : [];
  const [what, id] =
    owner.kind === 'trunk' ? ['inbound', owner.trunk.sip_trunk_id] : ['dispatch', owner.rule.sip_dispatch_rule_id];
  return [
    ...['sip', what, 'update', '--id', id],
    ...(encryption ? ['--media-enc', encryption.replace('SIP_MEDIA_ENCRYPT_', '').toLowerCase()] : []),
    ...listed.flatMap((codec) => ['--codecs', codec]),
    ...(only && listed.length > 0 ? ['--no-default-codecs'] : []),
  ];
}

import { isAllowedLoose, isAllowedStrict } from '../allowedAddresses.ts';
import { isListed, normaliseNumber } from '../number.ts';
import type { InboundTrunk } from '../snapshot.ts';

/** What LiveKit looks at in an INVITE when it chooses a trunk. */
export interface MatchCall {
  /** User part of the From header. */
  readonly from_user: string;
  /** Host of the From header. */
  readonly from_host: string;
  /** User part of the To header: the called number. */
  readonly to_user: string;
  /** Source address of the INVITE. */
  readonly source_ip: string;
}

/** Why a trunk was passed over, in LiveKit's words. */
export type FilteredReason = 'CallingNumberDisallowed' | 'SourceAddressDisallowed' | 'CalledNumberDisallowed';

export interface Filtered {
  readonly sip_trunk_id: string;
  readonly reason: FilteredReason;
}

/** `empty`: there are no trunks; `none`: none of them matched. */
export type MatchType = 'empty' | 'none' | 'default' | 'specific';

export type TrunkMatch =
  | {
      readonly ok: true;
      readonly trunk: InboundTrunk | undefined;
      readonly matchType: MatchType;
      readonly filtered: readonly Filtered[];
    }
  | {
      readonly ok: false;
      readonly error: 'multiple_specific_trunks' | 'multiple_default_trunks';
      /** The two trunks that both match. */
      readonly between: readonly [InboundTrunk, InboundTrunk];
      readonly filtered: readonly Filtered[];
    };

/** Tells whether LiveKit lets the call's source address into a trunk; given by the caller, since it may not be known. */
export type AddressTest = (call: MatchCall, list: readonly string[]) => boolean;

export const looseAddresses: AddressTest = (call, list) => isAllowedLoose(call.source_ip, call.from_host, list);
export const strictAddresses: AddressTest = (call, list) => isAllowedStrict(call.source_ip, list);

/**
 * Chooses the inbound trunk of a call as LiveKit does: caller, source address, called number, in this order;
 * one specific match beats defaults; two specific or two default matches are an error.
 *
 * `filtered` holds one entry per reason in LiveKit's order; a trunk is named once for each of its numbers that
 * is not the called one, even where a later number of it matches.
 * Source: github.com/livekit/protocol v1.54.0, `sip.MatchTrunkDetailed`.
 */
export function matchTrunk(
  trunks: readonly InboundTrunk[],
  call: MatchCall,
  isAllowed: AddressTest = looseAddresses,
): TrunkMatch {
  const filtered: Filtered[] = [];
  const passOver = (trunk: InboundTrunk, reason: FilteredReason) =>
    filtered.push({ sip_trunk_id: trunk.sip_trunk_id, reason });
  const called = normaliseNumber(call.to_user);
  const defaults: InboundTrunk[] = [];
  let specific: InboundTrunk | undefined;

  for (const trunk of trunks) {
    if (!isListed(call.from_user, trunk.allowed_numbers)) {
      passOver(trunk, 'CallingNumberDisallowed');
      continue;
    }
    if (!isAllowed(call, trunk.allowed_addresses)) {
      passOver(trunk, 'SourceAddressDisallowed');
      continue;
    }
    if (trunk.numbers.length === 0) {
      defaults.push(trunk);
      continue;
    }
    for (const number of trunk.numbers) {
      if (number !== call.to_user && normaliseNumber(number) !== called) {
        passOver(trunk, 'CalledNumberDisallowed');
        continue;
      }
      if (specific) return { ok: false, error: 'multiple_specific_trunks', between: [specific, trunk], filtered };
      specific = trunk;
      break;
    }
  }

  if (specific) return { ok: true, trunk: specific, matchType: 'specific', filtered };
  const [first, second] = defaults;
  if (first && second) return { ok: false, error: 'multiple_default_trunks', between: [first, second], filtered };
  if (first) return { ok: true, trunk: first, matchType: 'default', filtered };
  return { ok: true, trunk: undefined, matchType: trunks.length === 0 ? 'empty' : 'none', filtered };
}

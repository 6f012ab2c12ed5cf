import { isAllowedLoose, isAllowedStrict } from '../allowedAddresses.ts';
import { isListed, normaliseNumber } from '../number.ts';
import type { InboundTrunk } from '../snapshot.ts';

/** The parts of an INVITE that decide LiveKit's choice of a trunk. */
interface MatchCall {
  /** User part of the From header. */
  readonly from_user: string;
  /** Host of the From header. */
  readonly from_host: string;
  /** User part of the To header: the called number. */
  readonly to_user: string;
  /** Source address of the INVITE. */
  readonly source_ip: string;
}

/** Why a trunk does not match, in LiveKit's words. */
type FilteredReason = 'CallingNumberDisallowed' | 'SourceAddressDisallowed' | 'CalledNumberDisallowed';

interface Filtered {
  readonly sip_trunk_id: string;
  readonly reason: FilteredReason;
}

/** `empty`: there are no trunks. `none`: no trunk matched. */
type MatchType = 'empty' | 'none' | 'default' | 'specific';

type TrunkMatch =
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

/** Whether a trunk's `allowed_addresses` allow the source of the call. */
type AddressTest = (call: MatchCall, list: readonly string[]) => boolean;

export const looseAddresses: AddressTest = (call, list) => isAllowedLoose(call.source_ip, call.from_host, list);
export const strictAddresses: AddressTest = (call, list) => isAllowedStrict(call.source_ip, list);

/**
 * Chooses the inbound trunk of a call as LiveKit does: caller, source address, called number, in this order;
 * one specific match beats defaults; two specific or two default matches are an error.
 *
 * `filtered` has one entry per reason, in LiveKit's order. LiveKit lists a trunk once for each of its numbers that is
 * not the called one, even if a later number matches.
 * Source: github.com/livekit/protocol v1.54.0, `sip.MatchTrunkDetailed`.
 */
export function matchTrunk(
  trunks: readonly InboundTrunk[],
  call: MatchCall,
  isAllowed: AddressTest = looseAddresses,
): TrunkMatch {
  const filtered: Filtered[] = [];
  const reject = (trunk: InboundTrunk, reason: FilteredReason) =>
    filtered.push({ sip_trunk_id: trunk.sip_trunk_id, reason });
  const called = normaliseNumber(call.to_user);
  const defaults: InboundTrunk[] = [];
  let specific: InboundTrunk | undefined;

  for (const trunk of trunks) {
    if (!isListed(call.from_user, trunk.allowed_numbers)) {
      reject(trunk, 'CallingNumberDisallowed');
      continue;
    }
    if (!isAllowed(call, trunk.allowed_addresses)) {
      reject(trunk, 'SourceAddressDisallowed');
      continue;
    }
    if (trunk.numbers.length === 0) {
      defaults.push(trunk);
      continue;
    }
    for (const number of trunk.numbers) {
      if (number !== call.to_user && normaliseNumber(number) !== called) {
        reject(trunk, 'CalledNumberDisallowed');
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

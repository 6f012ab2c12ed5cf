import type { InboundTrunk } from '../trunks/snapshot.ts';
import {
  areTooLong,
  type Fix,
  type Paste,
  pasteOf,
  plainFix,
  pretty,
  shellQuote,
  type TrunkList,
  trunkName,
} from './fix.ts';
import { agentsOfNewRule, newRulePaste } from './ruleFix.ts';

/**
 * Adds entries to, or takes them off, one list of a trunk: as the body of LiveKit's API call, which changes this field
 * only, and as a command.
 * `lk sip inbound update` knows --numbers, --auth-user and --auth-pass; for the other lists it takes a file, with which
 * it replaces the whole trunk. So the file contains all that is known about the trunk; it is left out for long lists.
 */
export function trunkListFix(
  trunk: InboundTrunk,
  field: TrunkList,
  change: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
  action: string,
): Fix {
  if (areTooLong(change.add, change.remove)) return plainFix(action);
  const changed = [...trunk[field].filter((entry) => !change.remove?.includes(entry)), ...(change.add ?? [])];
  return {
    action,
    pastes: [
      apiUpdate(trunk, { [field]: change }),
      ...(areTooLong(trunk.numbers, trunk.allowed_addresses, trunk.allowed_numbers)
        ? []
        : [lkUpdate(trunk, field, changed)]),
    ],
    change: { kind: 'trunk', sip_trunk_id: trunk.sip_trunk_id, field, ...change },
  };
}

/** The body of `POST /twirp/livekit.SIP/UpdateSIPInboundTrunk`; it leaves every other field as it is. */
function apiUpdate(trunk: InboundTrunk, update: Record<string, unknown>): Paste {
  return pasteOf(
    'json',
    'LiveKit API: POST /twirp/livekit.SIP/UpdateSIPInboundTrunk',
    pretty({ sip_trunk_id: trunk.sip_trunk_id, update }),
  );
}

function lkUpdate(trunk: InboundTrunk, field: TrunkList, list: readonly string[]): Paste {
  const id = trunk.sip_trunk_id;
  if (field === 'numbers') {
    const numbers = list.map((number) => `--numbers ${shellQuote(number)}`).join(' ');
    return pasteOf('shell', 'or with lk', `lk sip inbound update --id ${shellQuote(id)} ${numbers}`);
  }
  const { sip_trunk_id, has_password, ringing_timeout_seconds, rest, ...known } = trunk;
  const file = {
    ...Object.fromEntries(Object.entries({ ...known, [field]: list }).filter(([, value]) => value.length > 0)),
    ...(has_password && { auth_password: '<the password; sipwhy does not store it>' }),
    ...rest,
  };
  return pasteOf(
    'shell',
    'or with lk, which replaces the whole trunk with this file',
    `cat > ${shellQuote(`${id}.json`)} <<'EOF'\n${pretty(file)}\nEOF\nlk sip inbound update --id ${shellQuote(id)} ${shellQuote(`${id}.json`)}`,
  );
}

/** A trunk for a number, only for the given addresses where there are any, with a dispatch rule of its own. */
export function newTrunkFix(number: string, addresses: readonly string[], agents: readonly string[]): Fix {
  const trunk = { name: 'Jambonz', numbers: [number], ...(addresses.length > 0 && { allowed_addresses: addresses }) };
  return {
    action: `Create an inbound trunk for ${number}, and a dispatch rule for the trunk. ${agentsOfNewRule(agents)}`,
    pastes: [
      pasteOf('json', 'trunk.json, for: lk sip inbound create trunk.json', pretty({ trunk })),
      newRulePaste('<id of the new trunk>', agents),
    ],
    change: { kind: 'new_trunk', numbers: [number], allowed_addresses: addresses },
  };
}

/** Deletes a trunk; `when` ends the sentence. */
export function deleteTrunkFix(trunk: InboundTrunk, when: string): Fix {
  const { sip_trunk_id } = trunk;
  return {
    action: `Delete ${trunkName(trunk)}${when}.`,
    pastes: [
      pasteOf('json', 'LiveKit API: POST /twirp/livekit.SIP/DeleteSIPTrunk', pretty({ sip_trunk_id })),
      pasteOf('shell', 'or with lk', `lk sip inbound delete ${shellQuote(sip_trunk_id)}`),
    ],
    change: { kind: 'delete_trunk', sip_trunk_id },
  };
}

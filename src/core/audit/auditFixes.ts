import { type Fix, plainFix, trunkName } from '../fixes/fix.ts';
import { curlPaste, lkPaste } from '../fixes/liveKitCommand.ts';
import { trunkListFix } from '../fixes/trunkFix.ts';
import { repeatsItself, shareKey } from '../trunks/judge/clashes.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../trunks/snapshot.ts';
import { addressesIn } from './addressList.ts';
import { few, fewOf } from './few.ts';

/**
 * Replaces entries that LiveKit does not read as addresses by the addresses that they name. Entries that name none come
 * first and are left to a person: a list without them might refuse senders that get in today.
 */
export function rewriteAddresses(trunk: InboundTrunk, entries: readonly string[]): Fix[] {
  const { readable = [], other = [] } = Object.groupBy(entries, (entry) =>
    addressesIn(entry).length > 0 ? 'readable' : 'other',
  );
  const byHand = `In ${listOf(trunk)}, write the senders’ IP addresses or CIDR blocks instead of ${quoted(other)}.`;
  return [
    ...(other.length > 0 ? [plainFix(byHand)] : []),
    ...(readable.length > 0 ? [replaceEntries(trunk, readable)] : []),
  ];
}

function replaceEntries(trunk: InboundTrunk, entries: readonly string[]): Fix {
  const named = new Set(entries.flatMap(addressesIn));
  const add = [...named].filter((address) => !trunk.allowed_addresses.includes(address));
  if (add.length === 0) {
    const action = `Remove ${quoted(entries)} from ${listOf(trunk)}, which already has ${few([...named])}.`;
    return trunkListFix(trunk, 'allowed_addresses', { remove: entries }, action);
  }
  const action = `In ${listOf(trunk)}, write ${few(add)} instead of ${quoted(entries)}, one address or block per entry.`;
  return trunkListFix(trunk, 'allowed_addresses', { add, remove: entries }, action);
}

function listOf(trunk: InboundTrunk): string {
  return `allowed_addresses of ${trunkName(trunk)}`;
}

/** Entries in quotes, so that blanks and commas in them can be seen. */
export function quoted(entries: readonly string[]): string {
  return fewOf(entries, (entry) => JSON.stringify(entry));
}

const USERNAME = '<a username>';
const PASSWORD = '<a long random password>';

/**
 * Gives a trunk the half of its credentials that is missing, or both: LiveKit asks for them only when it has both.
 * Calls without them then fail, so the application gets them first. Jambonz sends them only when it is asked.
 */
export function credentialsFix(trunk: InboundTrunk): Fix {
  const hasUsername = trunk.auth_username !== '';
  const update = {
    ...(!hasUsername && { auth_username: USERNAME }),
    ...(!trunk.has_password && { auth_password: PASSWORD }),
  };
  const flags = [
    ...(hasUsername ? [] : ['--auth-user', USERNAME]),
    ...(trunk.has_password ? [] : ['--auth-pass', PASSWORD]),
  ];
  const { sip_trunk_id } = trunk;
  const missing = hasUsername ? 'a password' : trunk.has_password ? 'a username' : 'a username and a password';
  return {
    action: `Put auth with the username and the password into the application’s dial target. Then give ${trunkName(trunk)} ${missing}.`,
    pastes: [
      lkPaste([['sip', 'inbound', 'update', '--id', sip_trunk_id, ...flags]]),
      curlPaste([{ method: 'UpdateSIPInboundTrunk', body: { sip_trunk_id, update } }]),
    ],
  };
}

/** Whether a rule that is not bound to the trunk would conflict with a rule of it if it were bound to it alone. */
export function wouldConflict(snapshot: Snapshot, rule: DispatchRule, trunkId: string): boolean {
  const bound = { ...rule, trunk_ids: [trunkId] };
  return (
    repeatsItself(bound) ||
    snapshot.ruleIndex.boundTo(trunkId).some((other) => other !== rule && shareKey(bound, other))
  );
}

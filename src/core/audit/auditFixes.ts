import { type Fix, plainFix, pretty, trunkName } from '../fixes/fix.ts';
import { trunkListFix } from '../fixes/trunkFix.ts';
import type { InboundTrunk } from '../trunks/snapshot.ts';
import { addressesIn } from './addressList.ts';
import { few, fewOf } from './few.ts';

/** Puts the addresses that were meant in the place of entries that LiveKit reads otherwise. */
export function rewriteAddresses(trunk: InboundTrunk, entries: readonly string[]): Fix {
  const likelyTrunk = [...new Set(entries.flatMap(addressesIn))].filter(
    (text) => !trunk.allowed_addresses.includes(text),
  );
  const place = `in allowed_addresses of ${trunkName(trunk)}`;
  if (likelyTrunk.length > 0) {
    const action = `Write ${few(likelyTrunk)} instead of ${quoted(entries)} ${place}, one address or block an entry.`;
    return trunkListFix(trunk, 'allowed_addresses', { add: likelyTrunk, remove: entries }, action);
  }
  // A list that loses its last entry lets every address in.
  if (entries.length === trunk.allowed_addresses.length) {
    return plainFix(
      `Write the addresses of the senders, or their CIDR blocks, instead of ${quoted(entries)} ${place}.`,
    );
  }
  const action = `Take ${quoted(entries)} out, or write the addresses that were meant instead, ${place}.`;
  return trunkListFix(trunk, 'allowed_addresses', { remove: entries }, action);
}

/** Entries as they are, so that a blank or a comma in one of them can be seen. */
export function quoted(entries: readonly string[]): string {
  return fewOf(entries, (entry) => JSON.stringify(entry));
}

const USERNAME = '<a username>';
const PASSWORD = '<a long random password>';

/**
 * Gives a trunk the half of its credentials that is missing, or both: LiveKit asks for them only when it has both.
 * The dial target of the application must send them from then on.
 */
export function credentialsFix(trunk: InboundTrunk): Fix {
  const hasUsername = trunk.auth_username !== '';
  const update = {
    ...(!hasUsername && { auth_username: USERNAME }),
    ...(!trunk.has_password && { auth_password: PASSWORD }),
  };
  const flags = [
    ...(hasUsername ? [] : [`--auth-user '${USERNAME}'`]),
    ...(trunk.has_password ? [] : [`--auth-pass '${PASSWORD}'`]),
  ].join(' ');
  const id = trunk.sip_trunk_id;
  const missing = hasUsername ? 'a password' : trunk.has_password ? 'a username' : 'a username and a password';
  return {
    action: `Give ${trunkName(trunk)} ${missing}, and the dial target of the application auth with both.`,
    pastes: [
      {
        label: 'LiveKit API: POST /twirp/livekit.SIP/UpdateSIPInboundTrunk',
        format: 'json',
        text: pretty({ sip_trunk_id: id, update }),
      },
      { label: 'or with lk', format: 'shell', text: `lk sip inbound update --id ${id} ${flags}` },
    ],
  };
}

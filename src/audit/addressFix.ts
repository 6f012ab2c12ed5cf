import { type Fix, plainFix } from '../fixes/fix.ts';
import { trunkName } from '../fixes/names.ts';
import { trunkListFix } from '../fixes/trunkFix.ts';
import type { InboundTrunk } from '../trunks/snapshot.ts';
import { addressesIn } from './addressList.ts';
import { few, fewOf } from './names.ts';

/** Puts the addresses that were meant in the place of entries that LiveKit reads otherwise. */
export function rewriteAddresses(trunk: InboundTrunk, entries: readonly string[]): Fix {
  const meant = [...new Set(entries.flatMap(addressesIn))].filter((text) => !trunk.allowed_addresses.includes(text));
  const place = `in allowed_addresses of ${trunkName(trunk)}`;
  if (meant.length > 0) {
    const action = `Write ${few(meant)} instead of ${quoted(entries)} ${place}, one address or block an entry.`;
    return trunkListFix(trunk, 'allowed_addresses', { add: meant, remove: entries }, action);
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

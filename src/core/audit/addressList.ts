import { type Address, contains, type Prefix } from '../trunks/address.ts';
import { type AddressEntry, type AddressList, parseStrict } from '../trunks/allowedAddresses.ts';

/** A source that two lists admit. A part that is `undefined` may be anything. */
export interface Source {
  readonly address?: string;
  readonly fromHost?: string;
}

/** A source that both lists admit; `undefined` when there is none. */
export function sharedSource(a: AddressList, b: AddressList): Source | undefined {
  if (a.isOpen || b.isOpen) {
    const other = a.isOpen ? b : a;
    if (other.isOpen) return {};
    const [prefix] = other.prefixes;
    if (prefix) return { address: addressOf(prefix) };
    const [fromHost] = hostsThatCount(other);
    return fromHost === undefined ? undefined : { fromHost };
  }
  for (const x of a.prefixes) {
    for (const y of b.prefixes) {
      const [narrow, wide] = x.prefix.bits < y.prefix.bits ? [y, x] : [x, y];
      if (contains(wide.prefix, baseOf(narrow.prefix))) return { address: addressOf(narrow) };
    }
  }
  for (const [one, other] of [[a, b] as const, [b, a] as const]) {
    const [prefix] = other.prefixes;
    const fromHost = hostsThatCount(one).find((host) => prefix || other.hosts.includes(host));
    if (fromHost !== undefined) return { fromHost, ...(prefix && { address: addressOf(prefix) }) };
  }
  return undefined;
}

/**
 * The addresses that an entry names although LiveKit does not read it as an address, such as two in one text, or one
 * with a scheme or a port; empty when it names none.
 */
export function addressesIn(entry: string): string[] {
  const parts = entry.split(/:\/\/|[()+*;,\s[\]@]+/).map((part) => part.replace(/^sips?:/, ''));
  return parts
    .map((part) => (parseStrict(part) ? part : part.replace(/:\d+$/, '')))
    .filter((part) => parseStrict(part) !== undefined);
}

function hostsThatCount(list: AddressList): readonly string[] {
  return list.strict ? [] : list.hosts;
}

function baseOf(prefix: Prefix): Address {
  return { bytes: prefix.bytes, zone: '' };
}

/** The address of a block's entry, as written there. */
export function addressOf({ text }: AddressEntry): string {
  return text
    .replace(/\/.*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%.*$/, '');
}

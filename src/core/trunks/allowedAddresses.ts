import {
  type Address,
  contains,
  isV4Mapped,
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixOf,
  unmap,
} from './address.ts';

/** How an entry of `allowed_addresses` is read by LiveKit in its loose (default) mode. */
export type AllowedEntry =
  | { readonly kind: 'prefix'; readonly prefix: Prefix }
  /** Compared with the host of the From header, as written. */
  | { readonly kind: 'host' }
  /** Passed over. A list in which every entry is passed over allows every address. */
  | { readonly kind: 'ignored' };

/** Source: github.com/livekit/protocol, `sip.isValidMask` and `sip.parseIPMask`. */
export function readEntry(entry: string): AllowedEntry {
  if (/[()+*;, \t\n\r]/.test(entry) || entry.includes('://')) return { kind: 'ignored' };
  const prefix = parseLoose(entry);
  return prefix ? { kind: 'prefix', prefix } : { kind: 'host' };
}

export interface AddressEntry {
  /** As configured. */
  readonly text: string;
  readonly prefix: Prefix;
}

/** A trunk's `allowed_addresses` as LiveKit reads them in one of its two modes. */
export interface AddressList {
  readonly strict: boolean;
  /** Every address is let in: the list is empty, or (loose mode) none of its entries counts. */
  readonly isOpen: boolean;
  readonly prefixes: readonly AddressEntry[];
  /** Neither addresses nor ignored: compared with the From host in loose mode, with nothing in strict mode. */
  readonly hosts: readonly string[];
  /** Passed over, in either mode. */
  readonly ignored: readonly string[];
}

/** Reads a list once for many calls. */
export function readAddresses(list: readonly string[], strict: boolean): AddressList {
  const prefixes: AddressEntry[] = [];
  const hosts: string[] = [];
  const ignored: string[] = [];
  for (const text of list) {
    const entry = readEntry(text);
    const prefix = strict ? parseStrict(text) : entry.kind === 'prefix' ? entry.prefix : undefined;
    if (prefix) prefixes.push({ text, prefix });
    else if (entry.kind === 'host') hosts.push(text);
    else ignored.push(text);
  }
  const isOpen = list.length === 0 || (!strict && prefixes.length === 0 && hosts.length === 0);
  return { strict, isOpen, prefixes, hosts, ignored };
}

/** A source address; `undefined` when it is no address. */
export function readSource(source: string, strict: boolean): Address | undefined {
  const address = parseAddress(source);
  return address && strict ? unmap(address) : address;
}

/**
 * Whether the list lets the source in. One that is no address passes a loose list and fails a strict one.
 * Source: github.com/livekit/protocol, `sip.matchAddrMasks` and `sip.matchAddrMasksStrict`.
 */
export function allows(list: AddressList, source: Address | undefined, fromHost: string): boolean {
  if (list.isOpen) return true;
  if (!source) return !list.strict;
  return (
    list.prefixes.some(({ prefix }) => contains(prefix, source)) || (!list.strict && list.hosts.includes(fromHost))
  );
}

/** The same for a list that is read for this one call, in LiveKit's loose (default) mode. */
export function isAllowedLoose(source: string, fromHost: string, list: readonly string[]): boolean {
  return list.length === 0 || allows(readAddresses(list, false), readSource(source, false), fromHost);
}

/** The same in strict mode, which looks at no host. */
export function isAllowedStrict(source: string, list: readonly string[]): boolean {
  return list.length === 0 || allows(readAddresses(list, true), readSource(source, true), '');
}

/** An entry that strict mode takes: an IP address or CIDR block without zone, and IPv4 in its own form. */
export function parseStrict(entry: string): Prefix | undefined {
  let prefix: Prefix | undefined;
  if (entry.includes('/')) {
    prefix = parsePrefix(entry);
  } else {
    const address = parseAddress(entry);
    if (address && address.zone === '') prefix = prefixOf(address);
  }
  return prefix && !isV4Mapped(prefix.bytes) ? prefix : undefined;
}

function parseLoose(entry: string): Prefix | undefined {
  const slash = entry.indexOf('/');
  const head = slash < 0 ? entry : entry.slice(0, slash);
  const address = head.startsWith('[') && head.endsWith(']') ? head.slice(1, -1) : head;
  if (slash >= 0) return parsePrefix(`${address}/${entry.slice(slash + 1)}`);
  const parsed = parseAddress(address);
  return parsed && prefixOf(parsed);
}

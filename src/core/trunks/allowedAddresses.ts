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

/** How LiveKit reads an entry of `allowed_addresses` in its loose (default) mode. */
type AllowedEntry =
  | { readonly kind: 'prefix'; readonly prefix: Prefix }
  /** Compared with the host of the From header, as written. */
  | { readonly kind: 'host' }
  /** LiveKit ignores it. A list whose entries are all ignored allows every address. */
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
  /** Every address is allowed: the list is empty, or in loose mode all its entries are ignored. */
  readonly isOpen: boolean;
  readonly prefixes: readonly AddressEntry[];
  /** Host names. Loose mode compares them with the From host; strict mode compares them with nothing. */
  readonly hosts: readonly string[];
  /** Ignored in both modes. */
  readonly ignored: readonly string[];
}

/** Parses a list once for many calls. */
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
  return { strict, isOpen: isOpenList(list, strict), prefixes, hosts, ignored };
}

/** Whether a list allows every address: it is empty, or in loose mode all its entries are ignored. */
export function isOpenList(list: readonly string[], strict: boolean): boolean {
  return strict ? list.length === 0 : list.every((entry) => readEntry(entry).kind === 'ignored');
}

/** Parses a source address; `undefined` if it is not one. */
export function readSource(source: string, strict: boolean): Address | undefined {
  const address = parseAddress(source);
  return address && strict ? unmap(address) : address;
}

/**
 * Whether the list allows the source. A source that is not an IP address passes a loose list and fails a strict one.
 * Source: github.com/livekit/protocol, `sip.matchAddrMasks` and `sip.matchAddrMasksStrict`.
 */
export function allows(list: AddressList, source: Address | undefined, fromHost: string): boolean {
  if (list.isOpen) return true;
  if (!source) return !list.strict;
  return (
    list.prefixes.some(({ prefix }) => contains(prefix, source)) || (!list.strict && list.hosts.includes(fromHost))
  );
}

/** How a list of allowed addresses compares with the addresses of the SBCs, which LiveKit sees as the source. */
export interface ComparedSources {
  /** The SBCs' addresses that the list has, and those that it lacks. Host names don't count. */
  readonly listed: readonly string[];
  readonly missing: readonly string[];
  /** The addresses and blocks of the list that are no SBC's. Whose they are is not known. */
  readonly others: readonly string[];
}

export function compareSources(list: AddressList, sources: readonly string[]): ComparedSources {
  const { prefixes, strict } = list;
  const allowed = { ...list, isOpen: false, strict: true, hosts: [] };
  const isListed = (source: string) => list.isOpen || allows(allowed, readSource(source, strict), '');
  const addresses = sources.map((source) => readSource(source, strict)).filter((address) => address !== undefined);
  const isSource = ({ prefix }: AddressEntry) => addresses.some((address) => contains(prefix, address));
  return {
    listed: sources.filter(isListed),
    missing: sources.filter((source) => !isListed(source)),
    others: prefixes.filter((entry) => !isSource(entry)).map(({ text }) => text),
  };
}

/**
 * Of which IP versions the list allows every address: of both if it is open, or by blocks such as 0.0.0.0/0, or
 * 0.0.0.0/1 with 128.0.0.0/1. Host names don't count.
 */
export function versionsAllowed({ isOpen, prefixes }: AddressList): readonly ('IPv4' | 'IPv6')[] {
  if (isOpen) return ['IPv4', 'IPv6'];
  const ofLength = (length: number) =>
    prefixes.map(({ prefix }) => prefix).filter(({ bytes }) => bytes.length === length);
  return [
    ...(coverAll(ofLength(4)) ? (['IPv4'] as const) : []),
    ...(coverAll(ofLength(16)) ? (['IPv6'] as const) : []),
  ];
}

/** Whether prefixes of one length that agree in their first `depth` bits contain every address that begins with these. */
function coverAll(prefixes: readonly Prefix[], depth = 0): boolean {
  if (prefixes.some(({ bits }) => bits <= depth)) return true;
  // One prefix can't contain both halves.
  if (prefixes.length < 2) return false;
  const [zeros = [], ones = []] = [0, 1].map((bit) => prefixes.filter((prefix) => bitAt(prefix, depth) === bit));
  return coverAll(zeros, depth + 1) && coverAll(ones, depth + 1);
}

function bitAt({ bytes }: Prefix, place: number): number {
  return ((bytes[place >> 3] ?? 0) >> (7 - (place & 7))) & 1;
}

/** Whether an unparsed list allows the source, in LiveKit's loose (default) mode. */
export function isAllowedLoose(source: string, fromHost: string, list: readonly string[]): boolean {
  return allows(readAddresses(list, false), readSource(source, false), fromHost);
}

/** Whether an unparsed list allows the source in strict mode, which ignores the From host. */
export function isAllowedStrict(source: string, list: readonly string[]): boolean {
  return allows(readAddresses(list, true), readSource(source, true), '');
}

/** Parses an entry that strict mode accepts: an IP address or CIDR block without a zone, and not IPv4-mapped. */
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
  // Brackets may be around the address alone.
  const plain = entry.replace(/^\[([^/]*)\](?=\/|$)/, '$1');
  if (plain.includes('/')) return parsePrefix(plain);
  const address = parseAddress(plain);
  return address && prefixOf(address);
}

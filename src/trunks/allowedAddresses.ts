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

/**
 * Whether LiveKit lets this source address in, in its loose (default) mode.
 * A source that is no IP address passes; `fromHost` matters only for entries that are no address.
 * Source: github.com/livekit/protocol, `sip.matchAddrMasks`.
 */
export function isAllowedLoose(source: string, fromHost: string, list: readonly string[]): boolean {
  const address = parseAddress(source);
  if (!address) return true;
  let considered = false;
  for (const text of list) {
    const entry = readEntry(text);
    if (entry.kind === 'ignored') continue;
    considered = true;
    if (entry.kind === 'prefix' ? contains(entry.prefix, address) : text === fromHost) return true;
  }
  return !considered;
}

/**
 * Whether LiveKit lets this source address in when it matches addresses strictly.
 * A source that is no IP address never passes a list.
 * Source: github.com/livekit/protocol, `sip.matchAddrMasksStrict`.
 */
export function isAllowedStrict(source: string, list: readonly string[]): boolean {
  if (list.length === 0) return true;
  const parsed = parseAddress(source);
  if (!parsed) return false;
  const address: Address = unmap(parsed);
  return list.some((text) => {
    const prefix = parseStrict(text);
    return prefix !== undefined && contains(prefix, address);
  });
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

/**
 * IP addresses exactly as Go's `net/netip` reads them, since that is what LiveKit compares with:
 * no leading zeros, no short forms, zones kept, and an IPv4-mapped IPv6 address is not an IPv4 address.
 */
export interface Address {
  /** 4 bytes for IPv4, 16 for IPv6. */
  readonly bytes: readonly number[];
  /** The IPv6 zone, without the `%`; empty when there is none. */
  readonly zone: string;
}

export interface Prefix {
  readonly bytes: readonly number[];
  readonly bits: number;
}

/** Parses an address; `undefined` when `net/netip.ParseAddr` would refuse it. */
export function parseAddress(text: string): Address | undefined {
  // netip decides by the first of these characters that it meets.
  for (const char of text) {
    if (char === '.') {
      const bytes = parseV4(text);
      return bytes && { bytes, zone: '' };
    }
    if (char === ':') return parseV6(text);
    if (char === '%') return undefined;
  }
  return undefined;
}

/** Parses `address/bits`; `undefined` when `net/netip.ParsePrefix` would refuse it. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.lastIndexOf('/');
  if (slash < 0) return undefined;
  const address = parseAddress(text.slice(0, slash));
  if (address?.zone !== '') return undefined;
  const digits = text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(digits)) return undefined;
  const bits = Number(digits);
  return bits <= address.bytes.length * 8 ? { bytes: address.bytes, bits } : undefined;
}

/** The prefix that holds this one address. A zone is dropped, as `net/netip.PrefixFrom` does. */
export function prefixOf(address: Address): Prefix {
  return { bytes: address.bytes, bits: address.bytes.length * 8 };
}

/** Whether the prefix holds the address. Never across address families, and never an address with a zone. */
export function contains(prefix: Prefix, address: Address): boolean {
  if (prefix.bytes.length !== address.bytes.length || address.zone !== '') return false;
  const whole = prefix.bits >> 3;
  for (let i = 0; i < whole; i++) if (prefix.bytes[i] !== address.bytes[i]) return false;
  const rest = prefix.bits & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return ((prefix.bytes[whole] ?? 0) & mask) === ((address.bytes[whole] ?? 0) & mask);
}

export function isV4Mapped(bytes: readonly number[]): boolean {
  return bytes.length === 16 && bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
}

/** An IPv4-mapped IPv6 address as the IPv4 address it stands for; any other address as it is. */
export function unmap(address: Address): Address {
  return isV4Mapped(address.bytes) ? { bytes: address.bytes.slice(12), zone: '' } : address;
}

function parseV4(text: string): number[] | undefined {
  const fields = text.split('.');
  if (fields.length !== 4) return undefined;
  if (!fields.every((field) => /^(0|[1-9]\d{0,2})$/.test(field))) return undefined;
  const bytes = fields.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function parseV6(text: string): Address | undefined {
  const percent = text.indexOf('%');
  const zone = percent < 0 ? '' : text.slice(percent + 1);
  if (percent >= 0 && zone === '') return undefined;
  const body = percent < 0 ? text : text.slice(0, percent);

  const halves = body.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  if (!head) return undefined;
  if (halves.length === 1) return head.length === 16 ? { bytes: head, zone } : undefined;
  const tail = parseGroups(halves[1] ?? '', true);
  if (!tail) return undefined;
  const gap = 16 - head.length - tail.length;
  // `::` stands for at least one group.
  return gap >= 2 ? { bytes: [...head, ...new Array<number>(gap).fill(0), ...tail], zone } : undefined;
}

/** Groups between colons as bytes; the last one may be a dotted IPv4 address when the address ends here. */
function parseGroups(text: string, endsHere: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    if (group.includes('.')) {
      const v4 = endsHere && i === groups.length - 1 ? parseV4(group) : undefined;
      if (!v4) return undefined;
      bytes.push(...v4);
      continue;
    }
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    const value = Number.parseInt(group, 16);
    bytes.push(value >> 8, value & 0xff);
  }
  return bytes;
}

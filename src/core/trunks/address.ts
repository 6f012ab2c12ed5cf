/**
 * An IP address exactly as Go's `net/netip` parses it, because LiveKit compares with that: no leading zeros, no short
 * forms, zones kept, and an IPv4-mapped IPv6 address is not an IPv4 address.
 */
export interface Address {
  /** 4 bytes for IPv4, 16 for IPv6. */
  readonly bytes: readonly number[];
  /** The IPv6 zone, without the `%`; empty if there is none. */
  readonly zone: string;
}

export interface Prefix {
  readonly bytes: readonly number[];
  readonly bits: number;
}

/** Parses an address; `undefined` if `net/netip.ParseAddr` would reject it. */
export function parseAddress(text: string): Address | undefined {
  // netip decides by the first of these characters in the text.
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

/** Parses `address/bits`; `undefined` if `net/netip.ParsePrefix` would reject it. */
export function parsePrefix(text: string): Prefix | undefined {
  const parts = /^(.*)\/(0|[1-9]\d{0,2})$/s.exec(text);
  if (!parts) return undefined;
  const [, before = '', digits] = parts;
  const address = parseAddress(before);
  if (address?.zone !== '') return undefined;
  const bits = Number(digits);
  return bits <= address.bytes.length * 8 ? { bytes: address.bytes, bits } : undefined;
}

/** The prefix that contains only this address. The zone is dropped, as in `net/netip.PrefixFrom`. */
export function prefixOf(address: Address): Prefix {
  return { bytes: address.bytes, bits: address.bytes.length * 8 };
}

/** Whether the prefix contains the address. False across address families, and for an address with a zone. */
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

/** Turns an IPv4-mapped IPv6 address into the IPv4 address; returns any other address unchanged. */
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

  const [before = '', after, ...more] = body.split('::');
  if (more.length > 0) return undefined;
  const head = parseGroups(before, after === undefined);
  if (!head) return undefined;
  if (after === undefined) return head.length === 16 ? { bytes: head, zone } : undefined;
  const tail = parseGroups(after, true);
  if (!tail) return undefined;
  const gap = 16 - head.length - tail.length;
  // `::` stands for at least one group.
  return gap >= 2 ? { bytes: [...head, ...new Array<number>(gap).fill(0), ...tail], zone } : undefined;
}

/** The groups between colons as bytes. The last group of an address may be a dotted IPv4 address. */
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

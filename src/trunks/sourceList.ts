import { type Address, contains, type Prefix, parseAddress, unmap } from './address.ts';
import { parseStrict, readEntry } from './allowedAddresses.ts';

/** A trunk's `allowed_addresses`, read once for many calls. */
export interface SourceList {
  /** Lets every address in: the list is empty or, in loose mode, every entry of it is passed over. */
  readonly isOpen: boolean;
  readonly prefixes: readonly Prefix[];
  /** Entries that are compared with the From header's host; none in strict mode. */
  readonly hosts: readonly string[];
}

const OPEN: SourceList = { isOpen: true, prefixes: [], hosts: [] };

/** Reads a list as `isAllowedLoose` and `isAllowedStrict` read it for each call. */
export function readSourceList(list: readonly string[], isStrict: boolean): SourceList {
  if (list.length === 0) return OPEN;
  if (isStrict) return { isOpen: false, prefixes: list.flatMap((entry) => parseStrict(entry) ?? []), hosts: [] };
  const prefixes: Prefix[] = [];
  const hosts: string[] = [];
  for (const text of list) {
    const entry = readEntry(text);
    if (entry.kind === 'prefix') prefixes.push(entry.prefix);
    else if (entry.kind === 'host') hosts.push(text);
  }
  return prefixes.length + hosts.length === 0 ? OPEN : { isOpen: false, prefixes, hosts };
}

/** A source address, read once; `undefined` when it is no address. */
export function readSource(source: string, isStrict: boolean): Address | undefined {
  const address = parseAddress(source);
  return address && isStrict ? unmap(address) : address;
}

/** Whether the list lets the source in. One that is no address passes a loose list and fails a strict one. */
export function allows(list: SourceList, source: Address | undefined, fromHost: string, isStrict: boolean): boolean {
  if (list.isOpen) return true;
  if (!source) return !isStrict;
  return list.prefixes.some((prefix) => contains(prefix, source)) || list.hosts.includes(fromHost);
}

/** Names the block of this many bits that holds the address; two addresses share a key when they share the block. */
export function blockKey(bytes: readonly number[], bits: number): string {
  const whole = bits >> 3;
  const rest = bits & 7;
  let key = `${bytes.length}/${bits}:`;
  for (let i = 0; i < whole; i++) key += String.fromCharCode(bytes[i] ?? 0);
  return rest === 0 ? key : key + String.fromCharCode((bytes[whole] ?? 0) & (0xff << (8 - rest)));
}

import { contains, parseAddress } from '../trunks/address.ts';
import { type AddressList, allows, readAddresses } from '../trunks/allowedAddresses.ts';
import { normaliseNumber, numberSet, withoutRepeats } from '../trunks/number.ts';
import type { DispatchRule, InboundTrunk } from '../trunks/snapshot.ts';

/** Values that no list of a configuration tells apart, and one that stands for all of them. */
export interface Class<Value> {
  readonly value: Value;
  /** As listed; `undefined` for all values that no list has. */
  readonly names: readonly string[] | undefined;
}

/** Where a call comes from, as LiveKit sees it. */
export interface Sender {
  readonly address: string;
  readonly fromHost: string;
}

/** Calls that stand for all calls to some trunks: each caller with each sender, to each number. */
export interface SampleCalls {
  readonly called: readonly Class<string>[];
  readonly callers: readonly Class<string>[];
  readonly senders: readonly Class<Sender>[];
  /** Whether there are more classes than these. */
  readonly isPartial: boolean;
}

/** The trunks and rules that decide, before and after a change. */
export interface Deciding {
  readonly trunks: readonly InboundTrunk[];
  readonly rules: readonly DispatchRule[];
}

/** Longer lists and more classes are not told apart. */
const MOST_ENTRIES = 2_000;
const MOST_ADDRESSES = 200;
const MOST_CLASSES = 8;

/** Neither is a number, so no list has them. */
export const OTHER_CALLER = 'another caller';
export const OTHER_NUMBER = 'another number';

/**
 * Calls to the numbers, from every kind of caller and sender that the trunks and rules tell apart: one inside each entry
 * of their lists, and one outside all. `takesAny`: also to a number that no list has.
 */
export function sampleCalls(
  { trunks, rules }: Deciding,
  numbers: readonly string[],
  takesAny: boolean,
  strictAddresses: boolean,
): SampleCalls {
  const called = classesOf(
    [...(takesAny ? rules.flatMap((rule) => rule.numbers) : []), ...numbers],
    trunks.map((trunk) => trunk.numbers),
    rules.map((rule) => rule.numbers),
  );
  const callers = classesOf(
    [...trunks.flatMap((trunk) => trunk.allowed_numbers), ...rules.flatMap((rule) => rule.inbound_numbers)],
    trunks.map((trunk) => trunk.allowed_numbers),
    rules.map((rule) => rule.inbound_numbers),
  );
  const senders = sendersOf(trunks.map((trunk) => readAddresses(trunk.allowed_addresses, strictAddresses)));
  const all = [called, callers, senders];
  return {
    called: [...called.slice(0, MOST_CLASSES), ...(takesAny ? [{ value: OTHER_NUMBER, names: undefined }] : [])],
    callers: [...callers.slice(0, MOST_CLASSES), { value: OTHER_CALLER, names: undefined }],
    senders: senders.slice(-MOST_CLASSES),
    isPartial: all.some((classes) => classes.length > MOST_CLASSES),
  };
}

/** Whether the lists are too long to tell their entries apart. */
export function areListsLong({ trunks, rules }: Deciding): boolean {
  const numbers = [
    ...trunks.flatMap((trunk) => [trunk.numbers, trunk.allowed_numbers]),
    ...rules.flatMap((rule) => [rule.numbers, rule.inbound_numbers]),
  ];
  const addresses = trunks.map((trunk) => trunk.allowed_addresses);
  return sizeOf(numbers) > MOST_ENTRIES || sizeOf(addresses) > MOST_ADDRESSES;
}

function sizeOf(lists: readonly (readonly string[])[]): number {
  return lists.reduce((sum, list) => sum + list.length, 0);
}

/** Groups numbers by the lists that have them. Trunks compare normalised numbers, rules texts. */
function classesOf(
  entries: readonly string[],
  ofTrunks: readonly (readonly string[])[],
  ofRules: readonly (readonly string[])[],
): Class<string>[] {
  const exact = ofRules.map((list) => new Set(list));
  const keyOf = (entry: string) => {
    const normalised = normaliseNumber(entry);
    return [...ofTrunks.map((list) => numberSet(list).has(normalised)), ...exact.map((set) => set.has(entry))].join();
  };
  const groups = Map.groupBy(new Set(entries), keyOf);
  return [...groups.values()].map((group) => ({ value: group[0] ?? '', names: withoutRepeats(group) }));
}

/** Groups senders by the lists that allow them; last, those that no entry names. */
function sendersOf(lists: readonly AddressList[]): Class<Sender>[] {
  const prefixes = lists.flatMap((list) => list.prefixes).slice(0, MOST_ADDRESSES);
  const outside = OUTSIDE.find((address) => {
    const parsed = parseAddress(address);
    return parsed && !prefixes.some(({ prefix }) => contains(prefix, parsed));
  });
  const named = [
    ...prefixes.flatMap(({ text, prefix }) =>
      [prefix.bytes, lastOf(prefix)].map((bytes) => ({
        name: text,
        sender: { address: written(bytes), fromHost: '' },
      })),
    ),
    ...lists
      .filter(({ strict }) => !strict)
      .flatMap(({ hosts }) => hosts)
      .map((host) => ({ name: host, sender: { address: outside ?? '0.0.0.0', fromHost: host } })),
  ];
  const keyOf = ({ address, fromHost }: Sender) =>
    lists.map((list) => allows(list, parseAddress(address), fromHost)).join();
  const groups = Map.groupBy(named, ({ sender }) => keyOf(sender));
  const classes = [...groups.values()].flatMap((group): Class<Sender>[] => {
    const [first] = group;
    return first ? [{ value: first.sender, names: [...new Set(group.map(({ name }) => name))] }] : [];
  });
  return outside === undefined
    ? classes
    : [...classes, { value: { address: outside, fromHost: '' }, names: undefined }];
}

/** Addresses for documentation, and unassigned ones: a list seldom has them all. */
const OUTSIDE = ['192.0.2.254', '198.51.100.254', '203.0.113.254', '240.0.0.1', '2001:db8::fe'];

function lastOf({ bytes, bits }: { readonly bytes: readonly number[]; readonly bits: number }): number[] {
  return bytes.map((byte, i) => byte | (0xff >> Math.min(8, Math.max(0, bits - 8 * i))));
}

function written(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.');
  return Array.from({ length: 8 }, (_, i) => (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16)).join(
    ':',
  );
}

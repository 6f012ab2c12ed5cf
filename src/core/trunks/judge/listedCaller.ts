import { hashCaller, isHashed, lineOf } from '../hashedNumber.ts';
import type { Snapshot } from '../snapshot.ts';

interface Caller {
  readonly caller: string | undefined;
  /** PRIVACY_HASH_KEY; `undefined` if numbers are kept as they are. */
  readonly hashKey?: string | undefined;
}

/** The entries of all lists of callers, by the hashes of their numbers. */
type Entries = ReadonlyMap<string, readonly string[]>;

const known = new WeakMap<Snapshot, { readonly key: string; readonly entries: Entries }>();

/**
 * The caller as the lists of trunks and rules have it, to be compared with them and never shown: for a hashed number the
 * entry that is exactly the same, or else the same number in a form that no list has. A number in no list stays hashed.
 */
export function listedCaller(snapshot: Snapshot, { caller, hashKey }: Caller): string | undefined {
  if (caller === undefined || hashKey === undefined || !isHashed(caller)) return caller;
  const same = entriesOf(snapshot, hashKey).get(lineOf(caller)) ?? [];
  const exact = same.find((entry) => hashCaller(hashKey, entry) === caller);
  if (exact !== undefined || same.length === 0) return exact ?? caller;
  // A space more is another text, but the same number. The longest entry makes it one that no list has.
  const [longest = ''] = same.toSorted((a, b) => b.length - a.length);
  return `${longest} `;
}

function entriesOf(snapshot: Snapshot, key: string): Entries {
  const latest = known.get(snapshot);
  if (latest?.key === key) return latest.entries;
  const steps = hashLists(snapshot, key);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** How many entries are hashed in one step: a millisecond or two. */
const HASHED_AT_ONCE = 100;

/** Hashes the entries of all lists in advance, in steps, because that takes seconds for very long lists. */
export function* hashLists(snapshot: Snapshot, key: string): Generator<void, Entries> {
  const entries = new Map<string, string[]>();
  const lists = [
    ...snapshot.trunks.map(({ allowed_numbers }) => allowed_numbers),
    ...snapshot.rules.map(({ inbound_numbers }) => inbound_numbers),
  ];
  for (const [i, entry] of [...new Set(lists.flat())].entries()) {
    if (i % HASHED_AT_ONCE === HASHED_AT_ONCE - 1) yield;
    const line = lineOf(hashCaller(key, entry));
    const same = entries.get(line);
    if (same) same.push(entry);
    else entries.set(line, [entry]);
  }
  known.set(snapshot, { key, entries });
  return entries;
}

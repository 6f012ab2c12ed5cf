import { isDeepStrictEqual } from 'node:util';
import type { DispatchRule, InboundTrunk, Snapshot, SnapshotFields } from './snapshot.ts';

/** One difference between two configurations. Never contains a secret. */
export interface ConfigurationChange {
  readonly kind: 'trunk' | 'rule';
  /** The id of the trunk or dispatch rule. */
  readonly id: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** LiveKit's name of the field; only if `change` is `changed`. */
  readonly field?: string;
  /** One line, such as `allowed_addresses of ST_x changed from [192.0.2.1] to []`. */
  readonly text: string;
}

/** For a longer list the text names only the entries that were added and removed. */
const ENTRIES_SHOWN = 10;

/**
 * Fields whose values are shown, besides those that matching uses. The others (metadata, headers, agent configuration)
 * may contain private data, so the text says only that they changed.
 */
const SHOWN_FIELDS: ReadonlySet<string> = new Set([
  'ringing_timeout',
  'max_call_duration',
  'krisp_enabled',
  'media',
  'media_encryption',
  'include_headers',
  'hide_phone_number',
  'no_randomness',
  'room_preset',
]);

/**
 * The changes from one configuration to another: trunks first, then rules, each in the order of the later configuration,
 * and removed ones last. A different order of trunks or rules is not a change. For a password only whether it is set is
 * compared, because nothing else of it is kept. In short steps.
 */
export function* differenceInSteps(
  before: SnapshotFields,
  after: SnapshotFields,
): Generator<void, ConfigurationChange[]> {
  const ofTrunks = yield* compare(before.trunks, after.trunks, TRUNK);
  const ofRules = yield* compare(before.rules, after.rules, RULE);
  return [...ofTrunks, ...ofRules];
}

/** Whether two configurations are equal, also in their order. In short steps. */
export function* isEqualInSteps(before: SnapshotFields, after: SnapshotFields): Generator<void, boolean> {
  for (const part of ['trunks', 'rules'] as const) {
    if (before[part].length !== after[part].length) return false;
    for (const [i, item] of after[part].entries()) {
      if (!isDeepStrictEqual(before[part][i], item)) return false;
      yield;
    }
  }
  return true;
}

/** The ids of the trunks that changed or whose rules changed; `none` for a rule that is bound to no trunk. */
export function trunksChanged(changes: readonly ConfigurationChange[], before: Snapshot, after: Snapshot): Set<string> {
  return new Set(
    changes.flatMap(({ kind, id }) => {
      if (kind === 'trunk') return [id];
      const bound = [before, after].flatMap((one) => one.rulesWithId(id)).flatMap(({ trunk_ids }) => trunk_ids);
      return bound.length > 0 ? bound : ['none'];
    }),
  );
}

type Fields = Readonly<Record<string, unknown>>;

function trunkFields({
  sip_trunk_id: _,
  has_assumed_id: __,
  has_password,
  ringing_timeout_seconds,
  rest,
  ...matched
}: InboundTrunk): Fields {
  return { ...matched, auth_password: has_password, ringing_timeout_seconds, ...without(rest, 'ringing_timeout') };
}

function ruleFields({ sip_dispatch_rule_id: _, body, rest, ...matched }: DispatchRule): Fields {
  // `room` is one of these two.
  return { ...matched, ...without(body, 'room_name', 'room_prefix'), ...rest };
}

function without(fields: Fields, ...names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

/** What is compared, and how to read it. */
interface Compared<T> {
  readonly kind: ConfigurationChange['kind'];
  readonly what: string;
  idOf(item: T): string;
  fieldsOf(item: T): Fields;
}

const TRUNK: Compared<InboundTrunk> = {
  kind: 'trunk',
  what: 'trunk',
  idOf: (trunk) => trunk.sip_trunk_id,
  fieldsOf: trunkFields,
};

const RULE: Compared<DispatchRule> = {
  kind: 'rule',
  what: 'dispatch rule',
  idOf: (rule) => rule.sip_dispatch_rule_id,
  fieldsOf: ruleFields,
};

function* compare<T>(
  before: readonly T[],
  after: readonly T[],
  { kind, what, idOf, fieldsOf }: Compared<T>,
): Generator<void, ConfigurationChange[]> {
  const earlier = new Map(before.map((item) => [idOf(item), item]));
  const changes: ConfigurationChange[] = [];
  for (const item of after) {
    const id = idOf(item);
    const known = earlier.get(id);
    earlier.delete(id);
    if (known === item) continue;
    if (known) changes.push(...fieldChanges(kind, id, fieldsOf(known), fieldsOf(item)));
    else changes.push({ kind, id, change: 'added', text: `${what} ${id} was added` });
    yield;
  }
  for (const id of earlier.keys()) changes.push({ kind, id, change: 'removed', text: `${what} ${id} was removed` });
  return changes;
}

function fieldChanges(kind: ConfigurationChange['kind'], id: string, from: Fields, to: Fields): ConfigurationChange[] {
  const names = new Set([...Object.keys(from), ...Object.keys(to)]);
  return [...names].flatMap((field): ConfigurationChange[] => {
    // Independent of the order of an object's keys.
    if (isDeepStrictEqual(from[field], to[field])) return [];
    return [
      {
        kind,
        id,
        change: 'changed',
        field,
        text: `${field} of ${id} ${describeChange(field, from[field], to[field])}`,
      },
    ];
  });
}

/** Describes how a field changed, without values that may be private. */
function describeChange(field: string, from: unknown, to: unknown): string {
  if (field === 'auth_password') return to ? 'was set' : 'was removed';
  if (field === 'pin') return !from ? 'was set' : !to ? 'was removed' : 'changed';
  if (LISTS.has(field) && isTexts(from) && isTexts(to)) return listChange(from, to);
  if (MATCHED.has(field) || SHOWN_FIELDS.has(field)) return `changed from ${shown(from)} to ${shown(to)}`;
  return from === undefined ? 'was set' : to === undefined ? 'was removed' : 'changed';
}

/** Single-valued fields that matching reads, and those that decide the room of a call. */
const MATCHED: ReadonlySet<string> = new Set(['name', 'auth_username', 'ringing_timeout_seconds', 'kind', 'room']);

const LISTS: ReadonlySet<string> = new Set([
  'numbers',
  'allowed_addresses',
  'allowed_numbers',
  'trunk_ids',
  'inbound_numbers',
]);

function listChange(from: readonly string[], to: readonly string[]): string {
  if (Math.max(from.length, to.length) <= ENTRIES_SHOWN) {
    return `changed from [${from.join(', ')}] to [${to.join(', ')}]`;
  }
  const [had, has] = [new Set(from), new Set(to)];
  const added = [...has].filter((entry) => !had.has(entry));
  const removed = [...had].filter((entry) => !has.has(entry));
  const parts = [listed('added', added), listed('removed', removed)];
  return `changed from ${from.length} to ${to.length} entries: ${parts.filter(Boolean).join('; ') || 'only their order'}`;
}

function listed(verb: string, entries: readonly string[]): string {
  if (entries.length === 0) return '';
  const more = entries.length > ENTRIES_SHOWN ? ` and ${entries.length - ENTRIES_SHOWN} more` : '';
  return `${verb} ${entries.slice(0, ENTRIES_SHOWN).join(', ')}${more}`;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function shown(value: unknown): string {
  if (value === undefined || value === '') return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** LiveKit's configuration as it was between two readings. Times in epoch milliseconds. */
export interface ConfigurationVersion {
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  /** Without secrets: each pin is replaced by a stand-in. */
  readonly snapshot: Snapshot;
  /** The changes since the version before; empty for the first. */
  readonly changes: readonly ConfigurationChange[];
}

/** A version as the store keeps it. */
export interface KeptVersion extends ConfigurationVersion {
  /** Grows with each version. Numbers may be missing. */
  readonly version: number;
}

/** A change between two readings, with the configurations before and after it. */
export interface SeenChange {
  /** Epoch milliseconds of the last reading without it, and of the first with it. */
  readonly since: number;
  readonly at: number;
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly changes: readonly ConfigurationChange[];
}

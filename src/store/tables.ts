import type { Columns, Queries, Value } from './database.ts';

/** A stored column. Columns for leases and owners are not declared here. */
export interface Column {
  readonly type: Columns[string];
  readonly nullable?: true;
  /** `json`: JSON text. `packed`: compressed JSON. */
  readonly form?: 'json' | 'packed';
  /** SQL of an exported value that has no column. */
  readonly computed?: string;
}

/** A table that `deliver` and `import` write and `export` reads. */
export interface Table {
  readonly name: string;
  /** A unique key, by which the table is read in pages. */
  readonly key: readonly string[];
  /** The columns by which an import recognises an existing row, if they are not the key. */
  readonly identity?: readonly string[];
  readonly columns: Readonly<Record<string, Column>>;
}

/** A row of a table, with a value for each column. */
export type RowOf<T extends Table> = { readonly [Name in keyof T['columns']]: ValueOf<T['columns'][Name]> };

type ValueOf<C extends Column> =
  | { text: string; bigint: number; bytea: Uint8Array }[C['type']]
  | (C extends { readonly nullable: true } ? null : never);

const TEXT = { type: 'text' } as const;
const TEXT_OR_NULL = { type: 'text', nullable: true } as const;
const NUMBER = { type: 'bigint' } as const;
const NUMBER_OR_NULL = { type: 'bigint', nullable: true } as const;
const BYTES = { type: 'bytea' } as const;
const JSON_TEXT = { type: 'text', form: 'json' } as const;
const JSON_OR_NULL = { type: 'text', form: 'json', nullable: true } as const;
const PACKED = { type: 'bytea', form: 'packed' } as const;

export const CONFIGURATIONS = {
  name: 'configurations',
  key: ['version'],
  // Versions of two stores may have the same number but differ, so the number alone does not identify a row.
  identity: ['version', 'first_seen_at'],
  columns: {
    version: NUMBER,
    first_seen_at: NUMBER,
    last_seen_at: NUMBER,
    snapshot: PACKED,
    changes: PACKED,
    digest: TEXT_OR_NULL,
    follows: NUMBER_OR_NULL,
  },
} as const satisfies Table;

export const INCIDENTS = {
  name: 'incidents',
  key: ['id'],
  columns: {
    id: TEXT,
    cause: TEXT,
    trunk: TEXT,
    opened_at: NUMBER,
    closed_at: NUMBER_OR_NULL,
    changed_at: NUMBER,
    incident: JSON_TEXT,
  },
} as const satisfies Table;

export const APPLIED_CHANGES = {
  name: 'applied_changes',
  key: ['id'],
  columns: {
    id: TEXT,
    applied_at: NUMBER,
    made_by: TEXT,
    why: TEXT_OR_NULL,
    subject: TEXT,
    cause: TEXT,
    changes: JSON_TEXT,
    edits: JSON_TEXT,
    undone_at: NUMBER_OR_NULL,
    undone_by: TEXT_OR_NULL,
  },
} as const satisfies Table;

export const ATTEMPTS = {
  name: 'attempts',
  key: ['id'],
  columns: {
    id: TEXT,
    call_sid: TEXT,
    call_id: TEXT,
    started_at: NUMBER,
    settled_at: NUMBER,
    record: JSON_TEXT,
    seen: JSON_OR_NULL,
    incident: TEXT_OR_NULL,
    put_away_at: NUMBER_OR_NULL,
    ended_at: NUMBER_OR_NULL,
  },
} as const satisfies Table;

export const ROOMS_BY_NUMBERS = {
  name: 'rooms_by_numbers',
  key: ['room', 'call_id'],
  columns: { room: TEXT, call_id: TEXT },
} as const satisfies Table;

export const EVENTS = {
  name: 'events',
  key: ['seq'],
  // Events of older versions have no id.
  identity: ['digest', 'received_at'],
  columns: {
    id: TEXT_OR_NULL,
    received_at: NUMBER,
    call_id: TEXT,
    call_sid: TEXT,
    dial_call_sid: TEXT_OR_NULL,
    kind: TEXT,
    digest: TEXT,
    event: JSON_TEXT,
    body: BYTES,
  },
} as const satisfies Table;

export const LIVEKIT_EVENTS = {
  name: 'livekit_events',
  key: ['seq'],
  identity: ['digest', 'received_at'],
  columns: {
    id: TEXT_OR_NULL,
    received_at: NUMBER,
    room: TEXT_OR_NULL,
    name: TEXT,
    sip_call_id: TEXT_OR_NULL,
    numbers: TEXT_OR_NULL,
    digest: TEXT,
    event: JSON_TEXT,
    body: BYTES,
  },
} as const satisfies Table;

export const OPEN_CALLS = {
  name: 'open_calls',
  key: ['call_id'],
  columns: {
    call_id: TEXT,
    /** How many attempts have a verdict. A store with more of them is further with the call. */
    attempts: { type: 'bigint', computed: '(SELECT COUNT(*) FROM attempts a WHERE a.call_id = open_calls.call_id)' },
  },
} as const satisfies Table;

/** The exported tables, in the order in which an import inserts them. */
export const EXPORTED: readonly Table[] = [
  CONFIGURATIONS,
  APPLIED_CHANGES,
  INCIDENTS,
  ATTEMPTS,
  ROOMS_BY_NUMBERS,
  EVENTS,
  LIVEKIT_EVENTS,
  OPEN_CALLS,
];

// Look-up tables. They are not exported, because an import makes them from the events.

export const SIP_CALL_IDS = {
  name: 'sip_call_ids',
  key: ['sip_call_id', 'call_id'],
  columns: { sip_call_id: TEXT, call_id: TEXT },
} as const satisfies Table;

export const LEGS_BY_NUMBERS = {
  name: 'legs_by_numbers',
  key: ['numbers', 'call_id'],
  columns: { numbers: TEXT, call_id: TEXT, heard_at: NUMBER },
} as const satisfies Table;

/** The stored columns of a table and their types. */
export function columnsOf({ columns }: Table): Columns {
  const stored = Object.entries(columns).filter(([, { computed }]) => computed === undefined);
  return Object.fromEntries(stored.map(([name, { type }]) => [name, type]));
}

/** Inserts rows. Existing rows with the same key are left unchanged. */
export async function insertRows<T extends Table>(
  queries: Queries,
  table: T,
  rows: readonly RowOf<T>[],
): Promise<void> {
  const columns = columnsOf(table);
  // The cast: `RowOf` has a value for each column.
  const values = rows.map((row) => Object.keys(columns).map((name) => row[name] as Value));
  await queries.insert(table.name, columns, values);
}

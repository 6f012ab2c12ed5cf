import { type Dialect, SQLITE } from './dialect.ts';

const SIP_CALL_IDS_OF_EVENTS = `
   INSERT OR IGNORE INTO sip_call_ids
     SELECT json_extract(event, '$.sbcCallId'), call_id FROM events
       WHERE json_extract(event, '$.sbcCallId') IS NOT NULL
     UNION SELECT json_extract(event, '$.dialSbcCallId'), call_id FROM events
       WHERE json_extract(event, '$.dialSbcCallId') IS NOT NULL;`;

/** Webhooks to forward, and when each call is due next. These tables are always in a file on this machine. */
export function forwardTables({ key, integer, bytes, table }: Dialect): string {
  return `
   CREATE TABLE forwards (
     seq ${key},
     call_id TEXT NOT NULL,
     received_at ${integer} NOT NULL,
     method TEXT NOT NULL,
     query TEXT NOT NULL,
     headers TEXT NOT NULL,
     body ${bytes} NOT NULL
   ) ${table};
   CREATE INDEX forwards_by_call ON forwards (call_id);
   CREATE TABLE forward_calls (
     call_id TEXT PRIMARY KEY,
     due_at ${integer} NOT NULL,
     failures ${integer} NOT NULL
   ) ${table};
   CREATE INDEX forward_calls_by_time ON forward_calls (due_at);`;
}

/** Tables and columns for recognising repeats, finding competing calls, and claiming calls. */
const engineTables = ({ integer, keyed }: Dialect) => `
   CREATE UNIQUE INDEX events_by_id ON events (id);
   CREATE UNIQUE INDEX livekit_events_by_id ON livekit_events (id);
   CREATE TABLE deliveries (digest TEXT PRIMARY KEY) ${keyed};
   ALTER TABLE livekit_events ADD COLUMN numbers TEXT;
   CREATE INDEX livekit_events_by_numbers ON livekit_events (numbers, received_at) WHERE numbers IS NOT NULL;
   CREATE TABLE legs_by_numbers (
     numbers TEXT NOT NULL,
     call_id TEXT NOT NULL,
     heard_at ${integer} NOT NULL,
     PRIMARY KEY (numbers, call_id)
   ) ${keyed};
   CREATE INDEX legs_by_numbers_by_call ON legs_by_numbers (call_id);
   ALTER TABLE open_calls ADD COLUMN due_at ${integer} NOT NULL DEFAULT 0;
   ALTER TABLE open_calls ADD COLUMN owner TEXT;
   ALTER TABLE open_calls ADD COLUMN leased_until ${integer} NOT NULL DEFAULT 0;
   ALTER TABLE open_calls ADD COLUMN arrivals ${integer} NOT NULL DEFAULT 1;
   ALTER TABLE open_calls ADD COLUMN judged ${integer} NOT NULL DEFAULT 0;
   ALTER TABLE open_calls ADD COLUMN last_received_at ${integer} NOT NULL DEFAULT 0;
   CREATE INDEX open_calls_by_due ON open_calls (due_at);`;

/** The `seq` of the first webhook that names the leg of an attempt `a`. */
const FIRST_EVENT = `COALESCE((SELECT MIN(seq) FROM events WHERE call_sid = a.call_sid OR dial_call_sid = a.call_sid),
         ${Number.MAX_SAFE_INTEGER})`;

/** Whether a webhook named another dialled leg, which has no attempt yet, before the leg of an attempt `placed`. */
const HAS_EARLIER_LEG = `(placed.call_sid <> placed.call_id AND EXISTS (SELECT 1 FROM events
         WHERE events.call_id = placed.call_id AND events.seq < placed.first_heard
           AND (events.call_sid <> events.call_id OR events.dial_call_sid <> events.call_id)))`;

/**
 * Each entry migrates a store from the version that is its index to the next one. Entries are only ever added. A column
 * added to a table that may have rows needs a default or must be nullable.
 */
export const MIGRATIONS: readonly ((dialect: Dialect) => string)[] = [
  ({ key, integer, bytes, table }) => `
   CREATE TABLE events (
     seq ${key},
     received_at ${integer} NOT NULL,
     call_id TEXT NOT NULL,
     call_sid TEXT NOT NULL,
     dial_call_sid TEXT,
     kind TEXT NOT NULL,
     digest TEXT NOT NULL,
     event TEXT NOT NULL,
     body ${bytes} NOT NULL
   ) ${table};
   CREATE INDEX events_by_call ON events (call_id);
   CREATE INDEX events_by_leg ON events (call_sid);
   CREATE INDEX events_by_dialled_leg ON events (dial_call_sid) WHERE dial_call_sid IS NOT NULL;
   CREATE INDEX events_by_digest ON events (digest);
   CREATE TABLE open_calls (call_id TEXT PRIMARY KEY) ${table};
   CREATE TABLE attempts (
     call_sid TEXT PRIMARY KEY,
     call_id TEXT NOT NULL,
     started_at ${integer} NOT NULL,
     settled_at ${integer} NOT NULL,
     explanation TEXT NOT NULL
   ) ${table};
   CREATE INDEX attempts_by_call ON attempts (call_id);
   CREATE INDEX attempts_by_time ON attempts (settled_at);`,
  ({ lastingKey, integer, bytes, table }) => `
   CREATE TABLE configurations (
     version ${lastingKey},
     first_seen_at ${integer} NOT NULL,
     last_seen_at ${integer} NOT NULL,
     snapshot ${bytes} NOT NULL,
     changes ${bytes} NOT NULL
   ) ${table};`,
  ({ key, integer, bytes, table, keyed, isShared }) => `
   CREATE TABLE livekit_events (
     seq ${key},
     received_at ${integer} NOT NULL,
     room TEXT,
     name TEXT NOT NULL,
     sip_call_id TEXT,
     digest TEXT NOT NULL,
     event TEXT NOT NULL,
     body ${bytes} NOT NULL
   ) ${table};
   CREATE INDEX livekit_events_by_room ON livekit_events (room) WHERE room IS NOT NULL;
   CREATE INDEX livekit_events_by_call ON livekit_events (sip_call_id) WHERE sip_call_id IS NOT NULL;
   CREATE INDEX livekit_events_by_digest ON livekit_events (digest);
   CREATE INDEX livekit_events_by_time ON livekit_events (received_at);
   CREATE TABLE sip_call_ids (
     sip_call_id TEXT NOT NULL,
     call_id TEXT NOT NULL,
     PRIMARY KEY (sip_call_id, call_id)
   ) ${keyed};
   CREATE INDEX sip_call_ids_by_call ON sip_call_ids (call_id);
   ${isShared ? '' : SIP_CALL_IDS_OF_EVENTS}
   CREATE TABLE rooms_by_numbers (
     room TEXT NOT NULL,
     call_id TEXT NOT NULL,
     PRIMARY KEY (room, call_id)
   ) ${keyed};
   CREATE INDEX rooms_by_numbers_by_call ON rooms_by_numbers (call_id);`,
  ({ integer, table }) => `
   CREATE TABLE incidents (
     id TEXT PRIMARY KEY,
     cause TEXT NOT NULL,
     trunk TEXT NOT NULL,
     opened_at ${integer} NOT NULL,
     closed_at ${integer},
     changed_at ${integer} NOT NULL,
     incident TEXT NOT NULL
   ) ${table};
   CREATE UNIQUE INDEX incidents_open ON incidents (cause, trunk) WHERE closed_at IS NULL;
   CREATE INDEX incidents_by_kind ON incidents (cause, trunk, closed_at);
   CREATE INDEX incidents_by_opening ON incidents (opened_at, id);
   CREATE INDEX incidents_by_closing ON incidents (closed_at);
   CREATE INDEX incidents_by_change ON incidents (changed_at, id);
   ALTER TABLE attempts ADD COLUMN incident TEXT;
   CREATE INDEX attempts_by_incident ON attempts (incident, started_at) WHERE incident IS NOT NULL;
   CREATE TABLE incident_notices (
     id TEXT PRIMARY KEY,
     endpoint TEXT NOT NULL,
     event TEXT NOT NULL,
     incident TEXT NOT NULL,
     made_at ${integer} NOT NULL,
     due_at ${integer} NOT NULL,
     tries ${integer} NOT NULL,
     leased_until ${integer} NOT NULL
   ) ${table};
   CREATE INDEX incident_notices_by_time ON incident_notices (due_at);`,
  ({ integer, table }) => `
   CREATE TABLE attempt_keys (
     call_sid TEXT PRIMARY KEY REFERENCES attempts (call_sid) ON DELETE CASCADE,
     settled_at ${integer} NOT NULL,
     changed_at ${integer} NOT NULL,
     outcome TEXT NOT NULL,
     cause TEXT,
     party TEXT,
     trunk TEXT NOT NULL,
     status ${integer},
     from_digits TEXT NOT NULL,
     to_digits TEXT NOT NULL
   ) ${table};
   CREATE INDEX attempt_keys_by_time ON attempt_keys (settled_at, call_sid);
   CREATE INDEX attempt_keys_by_cause ON attempt_keys (cause, settled_at, call_sid);
   CREATE INDEX attempt_keys_by_change ON attempt_keys (changed_at, call_sid);`,
  (dialect) => (dialect === SQLITE ? forwardTables(dialect) : ''),

  (dialect) => `
   ALTER TABLE events ADD COLUMN id TEXT;
   ALTER TABLE livekit_events ADD COLUMN id TEXT;
   ALTER TABLE attempts ADD COLUMN settled_by TEXT;
   ALTER TABLE configurations ADD COLUMN digest TEXT;
   ALTER TABLE configurations ADD COLUMN follows ${dialect.integer};
   CREATE UNIQUE INDEX configurations_once ON configurations (follows, digest);
   ${dialect.isShared ? engineTables(dialect) : ''}`,
  () => 'ALTER TABLE attempts ADD COLUMN seen TEXT;',
  // From here on both databases have the same tables. Calls that are open in an older file are due at once.
  (dialect) => `
   ${dialect.isShared ? '' : engineTables(dialect)}
   CREATE TABLE log_positions (
     log TEXT PRIMARY KEY,
     segment ${dialect.integer} NOT NULL,
     byte_offset ${dialect.integer} NOT NULL
   ) ${dialect.table};`,
  ({ integer, table }) => `
   ALTER TABLE attempts RENAME TO attempts_by_call_sid;
   ALTER TABLE attempt_keys RENAME TO keys_by_call_sid;
   CREATE TABLE attempts (
     id TEXT PRIMARY KEY,
     call_sid TEXT NOT NULL,
     call_id TEXT NOT NULL,
     started_at ${integer} NOT NULL,
     settled_at ${integer} NOT NULL,
     record TEXT NOT NULL,
     seen TEXT,
     settled_by TEXT,
     incident TEXT
   ) ${table};
   INSERT INTO attempts
     SELECT CASE WHEN place = 1 AND NOT ${HAS_EARLIER_LEG} THEN call_id ELSE call_sid END,
       call_sid, call_id, started_at, settled_at, explanation, seen, settled_by, incident
     FROM (SELECT heard.*, ROW_NUMBER() OVER (PARTITION BY call_id ORDER BY
         CASE WHEN call_sid = call_id THEN 0 ELSE 1 END, first_heard, started_at, call_sid) AS place
       FROM (SELECT a.*, ${FIRST_EVENT} AS first_heard FROM attempts_by_call_sid AS a) AS heard) AS placed;
   CREATE INDEX attempts_by_leg ON attempts (call_sid);
   CREATE TABLE attempt_keys (
     id TEXT PRIMARY KEY REFERENCES attempts (id) ON DELETE CASCADE,
     settled_at ${integer} NOT NULL,
     changed_at ${integer} NOT NULL,
     outcome TEXT NOT NULL,
     cause TEXT,
     party TEXT,
     trunk TEXT NOT NULL,
     status ${integer},
     from_digits TEXT NOT NULL,
     to_digits TEXT NOT NULL
   ) ${table};
   INSERT INTO attempt_keys
     SELECT a.id, k.settled_at, k.changed_at, k.outcome, k.cause, k.party, k.trunk, k.status, k.from_digits, k.to_digits
     FROM keys_by_call_sid AS k JOIN attempts AS a ON a.call_sid = k.call_sid;
   DROP TABLE keys_by_call_sid;
   DROP TABLE attempts_by_call_sid;
   CREATE INDEX attempts_by_call ON attempts (call_id);
   CREATE INDEX attempts_by_time ON attempts (settled_at);
   CREATE INDEX attempts_by_incident ON attempts (incident, started_at) WHERE incident IS NOT NULL;
   CREATE INDEX attempt_keys_by_time ON attempt_keys (settled_at, id);
   CREATE INDEX attempt_keys_by_cause ON attempt_keys (cause, settled_at, id);
   CREATE INDEX attempt_keys_by_change ON attempt_keys (changed_at, id);`,
  ({ integer }) => `ALTER TABLE attempts ADD COLUMN put_away_at ${integer};`,
  // Indexes that hold all that counting needs, in the order of lists: of all attempts, and of those of an incident.
  () => `
   DROP INDEX attempt_keys_by_time;
   CREATE INDEX attempt_keys_by_time ON attempt_keys (settled_at, id, outcome, cause, party, trunk, status);
   CREATE INDEX attempts_of_incident ON attempts (incident, settled_at, id) WHERE incident IS NOT NULL;`,
  // The same for the attempts of a cause, of a trunk, and with an outcome. And what needs not be done at a start again.
  ({ keyed, integer }) => `
   CREATE TABLE finished_work (name TEXT PRIMARY KEY) ${keyed};
   ALTER TABLE open_calls ADD COLUMN over_at ${integer};
   DROP INDEX attempt_keys_by_cause;
   CREATE INDEX attempt_keys_by_cause ON attempt_keys (cause, settled_at, id, outcome, party, trunk, status);
   CREATE INDEX attempt_keys_by_trunk ON attempt_keys (trunk, settled_at, id, outcome, cause, party, status);
   CREATE INDEX attempt_keys_by_outcome ON attempt_keys (outcome, settled_at, id, cause, party, trunk, status);`,
  // The kinds of calls that connect, and what changes of the configuration will do to them.
  ({ integer, table, keyed }) => `
   CREATE TABLE call_kinds (
     kind_key TEXT NOT NULL,
     day ${integer} NOT NULL,
     kind TEXT NOT NULL,
     calls ${integer} NOT NULL,
     PRIMARY KEY (kind_key, day)
   ) ${keyed};
   CREATE TABLE predictions (
     id TEXT PRIMARY KEY,
     fault TEXT NOT NULL,
     opened_at ${integer} NOT NULL,
     closed_at ${integer},
     prediction TEXT NOT NULL
   ) ${table};
   CREATE UNIQUE INDEX predictions_open ON predictions (fault) WHERE closed_at IS NULL;`,
  // What commands changed in LiveKit's configuration.
  ({ integer, table }) => `
   CREATE TABLE applied_changes (
     id TEXT PRIMARY KEY,
     applied_at ${integer} NOT NULL,
     made_by TEXT NOT NULL,
     why TEXT,
     subject TEXT NOT NULL,
     cause TEXT NOT NULL,
     changes TEXT NOT NULL,
     edits TEXT NOT NULL,
     undone_at ${integer},
     undone_by TEXT
   ) ${table};
   CREATE INDEX applied_changes_by_time ON applied_changes (applied_at, id);`,
  // When the end of an answered attempt was judged, and by which process: each end is counted once.
  ({ integer }) => `
   ALTER TABLE attempts ADD COLUMN ended_at ${integer};
   ALTER TABLE attempts ADD COLUMN ended_by TEXT;`,
  // Thousands of calls may have the same numbers: callers who withhold theirs, and load tests.
  () => 'CREATE INDEX legs_by_numbers_by_time ON legs_by_numbers (numbers, heard_at);',
];

/** A kind of SQLite file. */
export interface SqliteKind {
  /** Its name in messages. */
  readonly name: string;
  /** A table and a column that every file of this kind has. */
  readonly table: string;
  readonly column: string;
  readonly migrations: readonly ((dialect: Dialect) => string)[];
}

export const STORE: SqliteKind = { name: 'the store', table: 'events', column: 'digest', migrations: MIGRATIONS };

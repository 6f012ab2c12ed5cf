import type { DatabaseSync } from 'node:sqlite';

/** Each entry brings a store from the version that is its index to the next one. Entries are only ever added. */
const MIGRATIONS = [
  `CREATE TABLE events (
     seq INTEGER PRIMARY KEY,
     received_at INTEGER NOT NULL,
     call_id TEXT NOT NULL,
     call_sid TEXT NOT NULL,
     dial_call_sid TEXT,
     kind TEXT NOT NULL,
     digest TEXT NOT NULL,
     event TEXT NOT NULL,
     body BLOB NOT NULL
   ) STRICT;
   CREATE INDEX events_by_call ON events (call_id);
   CREATE INDEX events_by_leg ON events (call_sid);
   CREATE INDEX events_by_dialled_leg ON events (dial_call_sid) WHERE dial_call_sid IS NOT NULL;
   CREATE INDEX events_by_digest ON events (digest);
   CREATE TABLE open_calls (call_id TEXT PRIMARY KEY) STRICT;
   CREATE TABLE attempts (
     call_sid TEXT PRIMARY KEY,
     call_id TEXT NOT NULL,
     started_at INTEGER NOT NULL,
     settled_at INTEGER NOT NULL,
     explanation TEXT NOT NULL
   ) STRICT;
   CREATE INDEX attempts_by_call ON attempts (call_id);
   CREATE INDEX attempts_by_time ON attempts (settled_at);`,
  `CREATE TABLE configurations (
     version INTEGER PRIMARY KEY AUTOINCREMENT,
     first_seen_at INTEGER NOT NULL,
     last_seen_at INTEGER NOT NULL,
     snapshot BLOB NOT NULL,
     changes BLOB NOT NULL
   ) STRICT;`,
  `CREATE TABLE livekit_events (
     seq INTEGER PRIMARY KEY,
     received_at INTEGER NOT NULL,
     room TEXT,
     name TEXT NOT NULL,
     sip_call_id TEXT,
     digest TEXT NOT NULL,
     event TEXT NOT NULL,
     body BLOB NOT NULL
   ) STRICT;
   CREATE INDEX livekit_events_by_room ON livekit_events (room) WHERE room IS NOT NULL;
   CREATE INDEX livekit_events_by_call ON livekit_events (sip_call_id) WHERE sip_call_id IS NOT NULL;
   CREATE INDEX livekit_events_by_digest ON livekit_events (digest);
   CREATE INDEX livekit_events_by_time ON livekit_events (received_at);
   CREATE TABLE sip_call_ids (
     sip_call_id TEXT NOT NULL,
     call_id TEXT NOT NULL,
     PRIMARY KEY (sip_call_id, call_id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX sip_call_ids_by_call ON sip_call_ids (call_id);
   INSERT OR IGNORE INTO sip_call_ids
     SELECT json_extract(event, '$.sbcCallId'), call_id FROM events
       WHERE json_extract(event, '$.sbcCallId') IS NOT NULL
     UNION SELECT json_extract(event, '$.dialSbcCallId'), call_id FROM events
       WHERE json_extract(event, '$.dialSbcCallId') IS NOT NULL;
   CREATE TABLE rooms_by_numbers (
     room TEXT NOT NULL,
     call_id TEXT NOT NULL,
     PRIMARY KEY (room, call_id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX rooms_by_numbers_by_call ON rooms_by_numbers (call_id);`,
];

/** Brings the store to this version's schema. Throws, and changes nothing, where a newer version wrote it. */
export function migrate(db: DatabaseSync): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version ?? 0);
  if (version > MIGRATIONS.length) {
    throw new Error(
      `the store was written by a newer version of sipwhy (schema ${version}, this one knows ${MIGRATIONS.length})`,
    );
  }
  for (const [i, statements] of MIGRATIONS.entries()) {
    if (i < version) continue;
    db.exec(`BEGIN IMMEDIATE; ${statements} PRAGMA user_version = ${i + 1}; COMMIT`);
  }
}

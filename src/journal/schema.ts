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

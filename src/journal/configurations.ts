import type { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { ConfigurationChange } from '../trunks/difference.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import type { ConfigurationVersion, KeptVersion } from '../trunks/version.ts';
import type { ConfigurationStore, ListedVersion } from './store.ts';

/** How many versions are kept, and for how long after they were last read, in milliseconds. */
const KEPT_VERSIONS = 1_000;
const KEPT_MS = 90 * 86_400_000;

interface Row {
  readonly version: number;
  readonly first_seen_at: number;
  readonly last_seen_at: number;
  readonly snapshot: Uint8Array;
  readonly changes: Uint8Array;
}

/** Versions of LiveKit's configuration in SQLite. Those of thousands of trunks are megabytes, so they are compressed. */
export class SqliteConfigurations implements ConfigurationStore {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
  }

  async latest(limit: number): Promise<KeptVersion[]> {
    const kept: KeptVersion[] = [];
    for (const row of rows(this.#sql.latest.all(limit))) kept.unshift(await toKept(row));
    return kept;
  }

  async add({ firstSeenAt, lastSeenAt, snapshot, changes }: ConfigurationVersion): Promise<number> {
    const [packedSnapshot, packedChanges] = await Promise.all([pack(snapshot), pack(changes)]);
    const added = this.#sql.add.run(firstSeenAt, lastSeenAt, packedSnapshot, packedChanges);
    const version = Number(added.lastInsertRowid);
    this.#sql.drop.run(version - KEPT_VERSIONS, lastSeenAt - KEPT_MS, version);
    return version;
  }

  async seen(version: number, at: number): Promise<void> {
    this.#sql.seen.run(at, version);
  }

  async list(limit: number): Promise<ListedVersion[]> {
    return Promise.all(
      rows(this.#sql.list.all(limit)).map(async ({ version, first_seen_at, last_seen_at, changes }) => ({
        version,
        firstSeenAt: first_seen_at,
        lastSeenAt: last_seen_at,
        // The cast is what add wrote.
        changes: (await unpack(changes)) as ConfigurationChange[],
      })),
    );
  }

  async find(version: number): Promise<KeptVersion | undefined> {
    const [row] = rows(this.#sql.find.all(version));
    return row && toKept(row);
  }
}

function prepare(db: DatabaseSync) {
  return {
    latest: db.prepare('SELECT * FROM configurations ORDER BY version DESC LIMIT ?'),
    add: db.prepare('INSERT INTO configurations (first_seen_at, last_seen_at, snapshot, changes) VALUES (?, ?, ?, ?)'),
    drop: db.prepare('DELETE FROM configurations WHERE (version <= ? OR last_seen_at < ?) AND version <> ?'),
    seen: db.prepare('UPDATE configurations SET last_seen_at = ? WHERE version = ?'),
    list: db.prepare(
      'SELECT version, first_seen_at, last_seen_at, changes FROM configurations ORDER BY version DESC LIMIT ?',
    ),
    find: db.prepare('SELECT * FROM configurations WHERE version = ?'),
  };
}

function rows(found: readonly unknown[]): readonly Row[] {
  // The cast is what the schema declares; a list has no snapshot, and asks for none.
  return found as readonly Row[];
}

async function toKept({ version, first_seen_at, last_seen_at, snapshot, changes }: Row): Promise<KeptVersion> {
  return {
    version,
    firstSeenAt: first_seen_at,
    lastSeenAt: last_seen_at,
    // The casts are what add wrote.
    snapshot: (await unpack(snapshot)) as Snapshot,
    changes: (await unpack(changes)) as ConfigurationChange[],
  };
}

async function pack(value: unknown): Promise<Uint8Array> {
  return promisify(gzip)(JSON.stringify(value));
}

async function unpack(bytes: Uint8Array): Promise<unknown> {
  return JSON.parse((await promisify(gunzip)(bytes)).toString());
}

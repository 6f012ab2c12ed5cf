import { createHash } from 'node:crypto';
import type { ConfigurationChange, ConfigurationVersion, KeptVersion } from '../core/trunks/difference.ts';
import { withoutValues } from '../core/trunks/namesOnly.ts';
import { Snapshot, type SnapshotFields } from '../core/trunks/snapshot.ts';
import type { Database } from './database.ts';
import { pack, unpack } from './packedJson.ts';

/** A version of LiveKit's configuration without the configuration. */
type ListedVersion = Omit<KeptVersion, 'snapshot'>;

/** How many versions are kept. Retention deletes old ones earlier. */
const KEPT_VERSIONS = 1_000;

/** How often adding is tried if other replicas add versions at the same time. */
const TRIES = 5;

interface Row {
  readonly version: number;
  readonly first_seen_at: number;
  readonly last_seen_at: number;
  readonly snapshot: Uint8Array;
  readonly changes: Uint8Array;
}

/** The stored versions of LiveKit's configuration. They are compressed: thousands of trunks take megabytes. */
export class Configurations {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The latest versions, oldest first. */
  async latest(limit: number): Promise<KeptVersion[]> {
    const rows = await this.#database.all<Row>('SELECT * FROM configurations ORDER BY version DESC LIMIT $1', [limit]);
    return Promise.all(rows.reverse().map(toKept));
  }

  /**
   * Stores a version and resolves to its number, which is greater than all before. If several replicas read the same
   * configuration after the same version, the first one adds it and the others get its number. Rejects after five tries.
   */
  async add({ firstSeenAt, lastSeenAt, snapshot, changes }: ConfigurationVersion): Promise<number> {
    const [packedSnapshot, packedChanges] = await Promise.all([pack(snapshot), pack(changes)]);
    const digest = digestOf(snapshot);
    return this.#database.transaction(async (queries) => {
      for (let tries = 1; tries <= TRIES; tries += 1) {
        const [latest] = await queries.all<{ version: number; digest: string | null }>(
          'SELECT version, digest FROM configurations ORDER BY version DESC LIMIT 1',
        );
        if (latest?.digest === digest) return latest.version;
        const [added] = await queries.all<{ version: number }>(
          `INSERT INTO configurations (first_seen_at, last_seen_at, snapshot, changes, digest, follows)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (follows, digest) DO NOTHING RETURNING version`,
          [firstSeenAt, lastSeenAt, packedSnapshot, packedChanges, digest, latest?.version ?? 0],
        );
        if (added) {
          await queries.run('DELETE FROM configurations WHERE version <= $1', [added.version - KEPT_VERSIONS]);
          return added.version;
        }
      }
      throw new Error('could not store a version of LiveKit’s configuration: other replicas kept adding theirs');
    });
  }

  /** Notes when, in epoch milliseconds, a version was last read. */
  async seen(version: number, at: number): Promise<void> {
    await this.#database.run('UPDATE configurations SET last_seen_at = $1 WHERE version = $2 AND last_seen_at < $1', [
      at,
      version,
    ]);
  }

  /** The latest versions, newest first. */
  async list(limit: number): Promise<ListedVersion[]> {
    const rows = await this.#database.all<Omit<Row, 'snapshot'>>(
      'SELECT version, first_seen_at, last_seen_at, changes FROM configurations ORDER BY version DESC LIMIT $1',
      [limit],
    );
    const listed: ListedVersion[] = [];
    // One at a time: a version may have thousands of changes.
    for (const row of rows) listed.push(await toListed(row));
    return listed;
  }

  /** The version in force at a time in epoch milliseconds, and the one after it. Either may be missing. */
  async around(time: number): Promise<KeptVersion[]> {
    const rows = [
      ...(await this.#database.all<Row>(
        'SELECT * FROM configurations WHERE first_seen_at <= $1 ORDER BY version DESC LIMIT 1',
        [time],
      )),
      ...(await this.#database.all<Row>(
        'SELECT * FROM configurations WHERE first_seen_at > $1 ORDER BY version LIMIT 1',
        [time],
      )),
    ];
    return Promise.all(rows.map(toKept));
  }

  /** Finds a version by its number; `undefined` if it is not stored. */
  async find(version: number): Promise<KeptVersion | undefined> {
    const [row] = await this.#database.all<Row>('SELECT * FROM configurations WHERE version = $1', [version]);
    return row && toKept(row);
  }
}

/** A digest that does not depend on the order in which LiveKit lists trunks and rules. */
function digestOf({ trunks, rules }: Snapshot): string {
  const sorted = [
    trunks.toSorted((a, b) => (a.sip_trunk_id < b.sip_trunk_id ? -1 : 1)),
    rules.toSorted((a, b) => (a.sip_dispatch_rule_id < b.sip_dispatch_rule_id ? -1 : 1)),
  ];
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url');
}

async function toKept(row: Row): Promise<KeptVersion> {
  // The cast is what add wrote.
  const fields = (await unpack(row.snapshot)) as SnapshotFields;
  return { ...(await toListed(row)), snapshot: new Snapshot(withoutValues(fields)) };
}

async function toListed(row: Omit<Row, 'snapshot'>): Promise<ListedVersion> {
  const { version, first_seen_at, last_seen_at, changes } = row;
  return {
    version,
    firstSeenAt: first_seen_at,
    lastSeenAt: last_seen_at,
    // The cast is what add wrote.
    changes: (await unpack(changes)) as ConfigurationChange[],
  };
}

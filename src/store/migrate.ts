import type { Database, Queries } from './database.ts';
import { POSTGRES, SQLITE } from './dialect.ts';
import { partitionTables } from './postgres/partitions.ts';
import { MIGRATIONS, type SqliteKind } from './schema.ts';

/**
 * Migrates a SQLite file to this version's schema, and sets its journal mode. Rejects, and changes nothing, if a newer
 * version or another program wrote the file.
 */
export async function migrateSqlite(database: Database, kind: SqliteKind): Promise<void> {
  // Even the journal mode must not change before it is known that the file is ours.
  const found = await verifiedVersion(database, kind);
  // A commit is on disk only after `sync`. Until then the journal still has the webhooks. What is deleted is overwritten
  // with zeros, so that no phone number or credential stays in the file.
  await database.script(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON',
  );
  // The keys of calls and webhooks are random, so each transaction writes to pages all over the file. With a log of 32 MB
  // and a cache of 8 MB, a page is read and copied into the file a quarter as often as with SQLite's defaults.
  await database.script('PRAGMA wal_autocheckpoint = 8000; PRAGMA cache_size = -8000');
  if (found === kind.migrations.length) return;
  await database.transaction(async (queries) => {
    // Another process may have migrated the file meanwhile.
    const version = await sqliteVersion(queries, kind);
    for (const migration of kind.migrations.slice(version)) await queries.script(migration(SQLITE));
    await queries.script(`PRAGMA user_version = ${kind.migrations.length}`);
  });
}

async function sqliteVersion(queries: Queries, { name, migrations }: SqliteKind): Promise<number> {
  const [row] = await queries.all<{ user_version: number }>('PRAGMA user_version');
  const version = row?.user_version ?? 0;
  refuseNewer(name, version, migrations.length);
  return version;
}

/** The schema version of a file that is empty or ours. Throws for any other file. */
async function verifiedVersion(queries: Queries, kind: SqliteKind): Promise<number> {
  // Read the tables before the version: another process that creates them now sets both in one transaction.
  const tables = await queries.all<{ name: string; is_ours: number }>(
    `SELECT name, name = $1 AND EXISTS (SELECT 1 FROM pragma_table_info($1) WHERE name = $2) AS is_ours
     FROM sqlite_master WHERE type = 'table' ORDER BY name = $1 DESC`,
    [kind.table, kind.column],
  );
  const version = await sqliteVersion(queries, kind);
  const [first] = tables;
  if (!first || (version > 0 && first.is_ours)) return version;
  throw new Error(
    `the file is not ${kind.name}: it is a SQLite file of another kind, with a table ${first.name}. It was not changed. Name another file; it is created if it does not exist`,
  );
}

/** Migrates a PostgreSQL schema to this version. If several replicas start together, one migrates and the others wait. */
export async function migratePostgres(database: Database): Promise<void> {
  const create = () =>
    database.script('CREATE TABLE IF NOT EXISTS sipwhy_schema (id INTEGER PRIMARY KEY, version BIGINT NOT NULL)');
  // In PostgreSQL one of two concurrent CREATEs may fail in spite of IF NOT EXISTS.
  await create().catch(create);
  await database.transaction(async (queries) => {
    await queries.run('INSERT INTO sipwhy_schema (id, version) VALUES (1, 0) ON CONFLICT (id) DO NOTHING');
    const [row] = await queries.all<{ version: number }>('SELECT version FROM sipwhy_schema WHERE id = 1 FOR UPDATE');
    const version = row?.version ?? 0;
    refuseNewer('the store', version, MIGRATIONS.length);
    for (const migration of MIGRATIONS.slice(version)) await queries.script(migration(POSTGRES));
    if (version < MIGRATIONS.length) await queries.run('UPDATE sipwhy_schema SET version = $1', [MIGRATIONS.length]);
  });
  await partitionTables(database);
}

function refuseNewer(name: string, version: number, known: number): void {
  if (version <= known) return;
  throw new NewerSchema(
    `${name} was written by a newer version of sipwhy (schema ${version}; this version supports ${known}). It was not changed. Run that version, or name another store in DATABASE_URL`,
  );
}

/** A newer version wrote the store. Unlike an unavailable database, waiting does not help. */
export class NewerSchema extends Error {}

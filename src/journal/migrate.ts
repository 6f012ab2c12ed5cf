import type { Database, Queries } from './database.ts';
import { type Dialect, MIGRATIONS, POSTGRES, SQLITE } from './schema.ts';

/**
 * Brings a SQLite file to this version's schema, and sets how it is written. Rejects, and changes nothing, where a newer
 * version wrote it, or another program.
 */
export async function migrateSqlite(database: Database): Promise<void> {
  // Not even the journal's mode is set before it is known that the file is ours.
  if ((await sqliteVersion(database)) === 0) await refuseForeign(database);
  await database.script('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
  if ((await sqliteVersion(database)) === MIGRATIONS.length) return;
  await database.transaction(async (queries) => {
    // Another process may have been faster.
    await bringForward(queries, await sqliteVersion(queries), SQLITE);
    await queries.script(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}

async function sqliteVersion(queries: Queries): Promise<number> {
  const [row] = await queries.all<{ user_version: number }>('PRAGMA user_version');
  const version = row?.user_version ?? 0;
  refuseNewer(version);
  return version;
}

async function refuseForeign(queries: Queries): Promise<void> {
  const [table] = await queries.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' LIMIT 1");
  if (table) {
    throw new Error(
      `DATABASE_URL names a SQLite file of another program (it has a table ${table.name}); nothing was changed in it`,
    );
  }
}

/** Brings a schema of PostgreSQL's to this version's; of replicas that start at once, one does it and the others wait. */
export async function migratePostgres(database: Database): Promise<void> {
  const create = () =>
    database.script('CREATE TABLE IF NOT EXISTS sipwhy_schema (id INTEGER PRIMARY KEY, version BIGINT NOT NULL)');
  // Of two that do so at once one may fail in PostgreSQL, in spite of IF NOT EXISTS.
  await create().catch(create);
  await database.transaction(async (queries) => {
    await queries.run('INSERT INTO sipwhy_schema (id, version) VALUES (1, 0) ON CONFLICT (id) DO NOTHING');
    const [row] = await queries.all<{ version: number }>('SELECT version FROM sipwhy_schema WHERE id = 1 FOR UPDATE');
    const version = row?.version ?? 0;
    refuseNewer(version);
    await bringForward(queries, version, POSTGRES);
    if (version < MIGRATIONS.length) await queries.run('UPDATE sipwhy_schema SET version = $1', [MIGRATIONS.length]);
  });
}

async function bringForward(queries: Queries, version: number, dialect: Dialect): Promise<void> {
  for (const migration of MIGRATIONS.slice(version)) await queries.script(migration(dialect));
}

function refuseNewer(version: number): void {
  if (version <= MIGRATIONS.length) return;
  throw new Error(
    `the store was written by a newer version of sipwhy (schema ${version}, this one knows ${MIGRATIONS.length}); nothing was changed in it`,
  );
}

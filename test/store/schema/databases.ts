import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Database } from '../../../src/store/database.ts';
import { migratePostgres } from '../../../src/store/migrate.ts';
import { PostgresDatabase } from '../../../src/store/postgres/postgresDatabase.ts';
import { SqliteDatabase } from '../../../src/store/sqlite/sqliteDatabase.ts';

const POSTGRES = process.env.TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/test';

/** A place for a store that nobody else uses. */
export interface Place {
  readonly url: string;
  remove(): Promise<void>;
}

/** A directory with a name for a SQLite file in it. */
export async function sqliteFile(): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
  return { url: join(directory, 'store.db'), remove: () => rm(directory, { recursive: true }) };
}

/** A schema of its own on a PostgreSQL server: the machine's, where no other is given. */
export async function postgresSchema(
  server = POSTGRES,
): Promise<Place & { query(sql: string): Promise<Record<string, unknown>[]> }> {
  const schema = `sipwhy_${randomBytes(6).toString('hex')}`;
  const pool = new pg.Pool({ connectionString: server, max: 2, options: `-c search_path=${schema}` });
  // A server that is stopped breaks connections that nobody uses just then.
  pool.on('error', () => {});
  await pool.query(`CREATE SCHEMA ${schema}`);
  const url = new URL(server);
  url.searchParams.set('options', `-c search_path=${schema}`);
  return {
    url: url.href,
    query: async (sql) => (await pool.query(sql)).rows,
    async remove() {
      await pool.query(`DROP SCHEMA ${schema} CASCADE`);
      await pool.end();
    },
  };
}

/** Both databases, empty and with the schema. */
export const DATABASES = [
  { name: 'SQLite', place: sqliteFile, open: (url: string): Promise<Database> => SqliteDatabase.open(url) },
  {
    name: 'PostgreSQL',
    place: postgresSchema,
    async open(url: string): Promise<Database> {
      const database = new PostgresDatabase(url);
      await migratePostgres(database);
      return database;
    },
  },
];

import pg from 'pg';
import type { Columns, Database, Queries, Value } from '../database.ts';
import { POSTGRES } from '../dialect.ts';

/** How long, in milliseconds, to wait for a connection before PostgreSQL counts as unavailable. */
const CONNECT_MS = 3_000;
/** How long, in milliseconds, to wait for an answer before PostgreSQL counts as unavailable. */
const ANSWER_MS = 30_000;
/** How often a transaction is tried that conflicts with another one. Distributed databases conflict more often. */
const TRIES = 5;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';

/** PostgreSQL, or a database with its protocol. */
export class PostgresDatabase implements Database {
  readonly dialect = POSTGRES;
  readonly #pool: pg.Pool;

  constructor(url: string, connections = 8) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
      application_name: 'sipwhy',
      types: { getTypeParser },
    });
    // An idle connection that breaks is replaced. If PostgreSQL is unavailable, the next query rejects.
    this.#pool.on('error', () => {});
  }

  async all<R extends object>(sql: string, parameters: readonly Value[] = []): Promise<R[]> {
    return queriesOn(this.#pool).all<R>(sql, parameters).catch(rethrow);
  }

  async run(sql: string, parameters: readonly Value[] = []): Promise<number> {
    return queriesOn(this.#pool).run(sql, parameters).catch(rethrow);
  }

  async insert(table: string, columns: Columns, rows: readonly (readonly Value[])[]): Promise<void> {
    await queriesOn(this.#pool).insert(table, columns, rows).catch(rethrow);
  }

  async script(statements: string): Promise<void> {
    await queriesOn(this.#pool).script(statements).catch(rethrow);
  }

  async transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#within('BEGIN', work);
      } catch (error) {
        const isContention = [SERIALIZATION_FAILURE, DEADLOCK].includes(codeOf(error) ?? '');
        if (!isContention || tries === TRIES) throw asUnavailable(error);
      }
    }
  }

  snapshot<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.#within('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', work).catch(rethrow);
  }

  /** Does nothing: PostgreSQL syncs each commit itself. */
  async sync(): Promise<void> {}

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #within<T>(begin: string, work: (queries: Queries) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    // Without a listener, a connection that breaks between two statements would end the process.
    const onError = (error: Error) => {
      broken = error;
    };
    client.on('error', onError);
    try {
      await client.query(begin);
      const result = await work(queriesOn(client));
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.off('error', onError);
      // If it is not known whether the transaction ended, the connection is not used again.
      client.release(broken);
    }
  }
}

/** PostgreSQL cannot be reached, or accepts nothing at the moment. */
export class StoreUnavailable extends Error {
  /** The HTTP server answers with this status, so that clients try again. */
  readonly statusCode = 503;

  constructor(cause: Error) {
    super(`PostgreSQL is unavailable: ${cause.message || codeOf(cause) || cause.name}`, { cause });
  }
}

/** SQLSTATE classes of an unavailable server: no connection, no resources, shutting down. */
const UNAVAILABLE_CLASSES = ['08', '53', '57'];
/** A standby that has not been promoted yet. */
const READ_ONLY = '25006';

function asUnavailable(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = codeOf(error);
  if (code !== undefined)
    return UNAVAILABLE_CLASSES.includes(code.slice(0, 2)) || code === READ_ONLY ? new StoreUnavailable(error) : error;
  // Some network errors have a system code. Those that pg makes have only a text.
  const isNetworkError =
    ('code' in error && 'syscall' in error) || /connection|connect|timeout|timed out/i.test(error.message);
  return isNetworkError || error instanceof AggregateError ? new StoreUnavailable(error) : error;
}

function rethrow(error: unknown): never {
  throw asUnavailable(error);
}

/** The SQLSTATE of an error that PostgreSQL answered with; `undefined` for other errors. */
function codeOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

function queriesOn(client: pg.Pool | pg.PoolClient): Queries {
  return {
    dialect: POSTGRES,
    async all<R extends object>(sql: string, parameters: readonly Value[] = []): Promise<R[]> {
      // The cast: the schema declares these columns.
      return (await client.query(sql, [...parameters])).rows as R[];
    },
    run: async (sql, parameters = []) => (await client.query(sql, [...parameters])).rowCount ?? 0,
    async insert(table, columns, rows) {
      if (rows.length === 0) return;
      const names = Object.keys(columns).join(', ');
      const lists = Object.values(columns).map((type, i) => `$${i + 1}::${type}[]`);
      await client.query(
        `INSERT INTO ${table} (${names}) SELECT ${names} FROM unnest(${lists.join(', ')}) AS given (${names})
         ON CONFLICT DO NOTHING`,
        lists.map((_, i) => rows.map((row) => row[i])),
      );
    },
    script: async (statements) => {
      await client.query(statements);
    },
  };
}

/** Parses values as pg does, but BIGINT as a number. Times and counts are far below 2 ** 53. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format ?? 'text');
}

/** SQLSTATE classes that concern the data, not the server. The same data would be refused again. */
const DATA_ERROR_CLASSES = ['21', '22', '23', '54'];

/** Whether PostgreSQL refused the data of a statement. */
export function isRefusedByPostgres(error: unknown): boolean {
  return DATA_ERROR_CLASSES.includes(codeOf(error)?.slice(0, 2) ?? '');
}

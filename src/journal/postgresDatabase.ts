import pg from 'pg';
import type { Database, Queries, Value } from './database.ts';

/** How long, in milliseconds, to wait for a connection, and for an answer, before PostgreSQL counts as away. */
const CONNECT_MS = 3_000;
const ANSWER_MS = 30_000;
/** How often a transaction is run again that met another one; distributed databases ask for it more often. */
const TRIES = 5;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';

/** What PostgreSQL takes beside the port's values: lists, for `unnest`. */
export type PostgresValue = Value | readonly Value[];

/** PostgreSQL, or what speaks as it does, behind the port. */
export class PostgresDatabase implements Database {
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
    // A connection that breaks while nobody uses it is replaced; who asks next learns whether PostgreSQL is away.
    this.#pool.on('error', () => {});
  }

  async all<R extends object>(sql: string, parameters: readonly PostgresValue[] = []): Promise<R[]> {
    return queriesOn(this.#pool).all<R>(sql, parameters).catch(rethrow);
  }

  async run(sql: string, parameters: readonly PostgresValue[] = []): Promise<number> {
    return queriesOn(this.#pool).run(sql, parameters).catch(rethrow);
  }

  async script(statements: string): Promise<void> {
    await queriesOn(this.#pool).script(statements).catch(rethrow);
  }

  async transaction<T>(work: (queries: PostgresQueries) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#transaction(work);
      } catch (error) {
        const isContention = [SERIALIZATION_FAILURE, DEADLOCK].includes(codeOf(error) ?? '');
        if (!isContention || tries === TRIES) throw whetherAway(error);
      }
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #transaction<T>(work: (queries: PostgresQueries) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    // Without a listener a connection that breaks between two statements would end the process.
    const onError = (error: Error) => {
      broken = error;
    };
    client.on('error', onError);
    try {
      await client.query('BEGIN');
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
      // A connection of which it is not known whether its transaction ended is not used again.
      client.release(broken);
    }
  }
}

/** The port's queries, which here take lists too. */
export interface PostgresQueries extends Queries {
  all<R extends object = Record<string, unknown>>(sql: string, parameters?: readonly PostgresValue[]): Promise<R[]>;
  run(sql: string, parameters?: readonly PostgresValue[]): Promise<number>;
}

/** PostgreSQL cannot be reached, or takes nothing at the moment. */
export class StoreAway extends Error {
  /** Heeded by the HTTP server: who asks for what only PostgreSQL knows is to come again. */
  readonly statusCode = 503;

  constructor(cause: Error) {
    super(`PostgreSQL is away: ${cause.message || codeOf(cause) || cause.name}`, { cause });
  }
}

/** Classes of SQLSTATE with which a server says that it is not there for us: no connection, no room, going down. */
const AWAY_CLASSES = ['08', '53', '57'];
/** A standby that was not promoted yet. */
const READ_ONLY = '25006';

function whetherAway(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = codeOf(error);
  if (code !== undefined)
    return AWAY_CLASSES.includes(code.slice(0, 2)) || code === READ_ONLY ? new StoreAway(error) : error;
  // Of the network's errors some have a code of the system's, and those that pg makes have only a text.
  const isNetworks =
    ('code' in error && 'syscall' in error) || /connection|connect|timeout|timed out/i.test(error.message);
  return isNetworks || error instanceof AggregateError ? new StoreAway(error) : error;
}

function rethrow(error: unknown): never {
  throw whetherAway(error);
}

/** The SQLSTATE of an error that PostgreSQL answered with; `undefined` where it did not answer. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

function queriesOn(client: pg.Pool | pg.PoolClient): PostgresQueries {
  return {
    async all<R extends object>(sql: string, parameters: readonly PostgresValue[] = []): Promise<R[]> {
      // The cast is what the schema declares.
      return (await client.query(sql, [...parameters])).rows as R[];
    },
    run: async (sql, parameters = []) => (await client.query(sql, [...parameters])).rowCount ?? 0,
    script: async (statements) => {
      await client.query(statements);
    },
  };
}

/** As pg reads them, but BIGINT as a number: times and counts are far below 2 ** 53. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format ?? 'text');
}

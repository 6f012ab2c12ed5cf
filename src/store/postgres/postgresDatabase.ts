import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { storedText } from '../../core/call/storedText.ts';
import type { Columns, Database, Queries, Value } from '../database.ts';
import { POSTGRES } from '../dialect.ts';
import { StoreUnavailable } from '../storeUnavailable.ts';
import { sqlStateOf } from './sqlState.ts';

/** How long, in milliseconds, to wait for a connection before PostgreSQL counts as unavailable. */
const CONNECT_MS = 3_000;
/** How long, in milliseconds, to wait for an answer before PostgreSQL counts as unavailable. */
const ANSWER_MS = 10_000;
/** The same within a transaction, which may write megabytes, migrate the tables, or wait for another one's locks. */
const ANSWER_IN_TRANSACTION_MS = 30_000;
/** How long, in milliseconds, closing waits for the server. */
const CLOSE_MS = 1_000;
/** How often a transaction is tried that conflicts with another one. Distributed databases conflict more often. */
const TRIES = 5;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';

export interface PostgresOptions {
  readonly connections?: number | undefined;
  /** How long, in milliseconds, to wait for the answer to a statement outside a transaction. */
  readonly answerMs?: number | undefined;
}

/** PostgreSQL, or a database with its protocol. */
export class PostgresDatabase implements Database {
  readonly dialect = POSTGRES;
  onUnavailable: Database['onUnavailable'];
  readonly #pool: pg.Pool;
  readonly #answerMs: number;
  readonly #clients = new Set<pg.PoolClient>();
  #isAborted = false;

  constructor(url: string, { connections = 8, answerMs = ANSWER_MS }: PostgresOptions = {}) {
    this.#answerMs = answerMs;
    this.#pool = new pg.Pool({
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      application_name: 'sipwhy',
      types: { getTypeParser },
      onConnect: withoutJit,
    });
    // An idle connection that breaks is replaced. If PostgreSQL is unavailable, the next query rejects.
    this.#pool.on('error', () => {});
    this.#pool.on('connect', (client) => void this.#clients.add(client));
    this.#pool.on('remove', (client) => void this.#clients.delete(client));
  }

  isDataError(error: unknown): error is Error {
    return DATA_ERROR_CLASSES.includes(sqlStateOf(error)?.slice(0, 2) ?? '');
  }

  all<R extends object>(sql: string, parameters: readonly Value[] = []): Promise<R[]> {
    return this.#reporting(() => this.#queries().all<R>(sql, parameters));
  }

  run(sql: string, parameters: readonly Value[] = []): Promise<number> {
    return this.#reporting(() => this.#queries().run(sql, parameters));
  }

  insert(table: string, columns: Columns, rows: readonly (readonly Value[])[]): Promise<void> {
    return this.#reporting(() => this.#queries().insert(table, columns, rows));
  }

  script(statements: string): Promise<void> {
    return this.#reporting(() => this.#queries().script(statements));
  }

  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.#reporting(async () => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await this.#within('BEGIN', work);
        } catch (error) {
          const isContention = [SERIALIZATION_FAILURE, DEADLOCK].includes(sqlStateOf(error) ?? '');
          if (!isContention || tries === TRIES) throw error;
        }
      }
    });
  }

  snapshot<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.#reporting(() => this.#within('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', work));
  }

  async verify(): Promise<void> {
    await this.all('SELECT 1 AS one');
  }

  /** Does nothing: PostgreSQL syncs each commit itself. */
  async sync(): Promise<void> {}

  /** Does nothing: PostgreSQL's own vacuum overwrites what was deleted. */
  async purge(): Promise<void> {}

  abort(): void {
    this.#isAborted = true;
    // With a query under way this destroys the connection.
    for (const client of this.#clients) void (client as unknown as pg.Client).end().catch(() => {});
  }

  async close(): Promise<void> {
    // A server that is silent does not take its leave either.
    await Promise.race([this.#pool.end(), setTimeout(CLOSE_MS, undefined, { ref: false })]);
  }

  #queries(): Queries {
    return queriesOn(this.#pool, this.#answerMs);
  }

  async #reporting<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (this.#isAborted) throw new Error('connection closed: the service stops');
      return await work();
    } catch (given) {
      const error = asUnavailable(given);
      if (error instanceof StoreUnavailable) {
        error.isLoggedOnce = this.onUnavailable !== undefined;
        this.onUnavailable?.(error);
      }
      throw error;
    }
  }

  async #within<T>(begin: string, work: (queries: Queries) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    // Without a listener, a connection that breaks between two statements would end the process.
    const onError = (error: Error) => {
      broken = error;
    };
    client.on('error', onError);
    const queries = queriesOn(client, ANSWER_IN_TRANSACTION_MS);
    try {
      await queries.script(begin);
      const result = await work(queries);
      await queries.script('COMMIT');
      return result;
    } catch (error) {
      // A server that did not answer does not answer to a ROLLBACK either.
      if (isBroken(error)) broken = error;
      else
        await queries.script('ROLLBACK').catch((failure: Error) => {
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

/**
 * Compiling a statement over many partitions takes seconds, running it milliseconds. A server without this setting refuses
 * it, and needs it not. An option at the start of the connection would be refused by poolers.
 */
async function withoutJit(client: pg.ClientBase): Promise<void> {
  await client.query('SET jit = off').catch((error: unknown) => {
    if (sqlStateOf(error) === undefined) throw error;
  });
}

/** SQLSTATE classes of an unavailable server: no connection, no resources, shutting down. */
const UNAVAILABLE_CLASSES = ['08', '53', '57'];
/** A standby that has not been promoted yet. */
const READ_ONLY = '25006';

function asUnavailable(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = sqlStateOf(error);
  const isUnavailable =
    code === undefined ? isBroken(error) : UNAVAILABLE_CLASSES.includes(code.slice(0, 2)) || code === READ_ONLY;
  if (!isUnavailable) return error;
  const reason = error.message || code || error.name;
  return new StoreUnavailable('unreachable', `PostgreSQL is unavailable: ${reason}`, error);
}

/** Whether the connection failed, so that no SQLSTATE came back. */
function isBroken(error: unknown): error is Error {
  if (!(error instanceof Error) || sqlStateOf(error) !== undefined) return false;
  // Some network errors have a system code. Those that pg makes have only a text.
  const isNetworkError =
    ('code' in error && 'syscall' in error) || /connection|connect|timeout|timed out/i.test(error.message);
  return isNetworkError || error instanceof AggregateError;
}

function queriesOn(client: pg.Pool | pg.PoolClient, answerMs: number): Queries {
  const query = (text: string, values?: unknown[]) =>
    // The cast: the types of pg lack the option for one query.
    client.query({ text, ...(values && { values }), query_timeout: answerMs } as pg.QueryConfig);
  return {
    dialect: POSTGRES,
    async all<R extends object>(sql: string, parameters: readonly Value[] = []): Promise<R[]> {
      // The cast: the schema declares these columns.
      return (await query(sql, parameters.map(stored))).rows as R[];
    },
    run: async (sql, parameters = []) => (await query(sql, parameters.map(stored))).rowCount ?? 0,
    async insert(table, columns, rows) {
      if (rows.length === 0) return;
      const names = Object.keys(columns).join(', ');
      const lists = Object.values(columns).map((type, i) => `$${i + 1}::${type}[]`);
      await query(
        `INSERT INTO ${table} (${names}) SELECT ${names} FROM unnest(${lists.join(', ')}) AS given (${names})
         ON CONFLICT DO NOTHING`,
        lists.map((_, i) => rows.map((row) => stored(row[i] ?? null))),
      );
    },
    script: async (statements) => {
      await query(statements);
    },
  };
}

/** A value as PostgreSQL accepts it. Texts from webhooks are stored text already; a filter of the API may be anything. */
function stored(value: Value): Value {
  return typeof value === 'string' ? storedText(value) : value;
}

/** Parses values as pg does, but BIGINT as a number. Times and counts are far below 2 ** 53. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format ?? 'text');
}

/** SQLSTATE classes that concern the data, not the server. The same data would be refused again. */
const DATA_ERROR_CLASSES = ['21', '22', '23', '54'];

import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { type Columns, type Database, placeholders, type Queries, type Value } from '../database.ts';
import { SQLITE as DIALECT } from '../dialect.ts';
import { migrateSqlite } from '../migrate.ts';
import { type SqliteKind, STORE } from '../schema.ts';

/** Result codes of SQLite. */
const SQLITE = { READONLY: 8, CORRUPT: 11, CANTOPEN: 14, NOTADB: 26 } as const;

/** Result codes for a value that is too big, breaks a constraint, or has the wrong type. */
const DATA_ERRORS = [18, 19, 20];

/** How many prepared statements are kept. Filters make many different ones. */
const KEPT_STATEMENTS = 300;

/** Embedded SQLite, in WAL mode. A commit survives a crash of the process; after `sync` it survives a power failure. */
export class SqliteDatabase implements Database {
  readonly dialect = DIALECT;
  readonly #connection: DatabaseSync;
  readonly #path: string;
  readonly #queries: Queries;
  readonly #statements = new Map<string, StatementSync>();
  /**
   * Resolves when the open transaction ends. There is one connection, so everything outside the transaction waits for
   * that, and then checks again: another transaction may have begun in the same turn.
   */
  #open: Promise<void> | undefined;
  /** Whether `open` has finished. Until then `open` itself describes errors of the file. */
  #isOpened = false;

  private constructor(connection: DatabaseSync, path: string) {
    this.#connection = connection;
    this.#path = path;
    const named = <T>(work: () => T): T => {
      try {
        return work();
      } catch (error) {
        if (this.#isOpened && isSqliteError(error) && resultOf(error) === SQLITE.CORRUPT) {
          error.message = `${path} is damaged (${error.message}). Stop the service, then restore the file from a backup, or move it away to start with an empty store`;
        }
        throw error;
      }
    };
    this.#queries = {
      dialect: DIALECT,
      // The cast: the schema declares these columns.
      all: async <R>(sql: string, parameters: readonly Value[] = []) =>
        named(() => this.#prepare(sql).all(...(parameters as SQLInputValue[])) as R[]),
      run: async (sql, parameters = []) => named(() => Number(this.#prepare(sql).run(...parameters).changes)),
      insert: async (table, columns, rows) => {
        const names = Object.keys(columns);
        const sql = `INSERT INTO ${table} (${names.join(', ')}) VALUES ${placeholders(1, names.length)} ON CONFLICT DO NOTHING`;
        const statement = this.#prepare(sql);
        named(() => {
          for (const row of rows) statement.run(...row);
        });
      },
      script: async (statements) => named(() => this.#connection.exec(statements)),
    };
  }

  /** Opens a file. Rejects, and leaves the file unchanged, if it is of another kind, damaged, or from a newer version. */
  static async open(path: string, kind: SqliteKind = STORE): Promise<SqliteDatabase> {
    let connection: DatabaseSync | undefined;
    try {
      connection = new DatabaseSync(path, { timeout: 5_000 });
      refuseRemnant(path, connection);
      const database = new SqliteDatabase(connection, path);
      await migrateSqlite(database, kind);
      database.#isOpened = true;
      return database;
    } catch (error) {
      connection?.close();
      if (!(error instanceof Error)) throw error;
      throw new Error(`${path}: ${whatToDo(error)}`, { cause: error });
    }
  }

  async all<R extends object>(sql: string, parameters?: readonly Value[]): Promise<R[]> {
    while (this.#open) await this.#open;
    return this.#queries.all<R>(sql, parameters);
  }

  async run(sql: string, parameters?: readonly Value[]): Promise<number> {
    while (this.#open) await this.#open;
    return this.#queries.run(sql, parameters);
  }

  async script(statements: string): Promise<void> {
    while (this.#open) await this.#open;
    return this.#queries.script(statements);
  }

  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.#within('BEGIN IMMEDIATE', work);
  }

  snapshot<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.#within('BEGIN', work);
  }

  async #within<T>(begin: string, work: (queries: Queries) => Promise<T>): Promise<T> {
    while (this.#open) await this.#open;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#open = promise;
    try {
      this.#connection.exec(begin);
      const result = await work(this.#queries);
      this.#connection.exec('COMMIT');
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    } finally {
      this.#open = undefined;
      resolve();
    }
  }

  async insert(table: string, columns: Columns, rows: readonly (readonly Value[])[]): Promise<void> {
    await this.transaction((queries) => queries.insert(table, columns, rows));
  }

  async sync(): Promise<void> {
    while (this.#open) await this.#open;
    if (this.#path === ':memory:') return;
    for (const file of [`${this.#path}-wal`, this.#path]) {
      const handle = await open(file, 'r+').catch(() => undefined);
      await handle?.sync().finally(() => handle.close());
    }
  }

  async close(): Promise<void> {
    while (this.#open) await this.#open;
    this.#connection.close();
  }

  #rollBack(): void {
    // A full disk may have rolled the transaction back already.
    if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK');
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    // SQLite takes $1 for a name; ?1 is its first parameter.
    const statement = this.#connection.prepare(sql.replaceAll(/\$(\d+)/g, '?$1'));
    const [oldest] = this.#statements.keys();
    if (oldest !== undefined && this.#statements.size >= KEPT_STATEMENTS) this.#statements.delete(oldest);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** Whether SQLite raised the error, for example because the disk is full. */
function isSqliteError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
}

/** Whether SQLite refused the data of a statement. */
export function isRefusedBySqlite(error: unknown): boolean {
  return isSqliteError(error) && DATA_ERRORS.includes(resultOf(error) ?? 0);
}

/** Throws for a file shorter than one page. SQLite treats it as empty, and would overwrite what is left in it. */
function refuseRemnant(path: string, connection: DatabaseSync): void {
  if (path === ':memory:' || statSync(path).size === 0) return;
  if (connection.prepare('PRAGMA page_count').get()?.page_count === 0) {
    throw Object.assign(new Error('shorter than one page'), { errcode: SQLITE.NOTADB });
  }
}

/** The primary result code, without the extended part; `undefined` if the error has none. */
function resultOf(error: Error): number | undefined {
  return 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

/** Describes why a file cannot be opened, with the remedy. */
function whatToDo(error: Error): string {
  switch (resultOf(error)) {
    case SQLITE.READONLY:
    case SQLITE.CANTOPEN:
      return `cannot be opened for writing (${error.message}). Its folder must exist, and this user must be allowed to write in it`;
    case SQLITE.CORRUPT:
    case SQLITE.NOTADB:
      return `is not a SQLite file, or is damaged (${error.message}). It was not changed. Restore it from a backup, or move it away to start with an empty file`;
    default:
      return error.message;
  }
}

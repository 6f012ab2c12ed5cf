import { realpathSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { type Columns, type Database, placeholders, type Queries, type Value } from '../database.ts';
import { SQLITE as DIALECT } from '../dialect.ts';
import { migrateSqlite } from '../migrate.ts';
import { type SqliteKind, STORE } from '../schema.ts';
import { type StoreFault, StoreUnavailable } from '../storeUnavailable.ts';
import { namedPath, REMEDY, StoreFile } from './storeFile.ts';

/** Result codes of SQLite. */
const SQLITE = { BUSY: 5, LOCKED: 6, READONLY: 8, IOERR: 10, CORRUPT: 11, FULL: 13, CANTOPEN: 14, NOTADB: 26 } as const;

/** Result codes for a value that is too big, breaks a constraint, or has the wrong type. */
const DATA_ERRORS = [18, 19, 20];

/** What the result codes mean that do not concern the statement. */
const FAULTS: ReadonlyMap<number | undefined, keyof typeof REMEDIES> = new Map<number, keyof typeof REMEDIES>([
  [SQLITE.BUSY, 'locked'],
  [SQLITE.LOCKED, 'locked'],
  [SQLITE.READONLY, 'read_only'],
  [SQLITE.IOERR, 'failing'],
  [SQLITE.CORRUPT, 'damaged'],
  [SQLITE.FULL, 'full'],
  [SQLITE.CANTOPEN, 'failing'],
  [SQLITE.NOTADB, 'damaged'],
]);

/** How many prepared statements are kept. Filters make many different ones. */
const KEPT_STATEMENTS = 300;

/** How long, in milliseconds, opening waits for another process. */
const OPEN_WAIT_MS = 5_000;
/** The same for each later transaction. The thread waits with it, so it is short. */
const WAIT_MS = 1_000;

/** Embedded SQLite, in WAL mode. A commit survives a crash of the process; after `sync` it survives a power failure. */
export class SqliteDatabase implements Database {
  readonly dialect = DIALECT;
  onUnavailable: Database['onUnavailable'];
  readonly #connection: DatabaseSync;
  /** As it was given. */
  readonly #path: string;
  /** The path without links; `undefined` for a store in memory. */
  readonly #realPath: string | undefined;
  readonly #queries: Queries;
  readonly #statements = new Map<string, StatementSync>();
  /**
   * Resolves when the open transaction ends. There is one connection, so everything outside the transaction waits for
   * that, and then checks again: another transaction may have begun in the same turn.
   */
  #open: Promise<void> | undefined;
  /** `undefined` until `open` has finished. Until then `open` itself describes errors of the file. */
  #file: StoreFile | undefined;
  #isOpened = false;
  /** The last failure; `undefined` once `verify` has found all in order. */
  #fault: StoreUnavailable | undefined;

  private constructor(connection: DatabaseSync, path: string) {
    this.#connection = connection;
    this.#path = path;
    this.#realPath = path === ':memory:' ? undefined : realpathSync(path);
    this.#queries = {
      dialect: DIALECT,
      // The cast: the schema declares these columns.
      all: async <R>(sql: string, parameters: readonly Value[] = []) =>
        this.#try(() => this.#prepare(sql).all(...(parameters as SQLInputValue[])) as R[]),
      run: async (sql, parameters = []) => this.#try(() => Number(this.#prepare(sql).run(...parameters).changes)),
      insert: async (table, columns, rows) => {
        const names = Object.keys(columns);
        const sql = `INSERT INTO ${table} (${names.join(', ')}) VALUES ${placeholders(1, names.length)} ON CONFLICT DO NOTHING`;
        this.#try(() => {
          const statement = this.#prepare(sql);
          for (const row of rows) statement.run(...row);
        });
      },
      script: async (statements) => this.#try(() => this.#connection.exec(statements)),
    };
  }

  /**
   * Opens a file. Rejects, and leaves the file unchanged, if it is of another kind, damaged, or from a newer version.
   * `waitMs` is how long a statement waits for another process.
   */
  static async open(path: string, kind: SqliteKind = STORE, waitMs = WAIT_MS): Promise<SqliteDatabase> {
    let connection: DatabaseSync | undefined;
    try {
      connection = new DatabaseSync(path, { timeout: OPEN_WAIT_MS });
      refuseRemnant(path, connection);
      const database = new SqliteDatabase(connection, path);
      await migrateSqlite(database, kind);
      connection.exec(`PRAGMA busy_timeout = ${waitMs}`);
      if (database.#realPath !== undefined) {
        database.#file = new StoreFile(database.#realPath);
        database.#file.verifyContent();
      }
      database.#isOpened = true;
      return database;
    } catch (error) {
      connection?.close();
      if (!(error instanceof Error)) throw error;
      throw new Error(`${namedPath(path)}: ${whatToDo(error)}`, { cause: error });
    }
  }

  isDataError(error: unknown): error is Error {
    return isSqliteError(error) && DATA_ERRORS.includes(resultOf(error) ?? 0);
  }

  async all<R extends object>(sql: string, parameters?: readonly Value[]): Promise<R[]> {
    while (this.#open) await this.#open;
    return this.#queries.all<R>(sql, parameters);
  }

  async run(sql: string, parameters?: readonly Value[]): Promise<number> {
    while (this.#open) await this.#open;
    this.#refuseLost();
    return this.#queries.run(sql, parameters);
  }

  async script(statements: string): Promise<void> {
    while (this.#open) await this.#open;
    return this.#queries.script(statements);
  }

  async transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    this.#refuseLost();
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
      this.#try(() => this.#connection.exec(begin));
      const result = await work(this.#queries);
      this.#try(() => this.#connection.exec('COMMIT'));
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

  async verify(): Promise<void> {
    if (!this.#file) return;
    const before = this.#fault;
    this.#verifyFile();
    await this.#within('BEGIN IMMEDIATE', async (queries) => {
      // After a failure, only a write shows that the disk takes writes again.
      if (before) await queries.script(`PRAGMA user_version = ${await this.#version(queries)}`);
    });
    this.#fault = undefined;
  }

  async sync(): Promise<void> {
    while (this.#open) await this.#open;
    const path = this.#realPath;
    if (path === undefined) return;
    // Otherwise what the journal still has would be deleted, although the store has lost it.
    this.#verifyFile();
    for (const name of [`${path}-wal`, path]) {
      const handle = await open(name, 'r+').catch(() => undefined);
      await handle?.sync().finally(() => handle.close());
    }
  }

  /** Moves the write-ahead log into the file and empties it: it still has what was deleted. */
  async purge(): Promise<void> {
    await this.script('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  /** Does nothing: no statement takes long. */
  abort(): void {}

  async close(): Promise<void> {
    while (this.#open) await this.#open;
    this.#connection.close();
  }

  #rollBack(): void {
    // A full disk may have rolled the transaction back already.
    if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK');
  }

  /** Throws if what is written now would be lost with the file. */
  #refuseLost(): void {
    if (this.#fault?.fault === 'lost' || this.#fault?.fault === 'damaged') throw this.#fault;
  }

  #verifyFile(): void {
    // The contents of a damaged file stay wrong, even if later reads happen to succeed.
    if (this.#fault?.fault === 'damaged') throw this.#fault;
    this.#try(() => {
      this.#file?.verifyIdentity();
      this.#file?.verifyContent();
    });
  }

  async #version(queries: Queries): Promise<number> {
    const [row] = await queries.all<{ user_version: number }>('PRAGMA user_version');
    return row?.user_version ?? 0;
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const unavailable = this.#isOpened ? this.#unavailable(error) : undefined;
      if (!unavailable) throw error;
      // Damage lasts; see `verify`.
      if (this.#fault?.fault !== 'damaged') this.#fault = unavailable;
      unavailable.isLoggedOnce = this.onUnavailable !== undefined;
      this.onUnavailable?.(unavailable);
      throw unavailable;
    }
  }

  #unavailable(error: unknown): StoreUnavailable | undefined {
    if (error instanceof StoreUnavailable) return error;
    if (!isSqliteError(error)) return undefined;
    const fault = FAULTS.get(resultOf(error));
    if (!fault) return undefined;
    return new StoreUnavailable(fault, `${this.#path} ${REMEDIES[fault](error.message)}`, error);
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

/** What happened to the file, and what to do. */
const REMEDIES: Record<Exclude<StoreFault, 'lost' | 'unreachable'>, (message: string) => string> = {
  locked: (message) =>
    `is locked by another process (${message}). End what writes to it, such as an open sqlite3 shell`,
  damaged: (message) => `is damaged (${message}). ${REMEDY}`,
  read_only: (message) => `cannot be written (${message}). This user must be allowed to write it, and its disk too`,
  full: (message) => `has no room (${message}). Free space on its disk`,
  failing: (message) => `cannot be read or written (${message}). Check its disk`,
};

/** Whether SQLite raised the error, for example because the disk is full. */
function isSqliteError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
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

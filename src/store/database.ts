import type { Dialect } from './dialect.ts';
import type { StoreUnavailable } from './storeUnavailable.ts';

/**
 * The port to the two databases, embedded SQLite and PostgreSQL. All SQL is written once against it.
 *
 * A new part of the store is a class that takes a `Database` and is made in `Store`. Its tables are a new entry at the end
 * of `MIGRATIONS` in `schema.ts`; released entries are never edited. Both databases accept placeholders `$1`, `$2`,
 * `INSERT … ON CONFLICT … DO NOTHING | DO UPDATE` and `RETURNING`. In `INSERT … SELECT … ON CONFLICT` SQLite needs a
 * WHERE. Other differences are in the `Dialect`. Times are epoch milliseconds, JSON is text. `COUNT(*)` is a number; a
 * `SUM` of integers needs a CAST to BIGINT.
 */
export interface Database extends Queries {
  /**
   * Does the work in one transaction, and rolls back if the work or the commit rejects. PostgreSQL may require the work
   * to run again from the start, so changes in memory must be idempotent. The work uses only `queries`, and awaits only
   * them.
   */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /** Runs read-only work on the state at its first query, while others keep writing. */
  snapshot<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /** Whether the database refused the data of a statement. It would refuse the same data again. */
  isDataError(error: unknown): error is Error;
  /** Is called with each failure that makes the database unavailable, and logs it if it is the first. */
  onUnavailable?: ((error: StoreUnavailable) => void) | undefined;
  /** Resolves if the database can be read and written now. Rejects with `StoreUnavailable` if not. */
  verify(): Promise<void>;
  /** Resolves once everything committed is on disk, so that it survives a power failure. */
  sync(): Promise<void>;
  /** Overwrites what was deleted, as far as the files are on this machine. Call it after deletions. */
  purge(): Promise<void>;
  /** Makes running and later statements fail soon: the service stops, and a database may be silent. */
  abort(): void;
  close(): Promise<void>;
}

/** Rejections are failures of the environment: a full disk, a database that cannot be reached. */
export interface Queries {
  readonly dialect: Dialect;
  /** The rows that a statement returns. `R` must match the schema. */
  all<R extends object = Record<string, unknown>>(sql: string, parameters?: readonly Value[]): Promise<R[]>;
  /** Runs a statement. Resolves to the number of changed rows. */
  run(sql: string, parameters?: readonly Value[]): Promise<number>;
  /** Inserts rows. Existing rows with the same key are left unchanged. */
  insert(table: string, columns: Columns, rows: readonly (readonly Value[])[]): Promise<void>;
  /** Runs several statements without parameters. */
  script(statements: string): Promise<void>;
}

/** The columns of rows to insert, in the order of their values. */
export type Columns = Readonly<Record<string, 'text' | 'bigint' | 'bytea'>>;

export type Value = string | number | Uint8Array | null;

/** The placeholders of several rows: `($1, $2), ($3, $4)`. */
export function placeholders(rows: number, columns: number): string {
  const row = (i: number) => Array.from({ length: columns }, (_, j) => `$${i * columns + j + 1}`).join(', ');
  return Array.from({ length: rows }, (_, i) => `(${row(i)})`).join(', ');
}

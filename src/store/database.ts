import type { Dialect } from './dialect.ts';

/**
 * The port to the two databases, embedded SQLite and PostgreSQL: what needs no speed is written once against it.
 *
 * To add a part of the store, say `incidents.ts`: a class that takes a `Database`, made in `Store`. Its tables are a new
 * entry at the end of `MIGRATIONS` in `schema.ts`; entries that have landed on main are never edited. SQL that both databases take: placeholders `$1`, `$2`;
 * `INSERT … ON CONFLICT … DO NOTHING | DO UPDATE`, `RETURNING`; in `INSERT … SELECT … ON CONFLICT` SQLite needs a WHERE.
 * What they call differently is in their `Dialect`. Times are epoch milliseconds, JSON is text. `COUNT(*)` is a number; `SUM` of integers needs a CAST to BIGINT.
 */
export interface Database extends Queries {
  /**
   * Does the work in one transaction, and undoes it where the work or the commit rejects. The work may be run again from
   * the start, where PostgreSQL asks for that; so what it changes in memory it must set, not add to. It uses `queries`
   * and nothing else of the database, and awaits nothing but those.
   */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /** Reads everything as it is at the first query, while others go on writing; writes nothing. */
  snapshot<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /** Resolves once what was committed is on disk: it then survives a failure of the power as well. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Rejections are failures of the environment: a full disk, a database that cannot be reached. */
export interface Queries {
  readonly dialect: Dialect;
  /** The rows that a statement returns. `R` is what the schema declares of them. */
  all<R extends object = Record<string, unknown>>(sql: string, parameters?: readonly Value[]): Promise<R[]>;
  /** Resolves to the number of rows that were changed. */
  run(sql: string, parameters?: readonly Value[]): Promise<number>;
  /** Inserts rows; those whose key is there already are left as they are. */
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

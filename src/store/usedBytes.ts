import type { Queries } from './database.ts';

/** How many bytes the stored data takes up. */
export function usedBytes(queries: Queries): Promise<number> {
  return queries.dialect.isShared ? postgresBytes(queries) : sqliteBytes(queries);
}

/** The bytes of a SQLite file that are in use. Deleted rows free pages for reuse, but the file does not shrink. */
async function sqliteBytes(queries: Queries): Promise<number> {
  const [row] = await queries.all<{ bytes: number }>(
    `SELECT (pages.page_count - free.freelist_count) * size.page_size AS bytes
     FROM pragma_page_count AS pages, pragma_freelist_count AS free, pragma_page_size AS size`,
  );
  return row?.bytes ?? 0;
}

/** The tables that grow with the calls. */
const GROWING = ['events', 'livekit_events', 'attempts'];

/**
 * An estimate of the bytes of the rows in PostgreSQL, without indexes and free space: the server's estimate of their
 * number times the mean size of the latest ones. The files do not shrink when rows are deleted, so their size is useless.
 */
async function postgresBytes(queries: Queries): Promise<number> {
  let bytes = 0;
  for (const table of GROWING) {
    const order = table === 'attempts' ? 'settled_at' : 'seq';
    const [row] = await queries.all<{ bytes: number | null }>(
      `WITH RECURSIVE tables (id) AS (
         SELECT CAST($1::regclass AS oid) UNION ALL SELECT inhrelid FROM pg_inherits JOIN tables ON inhparent = id)
       SELECT (rows.n_live_tup * latest.size)::bigint AS bytes
       FROM (SELECT SUM(n_live_tup) AS n_live_tup FROM pg_stat_user_tables WHERE relid IN (SELECT id FROM tables)) AS rows,
         (SELECT AVG(pg_column_size(t.*)) AS size FROM (SELECT * FROM ${table} ORDER BY ${order} DESC LIMIT 200) AS t) AS latest`,
      [table],
    );
    bytes += row?.bytes ?? 0;
  }
  return bytes;
}

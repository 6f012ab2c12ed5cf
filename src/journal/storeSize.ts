import type { Queries } from './database.ts';

/** How many bytes what is kept takes up. */
export function usedBytes(queries: Queries): Promise<number> {
  return queries.dialect.isShared ? postgresBytes(queries) : sqliteBytes(queries);
}

/** Bytes of a SQLite file that are in use: what was deleted is free for what comes, and the file does not shrink. */
async function sqliteBytes(queries: Queries): Promise<number> {
  const [row] = await queries.all<{ bytes: number }>(
    `SELECT (pages.page_count - free.freelist_count) * size.page_size AS bytes
     FROM pragma_page_count AS pages, pragma_freelist_count AS free, pragma_page_size AS size`,
  );
  return row?.bytes ?? 0;
}

/** Tables that grow with the calls. */
const GROWING = ['events', 'livekit_events', 'attempts'];

/**
 * About the bytes of the rows in PostgreSQL, without indexes and free space: their number as the server estimates it, and
 * the mean size of the latest. The size of the files says nothing, since they do not shrink when rows are deleted.
 */
async function postgresBytes(queries: Queries): Promise<number> {
  let bytes = 0;
  for (const table of GROWING) {
    const order = table === 'attempts' ? 'settled_at' : 'seq';
    const [row] = await queries.all<{ bytes: number | null }>(
      `SELECT (rows.n_live_tup * latest.size)::bigint AS bytes
       FROM (SELECT n_live_tup FROM pg_stat_user_tables WHERE relid = $1::regclass) AS rows,
         (SELECT AVG(pg_column_size(t.*)) AS size FROM (SELECT * FROM ${table} ORDER BY ${order} DESC LIMIT 200) AS t) AS latest`,
      [table],
    );
    bytes += row?.bytes ?? 0;
  }
  return bytes;
}

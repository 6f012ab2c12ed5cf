import type { Database, Queries } from '../database.ts';
import { sqlStateOf } from './sqlState.ts';

/**
 * The partitioned tables, and the indexes that each of their partitions has. A partition of `events`, and the same for
 * `livekit_events`, is
 *
 * - `events_days`, divided by `received_at`: `events_20261127` and so on, one for each UTC day, and `events_other` for
 *   rows whose day has no partition;
 * - `events_kept`: rows that outlive their day. Setting `kept` moves a row there.
 *
 * Each of them has its own primary key: a unique key of the whole table would have to contain `kept` and `received_at`.
 */
export const PARTITIONED = [
  {
    table: 'events',
    indexes: {
      by_call: '(call_id)',
      by_leg: '(call_sid)',
      by_dialled_leg: '(dial_call_sid) WHERE dial_call_sid IS NOT NULL',
      by_digest: '(digest)',
    },
  },
  {
    table: 'livekit_events',
    indexes: {
      by_room: '(room) WHERE room IS NOT NULL',
      by_call: '(sip_call_id) WHERE sip_call_id IS NOT NULL',
      by_digest: '(digest)',
      by_time: '(received_at)',
      by_numbers: '(numbers, received_at) WHERE numbers IS NOT NULL',
    },
  },
] as const;

type Partitioned = (typeof PARTITIONED)[number];

/** The keys of a partition that is created. `id` recognises a webhook whose batch is written twice. */
export const OWN_KEYS = '(PRIMARY KEY (seq), UNIQUE (id))';

/**
 * How long to wait for the lock of a table that other replicas are using, and for the database to read it once, which
 * shows that its rows may be a partition. Other statements wait meanwhile.
 */
const LIMITS = "SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '25s'";

/**
 * SQLSTATEs of a server without partitions (feature not supported, syntax error), of a table that others did not release
 * in time, and of one that is too large to be read in time.
 */
const REFUSALS = ['0A000', '42601', '55P03', '57014'];

/** The tables stay as they are. */
class NotPartitioned extends Error {}

/**
 * Partitions tables that are not partitioned yet, without copying rows: those that are there become the kept ones. If the
 * server refuses, the tables stay as they are, and work as before. It is tried again at the next start.
 *
 * This is no migration with a version: the statements of all versions work on both kinds of tables.
 */
export async function partitionTables(database: Database): Promise<void> {
  if (await isPartitioned(database)) return;
  try {
    await database.transaction(async (queries) => {
      try {
        // One replica at a time.
        await queries.all('SELECT version FROM sipwhy_schema WHERE id = 1 FOR UPDATE');
        if (await isPartitioned(queries)) return;
        await queries.script(LIMITS);
        for (const one of PARTITIONED) await partition(queries, one);
      } catch (error) {
        throw REFUSALS.includes(sqlStateOf(error) ?? '') ? new NotPartitioned('refused', { cause: error }) : error;
      }
    });
  } catch (error) {
    if (!(error instanceof NotPartitioned)) throw error;
  }
}

/** Whether the tables are partitioned. */
export async function isPartitioned(queries: Queries): Promise<boolean> {
  const rows = await queries.all("SELECT 1 FROM pg_class WHERE oid = to_regclass('events') AND relkind = 'p'");
  return rows.length > 0;
}

async function partition(queries: Queries, { table, indexes }: Partitioned): Promise<void> {
  const kept = `${table}_kept`;
  const names = Object.entries(indexes);
  // The numbers go on after the last one. A partition may have no identity column of its own.
  await queries.script(`
    ALTER TABLE ${table} RENAME TO ${kept};
    ALTER TABLE ${kept} ADD COLUMN IF NOT EXISTS kept BOOLEAN NOT NULL DEFAULT true;
    CREATE SEQUENCE ${table}_numbers;
    SELECT setval('${table}_numbers', nextval(pg_get_serial_sequence('${kept}', 'seq')));
    ALTER TABLE ${kept} ALTER COLUMN seq DROP IDENTITY;
    DROP INDEX ${table}_by_id;
    ${names.map(([name]) => `ALTER INDEX ${table}_${name} RENAME TO ${kept}_${name};`).join('\n')}
    CREATE TABLE ${table} (LIKE ${kept}) PARTITION BY LIST (kept);
    ALTER TABLE ${table} ALTER COLUMN seq SET DEFAULT nextval('${table}_numbers'), ALTER COLUMN kept SET DEFAULT false;
    ALTER SEQUENCE ${table}_numbers OWNED BY ${table}.seq;
    ${names.map(([name, of]) => `CREATE INDEX ${table}_${name} ON ${table} ${of};`).join('\n')}
    ALTER TABLE ${table} ATTACH PARTITION ${kept} FOR VALUES IN (true);
    CREATE TABLE ${table}_days PARTITION OF ${table} FOR VALUES IN (false) PARTITION BY RANGE (received_at);
    CREATE TABLE ${table}_other PARTITION OF ${table}_days ${OWN_KEYS} DEFAULT;`);
}

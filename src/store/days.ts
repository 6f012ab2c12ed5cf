import type { Database, Queries } from './database.ts';
import { isPartitioned, OWN_KEYS, PARTITIONED } from './postgres/partitions.ts';
import { sqlStateOf } from './postgres/sqlState.ts';

export const DAY_MS = 86_400_000;
/** Partitions exist for today and so many days after it, so that failing to create one has no consequence for long. */
const DAYS_AHEAD = 2;
/** How many calls or rooms are looked at in one step, and how many rows without a day are moved in one. */
const KEYS_AT_ONCE = 500;
const ROWS_AT_ONCE = 1_000;
/** How long to wait for the lock of a table. All other statements on the table wait behind it. */
const LOCK_LIMIT = "SET LOCAL lock_timeout = '500ms'";

const LOCK_NOT_AVAILABLE = '55P03';
/** Another replica dropped it. */
const UNDEFINED_TABLE = '42P01';
/**
 * Another replica was faster (duplicate table, unique violation, invalid definition: would overlap), another statement
 * has the table, or rows came to the partition without a day meanwhile (check violation).
 */
const TRY_LATER = ['42P07', '23505', '42P17', LOCK_NOT_AVAILABLE, '23514'];

/** The webhooks that arrived on one UTC day, from `start` to before `end`, in epoch milliseconds. */
export interface Day {
  readonly start: number;
  readonly end: number;
}

/** Does a part of the work, and rests. */
export type Step = <T>(work: () => Promise<T>) => Promise<T>;

/** By which a row is kept: the key, and whether a call is stored for it. */
const KEPT_BY = {
  events: {
    key: 'call_id',
    isStored: `EXISTS (SELECT 1 FROM attempts WHERE attempts.call_id = page.key)
      OR EXISTS (SELECT 1 FROM open_calls WHERE open_calls.call_id = page.key)`,
  },
  livekit_events: {
    key: 'room',
    isStored: `EXISTS (SELECT 1 FROM rooms_by_numbers AS r WHERE r.room = page.key)
      OR EXISTS (SELECT 1 FROM livekit_events AS e JOIN sip_call_ids AS s ON s.sip_call_id = e.sip_call_id
           WHERE e.room = page.key)`,
  },
} as const;

type DayTable = keyof typeof KEPT_BY;

/**
 * The partitions of PostgreSQL by day. A day is dropped as a whole, which costs nothing for each row. Before that, webhooks
 * whose call is still stored are moved to where each row is deleted with its call. SQLite has none, and neither have
 * servers without partitions.
 */
export class Days {
  readonly #database: Database;
  #areUsed = false;
  #preparedFor: number | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Makes sure that today and the next days have a partition. Resolves to whether the database has partitions. Several
   * replicas may do this at once. What fails is tried again at the next call; meanwhile rows go to the partition without
   * a day.
   */
  async prepare(now: number): Promise<boolean> {
    if (!this.#database.dialect.isShared) return false;
    this.#areUsed ||= await isPartitioned(this.#database);
    if (!this.#areUsed) return false;
    for (const { table } of PARTITIONED) await this.#emptyOther(table);
    const today = dayOf(now);
    if (this.#preparedFor === today.start) return true;
    let isDone = true;
    for (const { table } of PARTITIONED) {
      const existing = new Set((await this.#list(table)).map(({ start }) => start));
      for (let i = 0; i <= DAYS_AHEAD; i += 1) {
        const day = dayOf(today.start + i * DAY_MS);
        if (!existing.has(day.start)) isDone = (await this.#create(table, day)) && isDone;
      }
    }
    if (isDone) this.#preparedFor = today.start;
    return true;
  }

  /** The oldest day that ended before or at a time; `undefined` if there is none. */
  async oldestBefore(time: number): Promise<Day | undefined> {
    if (!this.#areUsed) return undefined;
    const days = (await Promise.all(PARTITIONED.map(({ table }) => this.#list(table)))).flat();
    return days.filter(({ end }) => end <= time).toSorted((a, b) => a.start - b.start)[0];
  }

  /** The time before which calls expire, if all of before a time would: with partitions, whole days expire. */
  expiry(time: number): number {
    return this.#areUsed ? dayOf(time).start : time;
  }

  /**
   * Moves the webhooks of stored calls out of a day, and drops it. Resolves to `false` if it is to be tried again later:
   * others had the tables, or rows of that day came meanwhile. No webhook of a stored call is deleted.
   */
  async drop(day: Day, step: Step): Promise<boolean> {
    for (const { table } of PARTITIONED) {
      if (!(await this.#dropFrom(table, day, step))) return false;
    }
    return true;
  }

  async #dropFrom(table: DayTable, day: Day, step: Step): Promise<boolean> {
    if (!(await this.#list(table)).some(({ start }) => start === day.start)) return true;
    try {
      const newest = await step(() => this.#newestOf(table, day));
      for (let after: string | null = ''; after !== null; ) {
        const from: string = after;
        after = await step(() => this.#keepSome(table, day, from));
      }
      return await step(() => this.#dropOf(table, day, newest));
    } catch (error) {
      if (sqlStateOf(error) === UNDEFINED_TABLE) return true;
      if (sqlStateOf(error) === LOCK_NOT_AVAILABLE) return false;
      throw error;
    }
  }

  /** Moves rows without a day to those that are deleted one by one, so that their days can get partitions. */
  async #emptyOther(table: DayTable): Promise<void> {
    const select = `SELECT seq FROM ${table}_other ORDER BY seq LIMIT ${ROWS_AT_ONCE}`;
    for (let moved = ROWS_AT_ONCE; moved === ROWS_AT_ONCE; ) {
      // A transaction runs again if another replica moves the same rows.
      moved = await this.#database.transaction((queries) =>
        queries.run(`UPDATE ${table} SET kept = true WHERE NOT kept AND seq IN (${select})`),
      );
    }
  }

  async #list(table: DayTable): Promise<Day[]> {
    const rows = await this.#database.all<{ name: string }>(
      `SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = to_regclass($1)`,
      [`${table}_days`],
    );
    return rows.flatMap(({ name }) => dayNamed(name) ?? []);
  }

  /** Resolves to whether the partition exists now. */
  async #create(table: DayTable, day: Day): Promise<boolean> {
    try {
      await this.#database.transaction((queries) =>
        queries.script(
          `${LOCK_LIMIT}; CREATE TABLE ${nameOf(table, day)} PARTITION OF ${table}_days ${OWN_KEYS}
           FOR VALUES FROM (${day.start}) TO (${day.end})`,
        ),
      );
      return true;
    } catch (error) {
      if (!TRY_LATER.includes(sqlStateOf(error) ?? '')) throw error;
      return (await this.#list(table)).some(({ start }) => start === day.start);
    }
  }

  /** The `seq` of the latest row of a day, once no transaction is writing rows of it. */
  async #newestOf(table: DayTable, day: Day): Promise<number> {
    return this.#database.transaction(async (queries) => {
      await queries.script(`${LOCK_LIMIT}; LOCK TABLE ${nameOf(table, day)} IN SHARE MODE`);
      return newest(queries, nameOf(table, day));
    });
  }

  /** Moves the rows of some stored calls out of a day. Resolves to where to continue; `null` at the end. */
  async #keepSome(table: DayTable, { start, end }: Day, after: string): Promise<string | null> {
    const { key, isStored } = KEPT_BY[table];
    const [row] = await this.#database.transaction((queries) =>
      queries.all<{ last: string | null }>(
        `WITH page AS MATERIALIZED (SELECT DISTINCT ${key} AS key FROM ${nameOf(table, { start, end })} WHERE ${key} > $1
           ORDER BY ${key} LIMIT ${KEYS_AT_ONCE}),
         moved AS (UPDATE ${table} SET kept = true WHERE NOT kept AND received_at >= ${start} AND received_at < ${end}
           AND ${key} IN (SELECT key FROM page WHERE ${isStored}))
       SELECT MAX(key) AS last FROM page`,
        [after],
      ),
    );
    return row?.last ?? null;
  }

  /** Resolves to `false` if rows came after `before`. */
  async #dropOf(table: DayTable, day: Day, before: number): Promise<boolean> {
    return this.#database.transaction(async (queries) => {
      // It waits for those who may be writing rows of the day.
      await queries.script(`${LOCK_LIMIT}; LOCK TABLE ONLY ${table}_days IN ACCESS EXCLUSIVE MODE`);
      const [partition] = await queries.all('SELECT to_regclass($1) AS name', [nameOf(table, day)]);
      if (!partition?.name) return true;
      if ((await newest(queries, nameOf(table, day))) > before) return false;
      await queries.script(`DROP TABLE ${nameOf(table, day)}`);
      return true;
    });
  }
}

async function newest(queries: Queries, partition: string): Promise<number> {
  const [row] = await queries.all<{ seq: number | null }>(`SELECT MAX(seq) AS seq FROM ${partition}`);
  return row?.seq ?? 0;
}

/** The UTC day of a time. */
function dayOf(time: number): Day {
  const start = Math.floor(time / DAY_MS) * DAY_MS;
  return { start, end: start + DAY_MS };
}

function nameOf(table: DayTable, { start }: Day): string {
  return `${table}_${new Date(start).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

function dayNamed(name: string): Day | undefined {
  const [, year, month, day] = /_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? [];
  return year === undefined ? undefined : dayOf(Date.UTC(Number(year), Number(month) - 1, Number(day)));
}

import type { EraseNumber } from '../core/receive/eraseNumber.ts';
import type { Database, Queries, Value } from './database.ts';

/** How many rows are read at once. */
const PAGE = 500;

/** Where a number may be: a table with its key, and its columns of text and of bytes. */
interface Place {
  readonly table: string;
  readonly key: string;
  readonly texts: readonly string[];
  readonly bytes?: readonly string[];
}

const PLACES: readonly Place[] = [
  { table: 'events', key: 'seq', texts: ['event'], bytes: ['body'] },
  { table: 'livekit_events', key: 'seq', texts: ['event', 'room', 'numbers'], bytes: ['body'] },
  { table: 'attempts', key: 'id', texts: ['record', 'seen'] },
  { table: 'attempt_keys', key: 'id', texts: ['from_digits', 'to_digits'] },
  { table: 'incidents', key: 'id', texts: ['incident'] },
  { table: 'incident_notices', key: 'id', texts: ['incident'] },
  { table: 'predictions', key: 'id', texts: ['prediction'] },
  { table: 'applied_changes', key: 'id', texts: ['why', 'changes', 'edits'] },
];

/** Tables whose rows are deleted with the number: they only lead to an erased call, or are made of such calls. */
const LOOK_UPS = [
  { table: 'legs_by_numbers', column: 'numbers' },
  { table: 'rooms_by_numbers', column: 'room' },
  { table: 'call_kinds', column: 'kind' },
] as const;

type Row = Readonly<Record<string, Value>>;

/** How many rows of each table have the number; tables without it are left out. */
export type RowsWithNumber = Readonly<Record<string, number>>;

/**
 * Erases a number from all rows, which otherwise stay, so that counts and incidents remain true. With `isDryRun` the rows
 * are only counted. A service may be writing; it loads its open calls from the store again.
 */
export async function forgetNumber(database: Database, erase: EraseNumber, isDryRun: boolean): Promise<RowsWithNumber> {
  const rows: Record<string, number> = {};
  const note = (table: string, count: number) => {
    if (count > 0) rows[table] = (rows[table] ?? 0) + count;
  };
  for (const place of PLACES)
    await eachWithNumber(database, place, erase, async (keys) => {
      if (!isDryRun) await eraseIn(database, place, keys, erase);
      note(place.table, keys.length);
    });
  for (const { table, column } of LOOK_UPS) {
    const found = await database.all<Row>(`SELECT DISTINCT ${column} AS key FROM ${table}`);
    const keys = found.map(({ key }) => String(key)).filter((key) => erase(key) !== key);
    for (const key of isDryRun ? [] : keys) await database.run(`DELETE FROM ${table} WHERE ${column} = $1`, [key]);
    note(table, keys.length);
  }
  if (!isDryRun && Object.keys(rows).length > 0) await reloadOpenCalls(database);
  return rows;
}

/**
 * Overwrites what deleted and changed rows leave in the files, as far as the database can. It may take minutes on a large
 * store, and rejects if the database refuses.
 */
export async function overwriteRemnants(database: Database): Promise<void> {
  if (database.dialect.isShared) {
    for (const table of [...[...PLACES, ...LOOK_UPS].map((place) => place.table), 'configurations']) {
      await database.script(`VACUUM ${table}`);
    }
    return;
  }
  await database.script('VACUUM');
  await database.script('PRAGMA wal_checkpoint(TRUNCATE)');
}

/** Passes the keys of rows with the number, a page at a time. */
async function eachWithNumber(
  database: Database,
  { table, key, texts, bytes = [] }: Place,
  erase: EraseNumber,
  work: (keys: readonly Value[]) => Promise<void>,
): Promise<void> {
  const columns = [key, ...texts, ...bytes].join(', ');
  let after: Value | undefined;
  for (;;) {
    const where = after === undefined ? '' : `WHERE ${key} > $1`;
    const parameters = after === undefined ? [] : [after];
    const rows = await database.all<Row>(
      `SELECT ${columns} FROM ${table} ${where} ORDER BY ${key} LIMIT ${PAGE}`,
      parameters,
    );
    const found = rows.filter((row) =>
      [...texts, ...bytes].some((column) => changed(row[column], erase) !== undefined),
    );
    if (found.length > 0) await work(found.map((row) => row[key] ?? null));
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last[key] ?? null;
  }
}

async function eraseIn(
  database: Database,
  { table, key, texts, bytes = [] }: Place,
  keys: readonly Value[],
  erase: EraseNumber,
): Promise<void> {
  const columns = [...texts, ...bytes];
  await database.transaction(async (queries: Queries) => {
    for (const id of keys) {
      const [row] = await queries.all<Row>(
        `SELECT ${columns.join(', ')} FROM ${table} WHERE ${key} = $1 ${queries.dialect.forUpdate}`,
        [id],
      );
      if (!row) continue;
      const values = columns.map((column) => changed(row[column], erase) ?? row[column] ?? null);
      const set = columns.map((column, i) => `${column} = $${i + 2}`).join(', ');
      await queries.run(`UPDATE ${table} SET ${set} WHERE ${key} = $1`, [id, ...values]);
    }
  });
}

/** The value without the number; `undefined` if it has none. */
function changed(value: Value | undefined, erase: EraseNumber): Value | undefined {
  if (value === null || value === undefined || typeof value === 'number') return undefined;
  const text = typeof value === 'string' ? value : Buffer.from(value).toString();
  const erased = erase(text);
  if (erased === text) return undefined;
  return typeof value === 'string' ? erased : Buffer.from(erased);
}

/** A service has open calls in memory, and would write the number again with their verdicts. */
async function reloadOpenCalls(database: Database): Promise<void> {
  await database.run(
    `UPDATE open_calls SET arrivals = arrivals + 1 WHERE call_id IN
       (SELECT call_id FROM open_calls ORDER BY call_id ${database.dialect.forUpdate})`,
  );
}

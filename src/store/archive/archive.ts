import { randomUUID } from 'node:crypto';
import type { CallEvent } from '../../core/call/callEvent.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import { saveKeys } from '../calls/search.ts';
import { insertLookUps } from '../calls/webhookRows.ts';
import { type Database, placeholders, type Queries, type Value } from '../database.ts';
import { IncidentFold } from '../incidents/incidentFold.ts';
import { type AttemptRow, toAttempt } from '../storedForms.ts';
import {
  ATTEMPTS,
  CONFIGURATIONS,
  columnsOf,
  EVENTS,
  EXPORTED,
  INCIDENTS,
  LIVEKIT_EVENTS,
  OPEN_CALLS,
  type Table,
} from '../tables.ts';
import { type Row, rowToJson } from './archiveRow.ts';
import { completeOlder } from './olderArchive.ts';

/** How many rows are read at once. A body may have 256 KB. */
const PAGE = 200;

/** A row to import. `isOlder`: it is from the first export format, which lacks some columns. */
export interface GivenRow {
  readonly table: Table;
  readonly row: Row;
  readonly isOlder: boolean;
}

/** A row was added, was known already, or was left out because the store has a conflicting one. */
export const FATES = ['added', 'known', 'conflicting'] as const;
export type Written = Record<(typeof FATES)[number], number>;

/** The rows of a store as JSON. `queries` should be those of a snapshot. */
export async function* exportRows(queries: Queries): AsyncGenerator<object> {
  // Holds the partitions: one that retention drops meanwhile would be missing from the snapshot.
  for (const { name } of [EVENTS, LIVEKIT_EVENTS]) await queries.all(`SELECT 1 FROM ${name} LIMIT 1`);
  for (const table of EXPORTED) {
    for await (const row of rowsOf(queries, table)) yield await rowToJson(table, row);
  }
}

/**
 * Inserts all rows or none. Existing rows stay unchanged, except that a dialled leg replaces its A leg. The attempts are
 * not counted, neither in metrics nor in incidents. `newIncidents` has the ids of incidents that this import has added so
 * far; the new ones of `rows` are added to it.
 */
export async function importRows(
  database: Database,
  rows: readonly GivenRow[],
  newIncidents: Set<string>,
): Promise<Written> {
  const { written, incidents } = await database.transaction(async (queries) => {
    const written: Written = { added: 0, known: 0, conflicting: 0 };
    // A copy, because the transaction may run again.
    const incidents = new Set(newIncidents);
    for (const given of rows) {
      const fate = await write(queries, given, incidents);
      written[fate] += 1;
      if (fate === 'added' && given.table === INCIDENTS) incidents.add(String(given.row.id));
    }
    const hasVersions = rows.some(({ table }) => table === CONFIGURATIONS);
    if (hasVersions && queries.dialect.isShared) await skipImportedVersions(queries);
    return { written, incidents };
  });
  for (const id of incidents) newIncidents.add(id);
  return written;
}

async function* rowsOf(queries: Queries, { name, key, columns }: Table): AsyncGenerator<Row> {
  const order = key.join(', ');
  const selected = Object.entries(columns).map(([column, { computed }]) =>
    computed === undefined ? column : `${computed} AS ${column}`,
  );
  const select = `SELECT ${[...new Set([...key, ...selected])].join(', ')} FROM ${name}`;
  let after: Value[] = [];
  for (;;) {
    const where = after.length > 0 ? `WHERE (${order}) > ${placeholders(1, after.length)}` : '';
    const rows = await queries.all<Row>(`${select} ${where} ORDER BY ${order} LIMIT ${PAGE}`, after);
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = key.map((column) => last[column] ?? null);
  }
}

async function write(
  queries: Queries,
  { table, row: given, isOlder }: GivenRow,
  newIncidents: ReadonlySet<string>,
): Promise<keyof Written> {
  const row = await adapt(queries, table, isOlder ? await completeOlder(queries, table, given) : given);
  if (row === undefined) return 'known';
  const isKept = await (table === ATTEMPTS
    ? keepsOwnAttempt(queries, row, newIncidents)
    : isKnown(queries, table, row));
  if (isKept) return 'known';
  const columns = Object.keys(columnsOf(table));
  const added = await queries.run(
    `INSERT INTO ${table.name} (${columns.join(', ')}) VALUES ${placeholders(1, columns.length)} ON CONFLICT DO NOTHING`,
    valuesOf(row, columns),
  );
  if (added === 0) return 'conflicting';
  // The casts: the declarations of these tables say so.
  if (table === ATTEMPTS) await saveKeys(queries, [toAttempt(row as unknown as AttemptRow)]);
  if (table === EVENTS) await insertLookUps(queries, [JSON.parse(String(row.event)) as CallEvent]);
  return 'added';
}

async function isKnown(queries: Queries, table: Table, row: Row): Promise<boolean> {
  const identity = table.identity ?? table.key;
  const same = identity.map((column, i) => `${column} = $${i + 1}`).join(' AND ');
  const found = await queries.all(`SELECT 1 FROM ${table.name} WHERE ${same} LIMIT 1`, valuesOf(row, identity));
  return found.length > 0;
}

function valuesOf(row: Row, columns: readonly string[]): Value[] {
  return columns.map((column) => row[column] ?? null);
}

/** The row as this store accepts it; `undefined` if the store is further with the same call. */
async function adapt(queries: Queries, table: Table, row: Row): Promise<Row | undefined> {
  if (table === INCIDENTS) return closeRival(queries, row);
  if (table !== OPEN_CALLS) return row;
  const attempts = await queries.all('SELECT 1 FROM attempts WHERE call_id = $1', valuesOf(row, ['call_id']));
  return attempts.length > Number(row.attempts) ? undefined : row;
}

/** Only one incident per cause and trunk may be open. If the store has one, this row is closed at its last call. */
async function closeRival(queries: Queries, row: Row): Promise<Row> {
  if (row.closed_at !== null) return row;
  const opened = 'SELECT 1 FROM incidents WHERE cause = $1 AND trunk = $2 AND closed_at IS NULL AND id <> $3';
  if ((await queries.all(opened, valuesOf(row, ['cause', 'trunk', 'id']))).length === 0) return row;
  // The cast: the fields used here were checked.
  const incident = JSON.parse(String(row.incident)) as Incident;
  const closed = { at: incident.last.at, because: 'no_calls' } as const;
  return { ...row, closed_at: closed.at, incident: JSON.stringify({ ...incident, closed }) };
}

/** Makes PostgreSQL number new versions after the imported ones. SQLite does so by itself. */
async function skipImportedVersions(queries: Queries): Promise<void> {
  const [row] = await queries.all<{ last: number | null }>('SELECT MAX(version) AS last FROM configurations');
  // Safe to insert as text, because it is a number. ALTER accepts no parameters.
  await queries.script(`ALTER TABLE configurations ALTER COLUMN version RESTART WITH ${Number(row?.last ?? 0) + 1}`);
}

interface OwnRow {
  readonly call_sid: string;
  readonly settled_at: number;
  readonly incident: string | null;
  readonly put_away_at: number | null;
}

/**
 * Whether the store keeps its own attempt instead of an imported one. If not, the imported one is to be inserted. One of
 * two exports of a call may be older than its dialled leg. The dialled leg stays, whichever comes first, and the incident
 * of the A leg no longer counts it. `newIncidents` came with this import, and count all attempts of their export.
 */
async function keepsOwnAttempt(queries: Queries, row: Row, newIncidents: ReadonlySet<string>): Promise<boolean> {
  // The cast: the declaration of the table says so.
  const given = row as unknown as AttemptRow & { readonly incident: string | null };
  const [own] = await queries.all<OwnRow>(
    `SELECT call_sid, settled_at, incident, put_away_at FROM attempts WHERE id = $1 ${queries.dialect.forUpdate}`,
    [given.id],
  );
  if (!own) return false;
  const attempt = toAttempt(given);
  const fold = new IncidentFold(queries, randomUUID);
  // What a person has put away here stays so.
  const keepsOwn = given.call_sid === given.call_id || own.put_away_at !== null;
  const isOtherIncident = own.incident !== given.incident;
  if (!keepsOwn && own.call_sid === given.call_id) {
    await queries.run('DELETE FROM attempts WHERE id = $1', [given.id]);
    if (own.incident !== null && isOtherIncident) await fold.remove(own.incident, attempt, attempt.settledAt);
    else if (own.incident !== null) await fold.showLeg(own.incident, attempt);
    return false;
  }
  if (keepsOwn && isOtherIncident && given.incident !== null && newIncidents.has(given.incident)) {
    await fold.remove(given.incident, attempt, own.settled_at);
  }
  return true;
}

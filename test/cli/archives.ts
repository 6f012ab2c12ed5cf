import { explain } from '../../src/core/explain/explanation.ts';
import { exportLines, importLines } from '../../src/service/answers/archiveLines.ts';
import type { bytesToJson } from '../../src/store/archive/archiveRow.ts';
import { Store } from '../../src/store/store.ts';

/** The lines that a store exports. */
export async function exportOf(databaseUrl: string): Promise<string[]> {
  const store = await Store.open(databaseUrl);
  const all: string[] = [];
  await store.database.snapshot(async (queries) => {
    for await (const line of exportLines(queries, 'plain')) all.push(JSON.stringify(line));
  });
  await store.close();
  return all;
}

/** The rows of an export alone, in no order. */
export async function rowsOf(databaseUrl: string): Promise<string[]> {
  return (await exportOf(databaseUrl)).slice(1, -1).toSorted();
}

/** Imports the lines of an export. */
export async function take(databaseUrl: string, from: readonly string[]) {
  const store = await Store.open(databaseUrl);
  const parsed = async function* () {
    for (const [i, line] of from.entries()) yield { number: i + 1, json: JSON.parse(line) as unknown };
  };
  const report = await importLines(store.database, parsed());
  await store.close();
  return report;
}

/** A line of an export as the first form had it. */
export function olderRecord(line: string) {
  const { table, sipwhy_export, ...row } = JSON.parse(line);
  const { call_id, room, digest, event, body } = row;
  switch (table) {
    case 'configurations':
      return { record: 'configuration', ...row };
    case 'incidents':
      return { record: 'incident', changed_at: row.changed_at, incident: row.incident };
    case 'attempts': {
      const { id: _, record, seen: __, ...rest } = row;
      return { record: 'attempt', ...rest, explanation: explain(record) };
    }
    case 'rooms_by_numbers':
      return { record: 'room', room, call_id };
    case 'events':
      return { record: 'event', digest, event, ...bodyOf(body) };
    case 'livekit_events':
      return { record: 'livekit_event', digest, event, ...bodyOf(body) };
    case 'open_calls':
      return { record: 'open_call', ...row };
    case 'end':
      return { record: 'end', records: row.rows };
    default:
      return { ...row, sipwhy_export: sipwhy_export - 1 };
  }
}

function bodyOf(body: ReturnType<typeof bytesToJson>) {
  return typeof body === 'string' ? { body } : { body_base64: body.base64 };
}

import type { CallEvent } from '../../core/call/callEvent.ts';
import type { LiveKitEvent } from '../../core/call/livekitEvent.ts';
import { eventRow, liveKitEventRow } from '../calls/webhookRows.ts';
import type { Queries } from '../database.ts';
import { ATTEMPTS, EVENTS, LIVEKIT_EVENTS, type Table } from '../tables.ts';
import type { JsonObject, Row } from './archiveRow.ts';

// The first export format had records instead of rows.

const TABLES: Readonly<Record<string, string>> = {
  configuration: 'configurations',
  incident: 'incidents',
  attempt: 'attempts',
  room: 'rooms_by_numbers',
  event: 'events',
  livekit_event: 'livekit_events',
  open_call: 'open_calls',
  end: 'end',
};

/** Converts a record to the JSON of a row, which must still be checked. `completeOlder` adds the missing columns. */
export function rowOfRecord({ record, ...given }: JsonObject): JsonObject {
  // The cast: only these fields are read here, and anything else fails the check afterwards.
  const inner = (given.event ?? given.incident ?? {}) as JsonObject & { readonly closed?: JsonObject };
  const row = { ...given, table: TABLES[String(record)] };
  switch (record) {
    case 'incident': {
      const { id, cause, trunk, openedAt, closed } = inner;
      return { ...row, id, cause, trunk, opened_at: openedAt, closed_at: closed?.at };
    }
    case 'attempt':
      return { ...row, id: given.call_id, record: given.explanation };
    case 'event':
    case 'livekit_event': {
      const { receivedAt, callSid, kind, name } = inner;
      const body = given.body_base64 === undefined ? (given.body ?? '') : { base64: given.body_base64 };
      return { ...row, received_at: receivedAt, call_id: callSid, call_sid: callSid, kind, name, body };
    }
    default:
      return row;
  }
}

/** Adds the columns that follow from the row's JSON or from the store. */
export async function completeOlder(queries: Queries, table: Table, row: Row): Promise<Row> {
  // The casts: the rows were checked.
  const webhook = { id: null, digest: String(row.digest), body: row.body as Uint8Array };
  if (table === EVENTS) return eventRow({ ...webhook, event: JSON.parse(String(row.event)) as CallEvent });
  if (table === LIVEKIT_EVENTS) {
    return liveKitEventRow({ ...webhook, event: JSON.parse(String(row.event)) as LiveKitEvent });
  }
  return table === ATTEMPTS ? { ...row, id: await idOf(queries, row) } : row;
}

/** The id of an attempt: the call's id for the first attempt or the A leg, and the leg's call_sid for any other. */
async function idOf(queries: Queries, row: Row): Promise<string> {
  const [callSid, callId] = [String(row.call_sid), String(row.call_id)];
  const [first] = await queries.all<{ call_sid: string }>('SELECT call_sid FROM attempts WHERE id = $1', [callId]);
  const isOther = first !== undefined && callSid !== callId && ![callSid, callId].includes(first.call_sid);
  return isOther ? callSid : callId;
}

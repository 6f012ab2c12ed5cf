import { indexKey } from '../../core/call/storedText.ts';
import type { Database } from '../database.ts';

/** A shorter beginning of a call_sid could be of any call. */
const SHORTEST_BEGINNING = 8;
/** How many calls are found at most: a beginning, or a Call-ID that a client uses again, may be of many. */
const MOST_CALLS = 20;
/** How many legs are looked at for them. A call may have hundreds that begin alike. */
const MOST_LEGS = 100;

const COLUMNS = ['call_sid', 'dial_call_sid', 'call_id'] as const;

/**
 * The ids of calls that a text names: as the call_sid of a leg, as its beginning, or as a SIP Call-ID. Each statement
 * reads a few entries of an index.
 */
export async function callIdsOf(database: Database, text: string): Promise<string[]> {
  const named = await database.all<{ call_id: string }>(
    `${COLUMNS.map((column) => `SELECT call_id FROM (SELECT call_id FROM events WHERE ${column} = $1 LIMIT 1) AS of_${column}`).join(' UNION ')}
     UNION SELECT call_id FROM (SELECT call_id FROM sip_call_ids WHERE sip_call_id = $2 LIMIT ${MOST_CALLS}) AS of_sip`,
    [text, indexKey(text)],
  );
  if (named.length > 0 || text.length < SHORTEST_BEGINNING) return named.map(({ call_id }) => call_id);
  const found = new Set<string>();
  for (const column of COLUMNS) {
    for await (const callId of callsBeginning(database, column, text)) {
      found.add(callId);
      if (found.size === MOST_CALLS) return [...found];
    }
  }
  return [...found];
}

/** The calls of legs whose call_sid begins so. Steps from leg to leg, because each has many webhooks. */
async function* callsBeginning(database: Database, column: (typeof COLUMNS)[number], text: string) {
  // PostgreSQL's order may ignore the case, so other texts may lie between those that begin so.
  const folded = text.toLowerCase();
  let after: string | undefined;
  for (let legs = 0; legs < MOST_LEGS; legs += 1) {
    const [row]: { leg: string; call_id: string }[] = await database.all(
      `SELECT ${column} AS leg, call_id FROM events WHERE ${column} ${after === undefined ? '>=' : '>'} $1
       ORDER BY ${column} LIMIT 1`,
      [after ?? text],
    );
    if (!row?.leg.toLowerCase().startsWith(folded)) return;
    if (row.leg.startsWith(text)) yield row.call_id;
    after = row.leg;
  }
}

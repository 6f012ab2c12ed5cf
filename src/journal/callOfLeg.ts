import type { Queries } from './database.ts';

/** The call that a leg belongs to, as far as the events in a table tell: a leg of its own, one dialled, or its A leg. */
export async function callOfLeg(
  queries: Queries,
  table: 'events' | 'spool',
  callSid: string,
): Promise<string | undefined> {
  const [found] = await queries.all<{ call_id: string }>(
    `SELECT call_id FROM ${table} WHERE call_sid = $1
     UNION ALL SELECT call_id FROM ${table} WHERE dial_call_sid = $1
     UNION ALL SELECT call_id FROM ${table} WHERE call_id = $1 LIMIT 1`,
    [callSid],
  );
  return found?.call_id;
}

import { foldFailure, isFailure, removeCall } from '../incidents/failure.ts';
import type { CallAt, Incident } from '../incidents/incident.ts';
import type { Queries } from './database.ts';
import { lockById, write } from './incidentRows.ts';
import type { StoredAttempt } from './store.ts';

/** When a leg that was dialled from this one was settled, in epoch milliseconds; `undefined` where none is kept. */
export async function dialledFrom(queries: Queries, callId: string): Promise<number | undefined> {
  const [row] = await queries.all<{ settled_at: number }>(
    'SELECT settled_at FROM attempts WHERE call_id = $1 AND call_sid <> $1 ORDER BY started_at LIMIT 1',
    [callId],
  );
  return row?.settled_at;
}

/**
 * Takes an A leg, which is kept no more, out of the incident that it was counted in. `heir` is the leg dialled from it,
 * where that belongs to the same incident and is not counted there yet. `now` in epoch milliseconds.
 */
export async function takeOutOfIncident(
  queries: Queries,
  id: string,
  callSid: string,
  now: number,
  { isCounted, heir }: { isCounted(incident: Incident): boolean; readonly heir?: StoredAttempt },
): Promise<void> {
  const incident = await lockById(queries, id);
  if (!incident || incident.calls === 0 || !isCounted(incident)) return;
  // The question of the A leg goes with it, and would hide the same one of its heir.
  const questions = incident.questions.filter((question) => question.callSid !== callSid);
  const before = heir ? countAsWell({ ...incident, questions }, heir) : incident;
  const calls = before.calls - 1;
  // Of an incident that is being imported not all calls are there yet: what it says itself is right, where it can be.
  const edge = async (at: CallAt, order: 'ASC' | 'DESC') =>
    at.callSid === callSid ? ((await edgeOf(queries, id, callSid, order)) ?? at) : at;
  const remaining =
    calls > 0 ? { calls, first: await edge(before.first, 'ASC'), last: await edge(before.last, 'DESC') } : undefined;
  await write(queries, removeCall(before, callSid, remaining, now).incident, now);
}

/** Counts a call in this incident, whether that is closed or not. */
function countAsWell(incident: Incident, heir: StoredAttempt): Incident {
  if (!isFailure(heir)) return incident;
  const { closed, ...open } = incident;
  const counted = foldFailure(open, heir, heir.settledAt, incident.id).incident;
  return { ...counted, ...(closed && { closed }) };
}

async function edgeOf(
  queries: Queries,
  id: string,
  except: string,
  order: 'ASC' | 'DESC',
): Promise<CallAt | undefined> {
  const [row] = await queries.all<{ call_sid: string; started_at: number }>(
    `SELECT call_sid, started_at FROM attempts WHERE incident = $1 AND call_sid <> $2
     ORDER BY started_at ${order} LIMIT 1`,
    [id, except],
  );
  return row && { callSid: row.call_sid, at: row.started_at };
}

import { randomUUID } from 'node:crypto';
import type { Row } from './archiveRow.ts';
import { type AttemptRow, toAttempt } from './attemptRow.ts';
import type { Queries } from './database.ts';
import { IncidentFold } from './incidentFold.ts';

/**
 * Whether the store keeps the attempt it has in place of an imported one; where not, the imported one is to be inserted.
 * One of two exports of a call may be older than its dialled leg: the dialled leg stays, whichever comes first, and the
 * incident of the A leg counts it no more. `newIncidents` came with this import and count all attempts of their export.
 */
export async function keepsOwnAttempt(queries: Queries, row: Row, newIncidents: ReadonlySet<string>): Promise<boolean> {
  // The cast is what the declaration says of the table.
  const given = row as unknown as AttemptRow & { readonly incident: string | null };
  const [own] = await queries.all<{ call_sid: string; settled_at: number; incident: string | null }>(
    `SELECT call_sid, settled_at, incident FROM attempts WHERE id = $1 ${queries.dialect.forUpdate}`,
    [given.id],
  );
  if (!own) return false;
  const attempt = toAttempt(given);
  const fold = new IncidentFold(queries, randomUUID);
  const isALeg = given.call_sid === given.call_id;
  const isOtherIncident = own.incident !== given.incident;
  if (!isALeg && own.call_sid === given.call_id) {
    await queries.run('DELETE FROM attempts WHERE id = $1', [given.id]);
    if (own.incident !== null && isOtherIncident) await fold.remove(own.incident, attempt, attempt.settledAt);
    else if (own.incident !== null) await fold.showLeg(own.incident, attempt);
    return false;
  }
  if (isALeg && isOtherIncident && given.incident !== null && newIncidents.has(given.incident)) {
    await fold.remove(given.incident, attempt, own.settled_at);
  }
  return true;
}

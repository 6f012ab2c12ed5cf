import type { Incident } from '../incidents/incident.ts';
import type { Queries } from './database.ts';
import { incidentFrom } from './olderForms.ts';

export interface IncidentRow {
  readonly incident: string;
}

export function readIncident({ incident }: IncidentRow): Incident {
  return incidentFrom(JSON.parse(incident));
}

/** Reads an incident and keeps everybody else from changing it until the transaction ends. */
export async function lockById(queries: Queries, id: string): Promise<Incident | undefined> {
  // An UPDATE locks the row in both databases; FOR UPDATE is PostgreSQL's alone.
  const [row] = await queries.all<IncidentRow>('UPDATE incidents SET id = id WHERE id = $1 RETURNING incident', [id]);
  return row && readIncident(row);
}

export async function write(queries: Queries, incident: Incident, now: number): Promise<void> {
  await queries.run('UPDATE incidents SET closed_at = $1, changed_at = $2, incident = $3 WHERE id = $4', [
    incident.closed?.at ?? null,
    now,
    JSON.stringify(incident),
    incident.id,
  ]);
}

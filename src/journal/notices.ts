import { randomUUID } from 'node:crypto';
import type { Incident, IncidentEvent } from '../incidents/incident.ts';
import type { Database, Queries } from './database.ts';
import type { IncidentTransition, Notice, NoticeStore } from './incidentStore.ts';

/** What is to be told to others, on either database: written with what it tells of, so that neither is lost alone. */
export class Notices implements NoticeStore {
  endpoints: readonly string[] = [];
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Notes, as part of a transaction, that the endpoints are to be told. `now` in epoch milliseconds. */
  async write(queries: Queries, transitions: readonly IncidentTransition[], now: number): Promise<void> {
    for (const { event, incident } of transitions) {
      for (const endpoint of this.endpoints) {
        await queries.run(
          `INSERT INTO incident_notices (id, endpoint, event, incident, made_at, due_at, tries, leased_until)
           VALUES ($1, $2, $3, $4, $5, $5, 0, 0)`,
          [`msg_${randomUUID()}`, endpoint, event, JSON.stringify(incident), now],
        );
      }
    }
  }

  async claim(now: number, leaseMs: number): Promise<Notice | undefined> {
    // The lease is asked for twice: of two replicas that choose the same row, the second sees that it is taken.
    if (this.endpoints.length === 0) return undefined;
    const own = this.endpoints.map((_, i) => `$${i + 3}`).join(', ');
    const [row] = await this.#database.all<Row>(
      `UPDATE incident_notices SET tries = tries + 1, leased_until = $2 WHERE id = (
         SELECT id FROM incident_notices WHERE due_at <= $1 AND leased_until <= $1 AND endpoint IN (${own})
         ORDER BY due_at, made_at, id LIMIT 1
       ) AND leased_until <= $1 RETURNING id, endpoint, event, incident, made_at, tries`,
      [now, now + leaseMs, ...this.endpoints],
    );
    if (!row) return undefined;
    const { id, endpoint, made_at, tries } = row;
    // The casts are what write wrote.
    const incident = JSON.parse(row.incident) as Incident;
    return { id, endpoint, event: row.event as IncidentEvent, incident, madeAt: made_at, tries };
  }

  async remove(id: string): Promise<void> {
    await this.#database.run('DELETE FROM incident_notices WHERE id = $1', [id]);
  }

  async postpone(id: string, dueAt: number): Promise<void> {
    await this.#database.run('UPDATE incident_notices SET due_at = $1, leased_until = 0 WHERE id = $2', [dueAt, id]);
  }

  async dropBeyond(kept: number, madeBefore: number): Promise<number> {
    return this.#database.run(
      `DELETE FROM incident_notices WHERE made_at < $2 OR id IN (
         SELECT id FROM incident_notices ORDER BY made_at DESC, id LIMIT 1000 OFFSET $1
       )`,
      [kept, madeBefore],
    );
  }
}

interface Row {
  readonly id: string;
  readonly endpoint: string;
  readonly event: string;
  readonly incident: string;
  readonly made_at: number;
  readonly tries: number;
}

import { randomUUID } from 'node:crypto';
import type { Incident, IncidentEvent } from '../../core/incidents/incident.ts';
import type { Database, Queries } from '../database.ts';
import { type IncidentRow, readIncident } from '../storedForms.ts';

/** Something that happened to an incident, as it was then. */
export interface IncidentTransition {
  readonly event: IncidentEvent;
  readonly incident: Incident;
}

/** What is to be told to one endpoint. */
export interface Notice {
  /** The same for each try. */
  readonly id: string;
  readonly endpoint: string;
  readonly event: IncidentEvent;
  readonly incident: Incident;
  /** Epoch milliseconds. */
  readonly madeAt: number;
  /** How often it was tried, this time included. */
  readonly tries: number;
}

/**
 * What is to be told to others, on either database, until they took it: written with what it tells of, so that neither is
 * lost alone. Times in epoch milliseconds.
 */
export class Notices {
  /** Names of the endpoints that are to be told of each transition from now on; none at first. */
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

  /**
   * Takes the notice of one of the endpoints that is due first; nobody else gets it for the length of the lease.
   * `undefined` where none is due, or others are just taking it.
   */
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
    // The cast is what write wrote.
    return { id, endpoint, event: row.event as IncidentEvent, incident: readIncident(row), madeAt: made_at, tries };
  }

  /** It was taken, or given up. */
  async remove(id: string): Promise<void> {
    await this.#database.run('DELETE FROM incident_notices WHERE id = $1', [id]);
  }

  /** It is to be tried again at a time. */
  async postpone(id: string, dueAt: number): Promise<void> {
    await this.#database.run('UPDATE incident_notices SET due_at = $1, leased_until = 0 WHERE id = $2', [dueAt, id]);
  }

  /** Keeps the latest ones only, and none made before a time; resolves to how many were dropped. */
  async dropBeyond(kept: number, madeBefore: number): Promise<number> {
    return this.#database.run(
      `DELETE FROM incident_notices WHERE made_at < $2 OR id IN (
         SELECT id FROM incident_notices ORDER BY made_at DESC, id LIMIT 1000 OFFSET $1
       )`,
      [kept, madeBefore],
    );
  }
}

interface Row extends IncidentRow {
  readonly id: string;
  readonly endpoint: string;
  readonly event: string;
  readonly made_at: number;
  readonly tries: number;
}

import { randomUUID } from 'node:crypto';
import { isMuted } from '../../core/incidents/handling.ts';
import type { Incident, IncidentEvent } from '../../core/incidents/incident.ts';
import type { Database, Queries } from '../database.ts';
import { type IncidentRow, readIncident } from '../storedForms.ts';

/** Something that happened to an incident, with the incident as it was then. */
export interface IncidentTransition {
  readonly event: IncidentEvent;
  readonly incident: Incident;
}

/** A notice to one endpoint. */
export interface Notice {
  /** The same for each try. */
  readonly id: string;
  readonly endpoint: string;
  readonly event: IncidentEvent;
  readonly incident: Incident;
  /** Epoch milliseconds. */
  readonly madeAt: number;
  /** How often it was tried, including this time. */
  readonly tries: number;
}

/** No notice waits longer than this, in milliseconds. One that seems to is due: the clock was set back since. */
const LONGEST_WAIT_MS = 2 * 3_600_000;

/**
 * The notices that endpoints have not accepted yet. A notice is written in the transaction that changes its incident, so
 * neither is lost without the other. Times in epoch milliseconds.
 */
export class Notices {
  /** The names of the endpoints that get a notice of each transition from now on. */
  endpoints: readonly string[] = [];
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Writes the notices of transitions for all endpoints, within a transaction. A muted incident has none. */
  async write(queries: Queries, transitions: readonly IncidentTransition[], now: number): Promise<void> {
    for (const { event, incident } of transitions) {
      if (isMuted(incident, now)) continue;
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
   * Claims the notice that is due first. No other replica gets it during the lease. Resolves to `undefined` if none is
   * due, or if another replica claims it at the same moment.
   */
  async claim(now: number, leaseMs: number): Promise<Notice | undefined> {
    // The lease is checked twice: if two replicas choose the same row, the second one sees that it is claimed.
    if (this.endpoints.length === 0) return undefined;
    const own = this.endpoints.map((_, i) => `$${i + 4}`).join(', ');
    const [row] = await this.#database.all<Row>(
      `UPDATE incident_notices SET tries = tries + 1, leased_until = $2 WHERE id = (
         SELECT id FROM incident_notices WHERE (due_at <= $1 OR due_at > $3 OR tries = 0)
           AND (leased_until <= $1 OR leased_until > $3) AND endpoint IN (${own})
         ORDER BY due_at, made_at, id LIMIT 1
       ) AND (leased_until <= $1 OR leased_until > $3) RETURNING id, endpoint, event, incident, made_at, tries`,
      [now, now + leaseMs, now + LONGEST_WAIT_MS, ...this.endpoints],
    );
    if (!row) return undefined;
    const { id, endpoint, made_at, tries } = row;
    // The cast: write wrote it.
    return { id, endpoint, event: row.event as IncidentEvent, incident: readIncident(row), madeAt: made_at, tries };
  }

  /** Removes a notice that was accepted or given up. */
  async remove(id: string): Promise<void> {
    await this.#database.run('DELETE FROM incident_notices WHERE id = $1', [id]);
  }

  /** Schedules the next try of a notice. */
  async postpone(id: string, dueAt: number): Promise<void> {
    await this.#database.run('UPDATE incident_notices SET due_at = $1, leased_until = 0 WHERE id = $2', [dueAt, id]);
  }

  /** Keeps the latest notices, and none made before a time. Resolves to how many were dropped. */
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

import { randomUUID } from 'node:crypto';
import { removeCall } from '../../core/incidents/failure.ts';
import { byHand, notePutAway } from '../../core/incidents/foldByHand.ts';
import type { Folded, Incident } from '../../core/incidents/incident.ts';
import { mapInSlices } from '../../loop/slices.ts';
import type { Database, Queries } from '../database.ts';
import type { SavedAttempts, StoredAttempt } from '../store.ts';
import { type IncidentRow, lockIncident, readIncident, writeIncident } from '../storedForms.ts';
import { IncidentFold } from './incidentFold.ts';
import { type IncidentTransition, Notices } from './notices.ts';

/** How many incidents are watched at once. Calls of further ones are still counted. */
const WATCHED = 500;

export interface IncidentFilter {
  readonly state: 'open' | 'closed' | 'all';
  /** Absent: any. */
  readonly cause?: readonly string[];
  readonly trunk?: readonly string[];
  readonly limit: number;
  /** The last incident of the page before. */
  readonly after?: { readonly isOpen: boolean; readonly openedAt: number; readonly id: string };
}

/**
 * The stored incidents. `saveAttempts` counts failed calls in them; `change` applies everything else, such as signs that
 * a cause is gone. Times in epoch milliseconds.
 */
export class Incidents {
  readonly notices: Notices;
  readonly #database: Database;
  readonly #newId: () => string;

  constructor(database: Database, newId: () => string = randomUUID) {
    this.#database = database;
    this.#newId = newId;
    this.notices = new Notices(database);
  }

  async find(id: string): Promise<Incident | undefined> {
    const [row] = await this.#database.all<IncidentRow>('SELECT incident FROM incidents WHERE id = $1', [id]);
    return row && readIncident(row);
  }

  /** Open ones first, then the newest. */
  async list({ state, cause, trunk, limit, after }: IncidentFilter): Promise<Incident[]> {
    const parameters: (string | number)[] = [];
    const put = (value: string | number) => `$${parameters.push(value)}`;
    const isOpen = '(CASE WHEN closed_at IS NULL THEN 1 ELSE 0 END)';
    const terms: string[] = [];
    if (state !== 'all') terms.push(`closed_at IS ${state === 'open' ? '' : 'NOT '}NULL`);
    if (cause) terms.push(`cause IN (${cause.map(put).join(', ')})`);
    if (trunk) terms.push(`trunk IN (${trunk.map(put).join(', ')})`);
    if (after) {
      const place = [after.isOpen ? 1 : 0, after.openedAt, after.id].map(put).join(', ');
      terms.push(`(${isOpen}, opened_at, id) < (${place})`);
    }
    const where = terms.length > 0 ? `WHERE ${terms.join(' AND ')}` : '';
    const rows = await this.#database.all<IncidentRow>(
      `SELECT incident FROM incidents ${where} ORDER BY ${isOpen} DESC, opened_at DESC, id DESC LIMIT ${put(limit)}`,
      parameters,
    );
    return mapInSlices(rows, readIncident);
  }

  /** Open incidents and those that closed since a time, the latest changed first, up to a limit. */
  async watched(closedSince: number): Promise<Incident[]> {
    const rows = await this.#database.all<IncidentRow>(
      'SELECT incident FROM incidents WHERE closed_at IS NULL OR closed_at >= $1 ORDER BY changed_at DESC LIMIT $2',
      [closedSince, WATCHED],
    );
    return mapInSlices(rows, readIncident);
  }

  /** Incidents that changed after a position, in the order of their changes. */
  async changedSince(at: number, id: string, limit: number) {
    const rows = await this.#database.all<IncidentRow & { changed_at: number }>(
      `SELECT changed_at, incident FROM incidents WHERE changed_at > $1 OR (changed_at = $1 AND id > $2)
       ORDER BY changed_at, id LIMIT $3`,
      [at, id, limit],
    );
    return mapInSlices(rows, (row) => ({ changedAt: row.changed_at, incident: readIncident(row) }));
  }

  /** How many incidents are open, by cause. */
  async countOpen(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#database.all<{ cause: string; count: number }>(
      'SELECT cause, COUNT(*) AS count FROM incidents WHERE closed_at IS NULL GROUP BY cause',
    );
    return new Map(rows.map(({ cause, count }) => [cause, count]));
  }

  /**
   * Applies a fold to the current state of an incident, which may have changed since it was last read. Resolves to the
   * result, or to `undefined` if the fold changes nothing.
   */
  async change(id: string, now: number, fold: (incident: Incident) => Folded | undefined): Promise<Folded | undefined> {
    return this.#database.transaction(async (queries) => {
      const before = await lockIncident(queries, id);
      const folded = before && fold(before);
      if (!folded) return undefined;
      await writeIncident(queries, folded.incident, now);
      await this.notices.write(queries, transitionsOf([folded]), now);
      return folded;
    });
  }

  /**
   * Takes a call out of an incident for good: its attempts in the incident no longer count, and none of its attempts that
   * come later will count in any. `callSid` is of any of its legs. Resolves to `undefined` if the incident has no such
   * call.
   */
  async putAway(id: string, callSid: string, by: string | undefined, now: number): Promise<Folded | undefined> {
    return this.#database.transaction(async (queries) => {
      const attempts = await queries.all<{ id: string; call_sid: string }>(
        `UPDATE attempts SET incident = NULL, put_away_at = $1 WHERE incident = $2 AND call_id IN (
           SELECT call_id FROM events WHERE call_sid = $3 OR dial_call_sid = $3
           UNION SELECT call_id FROM attempts WHERE call_sid = $3 OR call_id = $3
         ) RETURNING id, call_sid`,
        [now, id, callSid],
      );
      const fold = new IncidentFold(queries, randomUUID);
      for (const [i, attempt] of attempts.entries())
        await fold.remove(id, { id: attempt.id, callSid: attempt.call_sid }, now, (incident, removed, remaining) => {
          const folded = removeCall(incident, removed, remaining, now, 'put_away');
          return i > 0 ? folded : { ...folded, incident: notePutAway(folded.incident, callSid, byHand({ by }, now)) };
        });
      await this.notices.write(queries, transitionsOf(fold.folded), now);
      return fold.folded.at(-1);
    });
  }

  /**
   * Counts attempts in their incidents, in the transaction that saves them. `added` are in no incident yet. `later` may
   * be in one, and may have another cause now. `withOtherLeg` are those of `later` whose leg has changed.
   */
  async fold(
    queries: Queries,
    added: readonly StoredAttempt[],
    later: readonly StoredAttempt[],
    withOtherLeg: ReadonlySet<StoredAttempt>,
  ): Promise<Pick<SavedAttempts, 'incidents' | 'transitions'>> {
    const now = Math.max(...[...added, ...later].map(({ settledAt }) => settledAt));
    const fold = new IncidentFold(queries, this.#newId);
    await fold.add(added);
    await fold.move(later, withOtherLeg);
    const transitions = transitionsOf(fold.folded);
    await this.notices.write(queries, transitions, now);
    const incidents = new Map(fold.folded.map(({ incident }) => [incident.id, incident]));
    return { incidents: [...incidents.values()], transitions };
  }
}

function transitionsOf(folded: readonly Folded[]): IncidentTransition[] {
  return folded.flatMap(({ event, incident }) => (event ? [{ event, incident }] : []));
}

import { randomUUID } from 'node:crypto';
import type { Folded, Incident } from '../incidents/incident.ts';
import type { ALeg } from './aLegs.ts';
import type { Database, Queries } from './database.ts';
import { IncidentFold } from './incidentFold.ts';
import { type IncidentRow, lockById, read, write } from './incidentRows.ts';
import type { IncidentFilter, IncidentStore, IncidentTransition } from './incidentStore.ts';
import { Notices } from './notices.ts';
import type { SavedAttempts, StoredAttempt } from './store.ts';

/** As many incidents are watched at once; beyond them it is enough that their calls are counted. */
const WATCHED = 500;

/** Incidents, on either database. */
export class Incidents implements IncidentStore {
  readonly notices: Notices;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    this.notices = new Notices(database);
  }

  async find(id: string): Promise<Incident | undefined> {
    const [row] = await this.#database.all<IncidentRow>('SELECT incident FROM incidents WHERE id = $1', [id]);
    return row && read(row);
  }

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
    return rows.map(read);
  }

  async watched(closedSince: number): Promise<Incident[]> {
    const rows = await this.#database.all<IncidentRow>(
      'SELECT incident FROM incidents WHERE closed_at IS NULL OR closed_at >= $1 ORDER BY changed_at DESC LIMIT $2',
      [closedSince, WATCHED],
    );
    return rows.map(read);
  }

  async changedSince(at: number, id: string, limit: number) {
    const rows = await this.#database.all<IncidentRow & { changed_at: number }>(
      `SELECT changed_at, incident FROM incidents WHERE changed_at > $1 OR (changed_at = $1 AND id > $2)
       ORDER BY changed_at, id LIMIT $3`,
      [at, id, limit],
    );
    return rows.map((row) => ({ changedAt: row.changed_at, incident: read(row) }));
  }

  async countOpen(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#database.all<{ cause: string; count: number }>(
      'SELECT cause, COUNT(*) AS count FROM incidents WHERE closed_at IS NULL GROUP BY cause',
    );
    return new Map(rows.map(({ cause, count }) => [cause, count]));
  }

  async change(id: string, now: number, fold: (incident: Incident) => Folded | undefined): Promise<Folded | undefined> {
    return this.#database.transaction(async (queries) => {
      const before = await lockById(queries, id);
      const folded = before && fold(before);
      if (!folded) return undefined;
      await write(queries, folded.incident, now);
      await this.notices.write(queries, transitionsOf([folded]), now);
      return folded;
    });
  }

  /**
   * Counts attempts in their incidents, as part of the transaction that saves them. `added` are in none yet; `later` may
   * be, and may have another cause now. `replaced` are attempts no more: what took the place of each is counted for it.
   */
  async fold(
    queries: Queries,
    added: readonly StoredAttempt[],
    later: readonly StoredAttempt[],
    replaced: ReadonlyMap<ALeg, StoredAttempt | undefined>,
  ): Promise<Pick<SavedAttempts, 'incidents' | 'transitions'>> {
    const now = Math.max(...[...added, ...later].map(({ settledAt }) => settledAt));
    const fold = new IncidentFold(queries, randomUUID);
    await fold.add(added);
    for (const [{ incident, call_sid }, heir] of replaced) {
      if (incident === null) continue;
      if (heir) await fold.rename(incident, call_sid, heir.callSid, now);
      else await fold.remove(incident, call_sid, now);
    }
    await fold.move(later);
    const transitions = transitionsOf(fold.folded);
    await this.notices.write(queries, transitions, now);
    const incidents = new Map(fold.folded.map(({ incident }) => [incident.id, incident]));
    return { incidents: [...incidents.values()], transitions };
  }
}

function transitionsOf(folded: readonly Folded[]): IncidentTransition[] {
  return folded.flatMap(({ event, incident }) => (event ? [{ event, incident }] : []));
}

import type { Incident } from '../../core/incidents/incident.ts';
import type { Sortable } from '../../core/incidents/incidentOrder.ts';
import type { TimeRange } from '../../core/incidents/incidentWindow.ts';
import { mapInSlices, pause } from '../../loop/slices.ts';
import { type AttemptFilter, conditions } from '../calls/attemptFilter.ts';
import type { Position } from '../calls/attemptSlices.ts';
import type { Database } from '../database.ts';
import { type IncidentRow, readIncident } from '../storedForms.ts';

/** How many incidents are looked at with one statement. */
const AT_ONCE = 100;
/** How many calls are counted with one statement, in an index. */
const COUNTED_AT_ONCE = 100_000;
/** How many calls of an incident are compared with a filter at once. */
const COMPARED_AT_ONCE = 500;

/** Selects incidents by what all their calls have in common. Absent: any. */
export interface IncidentFilter {
  readonly state: 'open' | 'closed' | 'all';
  readonly cause?: readonly string[] | undefined;
  readonly party?: readonly string[] | undefined;
  readonly trunk?: readonly string[] | undefined;
}

/** What is read of each incident, to choose and to order them. `calls` are all that it ever counted. */
export type Candidate = Omit<Sortable, 'failed'> & { readonly calls: number };

interface CandidateRow {
  readonly id: string;
  readonly opened_at: number;
  readonly closed_at: number | null;
  readonly party: string;
  readonly calls: number;
  readonly last_at: number;
  readonly muted_until: number | null;
}

/** Finds incidents, and counts their calls. Each step takes a few milliseconds. Times in epoch milliseconds. */
export class IncidentSearch {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async candidates({ state, party, ...lists }: IncidentFilter, now: number): Promise<Candidate[]> {
    const { dialect } = this.#database;
    const json = (type: 'text' | 'bigint', ...path: string[]) => dialect.inJson('incident', path, type);
    const found: Candidate[] = [];
    for (let after = ''; ; ) {
      await pause();
      const where = conditions(lists);
      if (state !== 'all') where.add(() => `closed_at IS ${state === 'open' ? '' : 'NOT '}NULL`);
      where.add((p) => `id > ${p(after)}`);
      const rows = await this.#database.all<CandidateRow>(
        `SELECT id, opened_at, closed_at, ${json('text', 'party')} AS party, ${json('bigint', 'calls')} AS calls,
           ${json('bigint', 'last', 'at')} AS last_at, ${json('bigint', 'handling', 'muted', 'until')} AS muted_until
         FROM incidents ${where.text} ORDER BY id LIMIT ${AT_ONCE}`,
        where.parameters,
      );
      for (const row of rows) {
        if (party && !party.includes(row.party)) continue;
        const { id, opened_at: openedAt, closed_at, calls, last_at: lastAt, muted_until } = row;
        const isMuted = muted_until !== null && now < muted_until;
        found.push({ id, openedAt, isOpen: closed_at === null, isMuted, lastAt, calls });
      }
      const last = rows.at(-1);
      if (!last || rows.length < AT_ONCE) return found;
      after = last.id;
    }
  }

  /** Incidents by their ids, in this order. Those that are gone are left out. */
  async read(ids: readonly string[]): Promise<Incident[]> {
    const found = new Map<string, IncidentRow>();
    for (const some of inGroups(ids, AT_ONCE)) {
      const rows = await this.#database.all<IncidentRow & { id: string }>(
        `SELECT id, incident FROM incidents WHERE id IN (${this.#database.dialect.texts('$1')})`,
        [JSON.stringify(some)],
      );
      for (const row of rows) found.set(row.id, row);
    }
    return mapInSlices(
      ids.flatMap((id) => found.get(id) ?? []),
      readIncident,
    );
  }

  /** The incidents that calls are counted in. */
  async ofCalls(callIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.#database.all<{ incident: string }>(
      `SELECT DISTINCT incident FROM attempts
       WHERE call_id IN (${this.#database.dialect.texts('$1')}) AND incident IS NOT NULL`,
      [JSON.stringify(callIds)],
    );
    return new Set(rows.map(({ incident }) => incident));
  }

  /**
   * How many calls of each incident settled in each of the equal parts of a time. They are counted in the index
   * `attempts_of_incident`, without a look at the calls.
   */
  async countIn(
    incidents: readonly { readonly id: string; readonly calls: number }[],
    { since, until }: TimeRange,
    parts: number,
  ): Promise<Map<string, number[]>> {
    const counts = new Map(incidents.map(({ id }) => [id, Array.from({ length: parts }, () => 0)]));
    for (const some of inGroups(incidents, AT_ONCE, COUNTED_AT_ONCE)) {
      await pause();
      const rows = await this.#database.all<{ id: string; part: number; failed: number }>(
        `WITH RECURSIVE parts (part) AS (SELECT 0 UNION ALL SELECT part + 1 FROM parts WHERE part < ${parts - 1}),
           edges AS (SELECT part, CAST($2 AS BIGINT) + part * CAST($3 AS BIGINT) / ${parts} AS since,
             CAST($2 AS BIGINT) + (part + 1) * CAST($3 AS BIGINT) / ${parts} AS until FROM parts)
         SELECT given.id, edges.part, (SELECT COUNT(*) FROM attempts WHERE incident = given.id
             AND settled_at >= edges.since AND settled_at < edges.until) AS failed
         FROM ${this.#database.dialect.objects('$1', { id: 'text' })}, edges`,
        [JSON.stringify(some.map(({ id }) => ({ id }))), since, Math.max(0, until - since)],
      );
      for (const { id, part, failed } of rows) counts.get(id)?.splice(part, 1, failed);
    }
    return counts;
  }

  /** Whether one of the calls of an incident in a time matches a filter. The latest ones are compared first. */
  async hasCall(incident: string, { since, until }: Partial<TimeRange>, filter: AttemptFilter): Promise<boolean> {
    for (let before: Position = { at: until ?? Number.MAX_SAFE_INTEGER, id: '' }; ; ) {
      await pause();
      const where = conditions(filter);
      const [own, from, at, id] = [incident, since ?? 0, before.at, before.id].map((value) => where.parameter(value));
      const rows = await this.#database.all<Position & { fits: number }>(
        `SELECT at, own.own_id AS id, CASE WHEN ${where.all} THEN 1 ELSE 0 END AS fits
         FROM (SELECT settled_at AS at, id AS own_id FROM attempts
           WHERE incident = ${own} AND settled_at >= ${from} AND (settled_at, id) < (${at}, ${id})
           ORDER BY settled_at DESC, id DESC LIMIT ${COMPARED_AT_ONCE}) AS own
         LEFT JOIN attempt_keys ON attempt_keys.id = own.own_id ORDER BY at DESC, own.own_id DESC`,
        where.parameters,
      );
      if (rows.some(({ fits }) => fits === 1)) return true;
      const last = rows.at(-1);
      if (!last || rows.length < COMPARED_AT_ONCE) return false;
      before = last;
    }
  }
}

/** Divides a list into groups of at most so many entries, whose calls together are at most so many, or one entry. */
function inGroups<T>(list: readonly T[], most: number, mostCalls = Number.POSITIVE_INFINITY): T[][] {
  const groups: T[][] = [];
  let calls = 0;
  for (const entry of list) {
    const own = typeof entry === 'object' && entry !== null && 'calls' in entry ? Number(entry.calls) : 0;
    const group = groups.at(-1);
    if (!group || group.length === most || calls + own > mostCalls) {
      groups.push([entry]);
      calls = own;
    } else {
      group.push(entry);
      calls += own;
    }
  }
  return groups;
}

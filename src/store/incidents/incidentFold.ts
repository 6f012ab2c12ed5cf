import {
  failedAt,
  foldFailure,
  isFailure,
  type Remaining,
  removeCall,
  showLeg,
  statusOf,
} from '../../core/incidents/failure.ts';
import {
  type AttemptRef,
  type CallAt,
  type Folded,
  type Incident,
  isSameAttempt,
} from '../../core/incidents/incident.ts';
import { placeholders, type Queries } from '../database.ts';
import type { StoredAttempt } from '../store.ts';
import { type IncidentRow, lockIncident, readIncident, recordFrom, writeIncident } from '../storedForms.ts';

/** How often folding is tried if another replica opens an incident for the same cause and trunk. */
const TRIES = 3;

type Failure = StoredAttempt & Parameters<typeof foldFailure>[1];

/** Counts attempts in their incidents, within one transaction. */
export class IncidentFold {
  /** The changes of incidents, in order. */
  readonly folded: Folded[] = [];
  readonly #queries: Queries;
  readonly #newId: () => string;

  constructor(queries: Queries, newId: () => string) {
    this.#queries = queries;
    this.#newId = newId;
  }

  /** Counts attempts that are in no incident yet, except those of calls that a person has put away. */
  async add(attempts: readonly StoredAttempt[]): Promise<void> {
    const byKind = new Map<string, Failure[]>();
    const failed = attempts.filter((attempt): attempt is Failure => isFailure(attempt));
    const putAway = await this.#putAway(failed);
    for (const attempt of failed) {
      if (putAway.has(attempt.callId)) continue;
      const kind = kindOf(attempt.record);
      const failures = byKind.get(kind) ?? [];
      byKind.set(kind, failures);
      failures.push(attempt);
    }
    // Every replica locks incidents in the same order, so that they do not deadlock.
    for (const [, failures] of [...byKind].sort(([a], [b]) => (a < b ? -1 : 1))) await this.#addToIncident(failures);
  }

  /**
   * Moves attempts whose cause has changed to the incident of their new cause. Attempts in `withOtherLeg` that stay in
   * their incident are shown with their new leg.
   */
  async move(attempts: readonly StoredAttempt[], withOtherLeg: ReadonlySet<StoredAttempt>): Promise<void> {
    for (const attempt of attempts) {
      const [row] = await this.#queries.all<PlaceRow>(
        `SELECT attempts.incident, incidents.cause, incidents.trunk, attempts.put_away_at FROM attempts
         LEFT JOIN incidents ON incidents.id = attempts.incident WHERE attempts.id = $1`,
        [attempt.id],
      );
      if (row && row.put_away_at !== null) continue;
      const before = row?.incident ?? undefined;
      const isInRightIncident = isFailure(attempt)
        ? row?.cause === attempt.record.cause && row.trunk === attempt.record.trunk
        : before === undefined;
      if (isInRightIncident && before !== undefined && withOtherLeg.has(attempt)) await this.showLeg(before, attempt);
      if (isInRightIncident) continue;
      await this.#queries.run('UPDATE attempts SET incident = NULL WHERE id = $1', [attempt.id]);
      await this.add([attempt]);
      if (before !== undefined) await this.remove(before, attempt, attempt.settledAt);
    }
  }

  /** Updates the leg with which an incident shows an attempt. */
  async showLeg(id: string, attempt: StoredAttempt): Promise<void> {
    const before = await lockIncident(this.#queries, id);
    const incident = before && showLeg(before, attempt);
    if (!incident || incident === before) return;
    await writeIncident(this.#queries, incident, attempt.settledAt);
    this.folded.push({ incident });
  }

  /**
   * Removes an attempt from an incident. Its row no longer names the incident. `fold` says what that does to the
   * incident; `now` in epoch milliseconds.
   */
  async remove(id: string, attempt: AttemptRef, now: number, fold: typeof removeCall = removeCall): Promise<void> {
    const incident = await lockIncident(this.#queries, id);
    if (!incident) return;
    const folded = fold(incident, attempt, await this.#remaining(incident, attempt), now);
    await writeIncident(this.#queries, folded.incident, now);
    this.folded.push(folded);
  }

  /** The calls of an incident without an attempt; `undefined` if there are no others. */
  async #remaining(incident: Incident, without: AttemptRef): Promise<Remaining | undefined> {
    // The incident also counts attempts whose rows have been deleted.
    const calls = incident.calls - 1;
    if (calls <= 0) return undefined;
    const first = await this.#edge(incident, 'first', without);
    const last = await this.#edge(incident, 'last', without);
    return { calls, first: first.call, last: last.call, ...('status' in last && { status: last.status }) };
  }

  /** The first or last stored call of an incident, leaving out an attempt, and its status. */
  async #edge(incident: Incident, which: 'first' | 'last', without: AttemptRef): Promise<EdgeCall> {
    const { [which]: known, status } = incident;
    const asKnown = { call: known, ...(status !== undefined && { status }) };
    if (!isSameAttempt(known, without)) return asKnown;
    const [row] = await this.#queries.all<CallRow>(
      `SELECT id, call_sid, started_at, record FROM attempts WHERE incident = $1 AND id <> $2
       ORDER BY started_at ${which === 'first' ? 'ASC' : 'DESC'} LIMIT 1`,
      [incident.id, without.id],
    );
    if (!row) return asKnown;
    const record = recordFrom(JSON.parse(row.record), row.id);
    const call = { id: row.id, callSid: row.call_sid, at: failedAt({ startedAt: row.started_at, record }) };
    return { call, ...statusOf(record) };
  }

  /** Those of the calls of these attempts that a person has put away. */
  async #putAway(attempts: readonly StoredAttempt[]): Promise<ReadonlySet<string>> {
    const callIds = [...new Set(attempts.map(({ callId }) => callId))];
    if (callIds.length === 0) return new Set();
    const rows = await this.#queries.all<{ call_id: string }>(
      `SELECT call_id FROM attempts WHERE put_away_at IS NOT NULL AND call_id IN ${placeholders(1, callIds.length)}`,
      callIds,
    );
    return new Set(rows.map(({ call_id }) => call_id));
  }

  async #addToIncident(failures: readonly Failure[]): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const steps = await this.#foldIntoIncident(failures);
      if (steps) {
        this.folded.push(...steps);
        return;
      }
      if (tries === TRIES)
        throw new Error('could not store an incident: other replicas kept opening one for its cause and trunk');
    }
  }

  /** Resolves to `undefined` if another replica has opened an incident for this cause and trunk meanwhile. */
  async #foldIntoIncident(failures: readonly Failure[]): Promise<Folded[] | undefined> {
    const before = await this.#lockLatest(failures);
    const callsOf = new Map<string, string[]>();
    const latest = new Map<string, Incident>();
    let incident = before;
    const steps = failures.map((failure) => {
      const folded = foldFailure(incident, failure, failure.settledAt, this.#newId());
      incident = folded.incident;
      latest.set(incident.id, incident);
      callsOf.get(incident.id)?.push(failure.id) ?? callsOf.set(incident.id, [failure.id]);
      return folded;
    });
    const now = Math.max(...failures.map(({ settledAt }) => settledAt));
    // The new incident first: if that fails, nothing else has been written.
    const opened = [...latest.values()].find(({ id }) => id !== before?.id);
    if (opened && !(await this.#insert(opened, now))) return undefined;
    const known = before && latest.get(before.id);
    if (known) await writeIncident(this.#queries, known, now);
    for (const [incidentId, ids] of callsOf) {
      for (const id of ids) {
        await this.#queries.run('UPDATE attempts SET incident = $1 WHERE id = $2', [incidentId, id]);
      }
    }
    return steps;
  }

  /** Locks the open incident of a cause and trunk, or else the one that closed last; `undefined` if there is none. */
  async #lockLatest([failure]: readonly Failure[]): Promise<Incident | undefined> {
    const { cause = null, trunk = null } = failure?.record ?? {};
    const [row] = await this.#queries.all<IncidentRow>(
      `UPDATE incidents SET id = id WHERE id = (
         SELECT id FROM incidents WHERE cause = $1 AND trunk = $2
         ORDER BY CASE WHEN closed_at IS NULL THEN 1 ELSE 0 END DESC, closed_at DESC LIMIT 1
       ) RETURNING incident`,
      [cause, trunk],
    );
    return row && readIncident(row);
  }

  async #insert(incident: Incident, now: number): Promise<boolean> {
    const { id, cause, trunk, openedAt, closed } = incident;
    const inserted = await this.#queries.run(
      `INSERT INTO incidents (id, cause, trunk, opened_at, closed_at, changed_at, incident)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [id, cause, trunk, openedAt, closed?.at ?? null, now, JSON.stringify(incident)],
    );
    return inserted === 1;
  }
}

interface PlaceRow {
  readonly incident: string | null;
  readonly cause: string | null;
  readonly trunk: string | null;
  readonly put_away_at: number | null;
}

interface CallRow {
  readonly id: string;
  readonly call_sid: string;
  readonly started_at: number;
  readonly record: string;
}

interface EdgeCall extends Pick<Incident, 'status'> {
  readonly call: CallAt;
}

function kindOf({ cause, trunk }: { readonly cause: string; readonly trunk: string }): string {
  return `${cause} ${trunk}`;
}

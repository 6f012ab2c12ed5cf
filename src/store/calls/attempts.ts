import type { CallEvent } from '../../core/call/callEvent.ts';
import type { JudgedAttempt, SeenAttempt } from '../../core/diagnose/facts/recentAttempts.ts';
import { ATTEMPTS_DESCRIBED, WEBHOOKS_DESCRIBED } from '../../core/explain/callJson.ts';
import { type Database, placeholders, type Queries } from '../database.ts';
import type { Incidents } from '../incidents/incidents.ts';
import type { CallRecord, SavedAttempts, StoredAttempt } from '../store.ts';
import { type AttemptRow, toAttempt } from '../storedForms.ts';
import type { LiveKitEvents } from './liveKitEvents.ts';
import { saveKeys } from './search.ts';

/** How many attempts are written with one statement. */
const ROWS_AT_ONCE = 100;

/** How many recently judged attempts are read at once. */
const JUDGED_AT_ONCE = 500;

interface JudgedRow {
  readonly id: string;
  readonly call_id: string;
  readonly started_at: number;
  readonly seen: string;
  readonly changed_at: number;
}

interface AttemptInIncidentRow extends AttemptRow {
  readonly incident_id: string | null;
  readonly incident_cause: string | null;
}

/** Calls with their webhooks and attempts. */
export class Calls {
  readonly #database: Database;
  readonly #liveKit: LiveKitEvents;
  readonly #incidents: Incidents;
  readonly #replica: string | undefined;

  /** `replica` names this process, if several may write. */
  constructor(database: Database, liveKit: LiveKitEvents, incidents: Incidents, replica?: string) {
    this.#database = database;
    this.#incidents = incidents;
    this.#liveKit = liveKit;
    this.#replica = replica;
  }

  async find(callSid: string): Promise<CallRecord | undefined> {
    const callId = await this.callOf(callSid);
    return callId === undefined ? undefined : this.read(callId);
  }

  /** The id of the call of a leg, whether an event is of that leg or only names it; `undefined` if none does. */
  async callOf(callSid: string): Promise<string | undefined> {
    const [found] = await this.#database.all<{ call_id: string }>(
      `SELECT call_id FROM events WHERE call_sid = $1
       UNION ALL SELECT call_id FROM events WHERE dial_call_sid = $1
       UNION ALL SELECT call_id FROM events WHERE call_id = $1 LIMIT 1`,
      [callSid],
    );
    return found?.call_id;
  }

  async read(callId: string): Promise<CallRecord> {
    const events = await this.#database.all<{ event: string }>(
      `SELECT event FROM events WHERE call_id = $1 ORDER BY seq LIMIT ${WEBHOOKS_DESCRIBED}`,
      [callId],
    );
    const attempts = await this.#database.all<AttemptInIncidentRow>(
      `SELECT attempts.*, incidents.id AS incident_id, incidents.cause AS incident_cause
       FROM attempts LEFT JOIN incidents ON incidents.id = attempts.incident
       WHERE call_id = $1 ORDER BY started_at, call_sid LIMIT ${ATTEMPTS_DESCRIBED}`,
      [callId],
    );
    const [stored] = await this.#database.all<{ webhooks: number; attempts: number }>(
      `SELECT (SELECT COUNT(*) FROM events WHERE call_id = $1) AS webhooks,
         (SELECT COUNT(*) FROM attempts WHERE call_id = $1) AS attempts`,
      [callId],
    );
    return {
      callId,
      // The cast: deliver wrote it.
      events: events.map(({ event }) => JSON.parse(event) as CallEvent),
      attempts: attempts.map(withIncident),
      leftOut: {
        webhooks: (stored?.webhooks ?? 0) - events.length,
        attempts: (stored?.attempts ?? 0) - attempts.length,
      },
      liveKitEvents: await this.#liveKit.ofCall(callId),
    };
  }

  async saveAttempts(attempts: readonly StoredAttempt[]): Promise<SavedAttempts> {
    return this.#database.transaction((queries) => this.saveWithin(queries, attempts));
  }

  async judgedSince(time: number): Promise<JudgedAttempt[]> {
    const rows = await this.#database.all<JudgedRow>(
      `SELECT a.id, a.call_id, a.started_at, a.seen, k.changed_at
       FROM attempt_keys k JOIN attempts a ON a.id = k.id
       WHERE k.changed_at >= $1 AND a.seen IS NOT NULL ORDER BY k.changed_at DESC LIMIT ${JUDGED_AT_ONCE}`,
      [time],
    );
    return rows.reverse().map(({ id, call_id, started_at, seen, changed_at }) => ({
      id,
      callId: call_id,
      at: started_at,
      judgedAt: changed_at,
      // The cast: saveAttempts wrote it.
      seen: JSON.parse(seen) as SeenAttempt,
    }));
  }

  /** Saves attempts within a transaction. */
  saveWithin(queries: Queries, attempts: readonly StoredAttempt[]): Promise<SavedAttempts> {
    return saveAttempts(queries, attempts, this.#incidents, this.#replica);
  }
}

function withIncident(row: AttemptInIncidentRow): CallRecord['attempts'][number] {
  const { incident_id: id, incident_cause: cause } = row;
  return { ...toAttempt(row), ...(id !== null && cause !== null && { incident: { id, cause } }) };
}

/** Writes attempts within a transaction, and folds them into incidents. `replica` is noted on new attempts. */
export async function saveAttempts(
  queries: Queries,
  given: readonly StoredAttempt[],
  incidents: Incidents,
  replica?: string,
): Promise<SavedAttempts> {
  // If an attempt is given twice, the last one counts.
  const attempts = [...new Map(given.map((attempt) => [attempt.id, attempt])).values()];
  if (attempts.length === 0) return { firsts: [], ends: [], incidents: [], transitions: [] };
  const isNew = new Set<StoredAttempt>();
  const ends: StoredAttempt[] = [];
  const withOtherLeg = new Set<StoredAttempt>();
  for (let i = 0; i < attempts.length; i += ROWS_AT_ONCE) {
    const some = attempts.slice(i, i + ROWS_AT_ONCE);
    const inserted = await insert(queries, some, replica);
    const ended = await setEnds(
      queries,
      some.filter(({ id }) => !inserted.has(id)),
      replica,
    );
    const changed: StoredAttempt[] = [];
    for (const attempt of some) {
      if (inserted.has(attempt.id)) isNew.add(attempt);
      if (attempt.endedAt !== undefined && (inserted.has(attempt.id) || ended.has(attempt.id))) ends.push(attempt);
      const legBefore = isNew.has(attempt) ? undefined : await update(queries, attempt);
      if (isNew.has(attempt) || legBefore !== undefined) changed.push(attempt);
      if (legBefore !== undefined && legBefore !== attempt.callSid) withOtherLeg.add(attempt);
      if (attempt.roomByNumbers !== undefined) await setRoom(queries, attempt.roomByNumbers, attempt.callId);
    }
    await saveKeys(queries, changed);
  }
  const firsts = attempts.filter((attempt) => isNew.has(attempt));
  const later = attempts.filter((attempt) => !isNew.has(attempt));
  return { firsts, ends, ...(await incidents.fold(queries, firsts, later, withOtherLeg)) };
}

async function insert(
  queries: Queries,
  attempts: readonly StoredAttempt[],
  replica: string | undefined,
): Promise<Set<string>> {
  const inserted = await queries.all<{ id: string }>(
    `INSERT INTO attempts (id, call_sid, call_id, started_at, settled_at, record, seen, settled_by, ended_at, ended_by)
     VALUES ${placeholders(attempts.length, 10)} ON CONFLICT (id) DO NOTHING RETURNING id`,
    attempts.flatMap(({ id, callSid, callId, startedAt, settledAt, endedAt, record, seen }) => [
      id,
      callSid,
      callId,
      startedAt,
      settledAt,
      JSON.stringify(record),
      jsonOrNull(seen),
      replica ?? null,
      endedAt ?? null,
      endedAt === undefined ? null : (replica ?? null),
    ]),
  );
  return new Set(inserted.map(({ id }) => id));
}

/** Notes the ends of stored attempts. Resolves to those that had none before. */
async function setEnds(
  queries: Queries,
  attempts: readonly StoredAttempt[],
  replica: string | undefined,
): Promise<Set<string>> {
  const given = attempts.flatMap(({ id, endedAt }) => (endedAt === undefined ? [] : [{ id, ended: endedAt }]));
  if (given.length === 0) return new Set();
  const ended = await queries.all<{ id: string }>(
    `UPDATE attempts SET ended_at = given.ended, ended_by = $2
       FROM ${queries.dialect.objects('$1', { id: 'text', ended: 'bigint' })}
       WHERE attempts.id = given.id AND attempts.ended_at IS NULL RETURNING attempts.id`,
    [JSON.stringify(given), replica ?? null],
  );
  return new Set(ended.map(({ id }) => id));
}

/** Updates an attempt. Resolves to its leg before the update, or to `undefined` if its record has not changed. */
async function update(queries: Queries, attempt: StoredAttempt): Promise<string | undefined> {
  const { id, callSid, startedAt, record, seen } = attempt;
  const json = JSON.stringify(record);
  const [before] = await queries.all<{ call_sid: string }>(
    'SELECT call_sid FROM attempts WHERE id = $1 AND record <> $2',
    [id, json],
  );
  if (!before) return undefined;
  await queries.run('UPDATE attempts SET call_sid = $1, started_at = $2, record = $3, seen = $4 WHERE id = $5', [
    callSid,
    startedAt,
    json,
    jsonOrNull(seen),
    id,
  ]);
  return before.call_sid;
}

function jsonOrNull(value: object | undefined): string | null {
  return value ? JSON.stringify(value) : null;
}

/** Notes the room that a call was joined to by numbers and time. */
async function setRoom(queries: Queries, room: string, callId: string): Promise<void> {
  await queries.run('INSERT INTO rooms_by_numbers (room, call_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    room,
    callId,
  ]);
}

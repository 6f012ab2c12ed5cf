import type { CallEvent } from '../call/event.ts';
import type { JudgedAttempt, SeenAttempt } from '../diagnose/recentAttempts.ts';
import { type ALeg, heirsOf, takeOutALegs, withoutALegs } from './aLegs.ts';
import { type AttemptRow, toAttempt } from './attemptRow.ts';
import { callOfLeg } from './callOfLeg.ts';
import { type Database, placeholders, type Queries } from './database.ts';
import type { Incidents } from './incidents.ts';
import type { LiveKitEvents } from './liveKitEvents.ts';
import { saveKeys } from './search.ts';
import type { CallRecord, SavedAttempts, StoredAttempt } from './store.ts';

/** As many attempts are written with one statement. */
const ROWS_AT_ONCE = 100;

/** As many attempts of which something was said are read at once. */
const JUDGED_AT_ONCE = 500;

interface JudgedRow {
  readonly call_id: string;
  readonly call_sid: string;
  readonly started_at: number;
  readonly seen: string;
  readonly changed_at: number;
}

/** Calls with their webhooks and attempts, on either database. */
export class Calls {
  readonly #database: Database;
  readonly #liveKit: LiveKitEvents;
  readonly #incidents: Incidents;
  readonly #replica: string | undefined;

  /** `replica` names the process that writes, where there may be several. */
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

  /** The call that a leg belongs to. */
  callOf(callSid: string): Promise<string | undefined> {
    return callOfLeg(this.#database, 'events', callSid);
  }

  async read(callId: string): Promise<CallRecord> {
    const events = await this.#database.all<{ seq: number; id: string | null; event: string }>(
      'SELECT seq, id, event FROM events WHERE call_id = $1 ORDER BY seq',
      [callId],
    );
    const attempts = await this.#database.all<AttemptRow>(
      'SELECT * FROM attempts WHERE call_id = $1 ORDER BY started_at, call_sid',
      [callId],
    );
    return {
      callId,
      // The cast is what append wrote.
      events: events.map(({ seq, id, event }) => ({ ...(JSON.parse(event) as CallEvent), seq, id: id ?? undefined })),
      attempts: attempts.map(toAttempt),
      liveKitEvents: await this.#liveKit.ofCall(callId),
    };
  }

  async unfinished(after: string, limit: number): Promise<string[]> {
    const rows = await this.#database.all<{ call_id: string }>(
      'SELECT call_id FROM open_calls WHERE call_id > $1 ORDER BY call_id LIMIT $2',
      [after, limit],
    );
    return rows.map(({ call_id }) => call_id);
  }

  async saveAttempts(attempts: readonly StoredAttempt[]): Promise<SavedAttempts> {
    return this.#database.transaction((queries) => this.saveWithin(queries, attempts));
  }

  async finish(callIds: readonly string[]): Promise<void> {
    await this.#database.transaction(async (queries) => {
      for (const callId of callIds) await queries.run('DELETE FROM open_calls WHERE call_id = $1', [callId]);
    });
  }

  async judgedSince(time: number): Promise<JudgedAttempt[]> {
    const rows = await this.#database.all<JudgedRow>(
      `SELECT a.call_id, a.call_sid, a.started_at, a.seen, k.changed_at
       FROM attempt_keys k JOIN attempts a ON a.call_sid = k.call_sid
       WHERE k.changed_at >= $1 AND a.seen IS NOT NULL ORDER BY k.changed_at DESC LIMIT ${JUDGED_AT_ONCE}`,
      [time],
    );
    return rows.reverse().map(({ call_id, call_sid, started_at, seen, changed_at }) => ({
      callId: call_id,
      callSid: call_sid,
      at: started_at,
      judgedAt: changed_at,
      // The cast is what saveAttempts wrote.
      seen: JSON.parse(seen) as SeenAttempt,
    }));
  }

  /** Keeps attempts as part of a transaction. */
  saveWithin(queries: Queries, attempts: readonly StoredAttempt[]): Promise<SavedAttempts> {
    return saveAttempts(queries, attempts, this.#incidents, this.#replica);
  }
}

/** Writes attempts within a transaction, and folds them into incidents. `replica` names who is the first to. */
export async function saveAttempts(
  queries: Queries,
  given: readonly StoredAttempt[],
  incidents: Incidents,
  replica?: string,
): Promise<SavedAttempts> {
  const attempts = withoutALegs(given);
  if (attempts.length === 0) return { firsts: [], incidents: [], transitions: [] };
  const isNew = new Set<StoredAttempt>();
  const replaced = new Map<ALeg, StoredAttempt | undefined>();
  const heirs = new Set<StoredAttempt>();
  for (let i = 0; i < attempts.length; i += ROWS_AT_ONCE) {
    const some = attempts.slice(i, i + ROWS_AT_ONCE);
    const aLegs = await takeOutALegs(queries, some);
    for (const heir of heirsOf(some, aLegs.keys())) heirs.add(heir);
    // The leg that takes an A leg's place was counted with it: by whom it was, and in its incident.
    const aLegOf = (attempt: StoredAttempt) => (heirs.has(attempt) ? aLegs.get(attempt.callId) : undefined);
    const inserted = await insert(queries, some, aLegOf, replica);
    for (const aLeg of aLegs.values()) replaced.set(aLeg, undefined);
    const changed = new Map<string, StoredAttempt>();
    for (const attempt of some) {
      if (inserted.delete(attempt.callSid)) {
        isNew.add(attempt);
        const aLeg = aLegOf(attempt);
        if (aLeg) replaced.set(aLeg, attempt);
      }
      if (isNew.has(attempt) || (await update(queries, attempt))) changed.set(attempt.callSid, attempt);
      if (attempt.roomByNumbers !== undefined) await setRoom(queries, attempt.roomByNumbers, attempt.callId);
    }
    await saveKeys(queries, [...changed.values()]);
  }
  const isFirst = (attempt: StoredAttempt) => isNew.has(attempt) && !heirs.has(attempt);
  const firsts = attempts.filter(isFirst);
  const later = attempts.filter((attempt) => !isFirst(attempt));
  return { firsts, ...(await incidents.fold(queries, firsts, later, replaced)) };
}

async function insert(
  queries: Queries,
  attempts: readonly StoredAttempt[],
  aLegOf: (attempt: StoredAttempt) => ALeg | undefined,
  replica: string | undefined,
): Promise<Set<string>> {
  const inserted = await queries.all<{ call_sid: string }>(
    `INSERT INTO attempts (call_sid, call_id, started_at, settled_at, explanation, seen, settled_by, incident)
     VALUES ${placeholders(attempts.length, 8)} ON CONFLICT (call_sid) DO NOTHING RETURNING call_sid`,
    attempts.flatMap((attempt) => [
      attempt.callSid,
      attempt.callId,
      attempt.startedAt,
      attempt.settledAt,
      JSON.stringify(attempt.explanation),
      jsonOrNull(attempt.seen),
      (aLegOf(attempt) ? aLegOf(attempt)?.settled_by : replica) ?? null,
      aLegOf(attempt)?.incident ?? null,
    ]),
  );
  return new Set(inserted.map(({ call_sid }) => call_sid));
}

/** Whether the explanation is another than before. */
async function update(queries: Queries, { callSid, explanation, seen }: StoredAttempt): Promise<boolean> {
  const sql = 'UPDATE attempts SET explanation = $1, seen = $2 WHERE call_sid = $3 AND explanation <> $1';
  return (await queries.run(sql, [JSON.stringify(explanation), jsonOrNull(seen), callSid])) > 0;
}

function jsonOrNull(value: object | undefined): string | null {
  return value ? JSON.stringify(value) : null;
}

/** Takes note of a room that a call was in, as its numbers and the time tell. */
async function setRoom(queries: Queries, room: string, callId: string): Promise<void> {
  await queries.run('INSERT INTO rooms_by_numbers (room, call_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    room,
    callId,
  ]);
}

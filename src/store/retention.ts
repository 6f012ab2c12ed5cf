import { OUTCOMES } from '../core/diagnose/diagnosis.ts';
import type { Position } from './calls/attemptSlices.ts';
import { type Database, placeholders, type Queries } from './database.ts';
import { type Day, Days } from './days.ts';
import { usedBytes } from './usedBytes.ts';

/** Calls that settled before these times, in epoch milliseconds, have expired. */
export interface Cutoffs {
  /** For calls with an attempt that failed or was dropped. */
  readonly failuresBefore: number;
  /** For all other calls. */
  readonly othersBefore: number;
}

/** How many calls were deleted, by outcome. A call counts as failed if any attempt failed or was dropped. */
export type DeletedCalls = Record<'connected' | 'failed' | 'not_counted', number>;

/** When the earliest of the deleted calls had settled, in epoch milliseconds; absent for none. */
export interface OldestDeleted {
  readonly failures?: number | undefined;
  readonly others?: number | undefined;
}

interface Deleted {
  readonly deleted: DeletedCalls;
  readonly oldest: OldestDeleted;
  readonly isDone: boolean;
}

/** How many rows are deleted in one step, so that webhooks need not wait long. */
const ROWS_AT_ONCE = 250;
const VERSIONS_AT_ONCE = 50;
/** How many attempts are examined in one step. */
const ATTEMPTS_AT_ONCE = 20;
/** The same if their webhooks are dropped with their day. */
const ATTEMPTS_OF_DAY_AT_ONCE = 200;

/** The other tables with rows per call, besides attempts and webhooks. */
const TABLES_BY_CALL = ['sip_call_ids', 'rooms_by_numbers', 'legs_by_numbers'];

const START: Position = { at: Number.MIN_SAFE_INTEGER, id: '' };

/** A call that is not open, with the latest time and the outcomes of its attempts. */
interface JudgedCall {
  readonly call_id: string;
  readonly settled_at: number;
  readonly failed: number;
  readonly connected: number;
}

/**
 * Deletes expired data, a little at a time. It deletes whole calls, and never open ones. Several replicas may delete at
 * the same time; each call is counted once.
 */
export class Retention {
  readonly days: Days;
  /** Whether replicas share the store. */
  readonly isShared: boolean;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    this.isShared = database.dialect.isShared;
    this.days = new Days(database);
  }

  /** How many bytes the stored data takes up. Space freed by deletions is not counted. */
  usedBytes(): Promise<number> {
    return usedBytes(this.#database);
  }

  /** Overwrites what was deleted, so that it is in no file of the store any more. */
  purge(): Promise<void> {
    return this.#database.purge();
  }

  /**
   * Examines some attempts after a position, and deletes their expired calls with all their data. `next` is where to
   * continue; `undefined` at the end. `oldest` are the earliest times at which deleted calls had settled. Webhooks of the
   * day `dropped` stay, because it is dropped afterwards.
   */
  async deleteCalls(
    cutoffs: Cutoffs,
    after: Position = START,
    dropped?: Day,
  ): Promise<{ readonly deleted: DeletedCalls; readonly oldest: OldestDeleted; readonly next: Position | undefined }> {
    const limit = dropped ? ATTEMPTS_OF_DAY_AT_ONCE : ATTEMPTS_AT_ONCE;
    // Each outcome has its own cutoff, so that failures that are kept longer aren't examined in vain.
    const some = OUTCOMES.map(
      (outcome) =>
        `SELECT * FROM (SELECT settled_at, id FROM attempt_keys
           WHERE outcome = '${outcome}' AND (settled_at, id) > ($1, $2) AND settled_at < ${outcome === 'failed' || outcome === 'dropped' ? '$3' : '$4'}
           ORDER BY settled_at, id LIMIT ${limit}) AS of_${outcome}`,
    );
    const attempts = await this.#database.all<{ at: number; id: string; call_id: string }>(
      `SELECT k.settled_at AS at, k.id, attempts.call_id FROM (
         ${some.join('\n UNION ALL ')} ORDER BY settled_at, id LIMIT ${limit}
       ) AS k JOIN attempts ON attempts.id = k.id ORDER BY k.settled_at, k.id`,
      [after.at, after.id, cutoffs.failuresBefore, cutoffs.othersBefore],
    );
    const last = attempts.at(-1);
    if (!last) return { deleted: NOTHING, oldest: {}, next: undefined };
    const callIds = [...new Set(attempts.map(({ call_id }) => call_id))];
    const { deleted, oldest, isDone } = await this.#database.transaction(async (queries) => {
      const old = (await readJudged(queries, callIds)).filter((call) => isOld(call, cutoffs));
      return old.length === 0 ? { deleted: NOTHING, oldest: {}, isDone: true } : this.#delete(queries, old, dropped);
    });
    return { deleted, oldest, next: isDone ? { at: last.at, id: last.id } : after };
  }

  /**
   * Deletes some LiveKit webhooks from before a time whose rooms have no stored call. `next` is where to continue, in epoch
   * milliseconds; `undefined` at the end. `oldest` is when the first of those deleted had arrived.
   */
  async deleteLiveKitEvents(
    before: number,
    after = START.at,
  ): Promise<{ readonly oldest: number | undefined; readonly next: number | undefined }> {
    const events = await this.#database.all<{ seq: number; received_at: number; room: string | null }>(
      `SELECT seq, received_at, room FROM livekit_events WHERE received_at >= $1 AND received_at < $2
       ORDER BY received_at LIMIT ${ROWS_AT_ONCE}`,
      [after, before],
    );
    const last = events.at(-1);
    if (!last) return { oldest: undefined, next: undefined };
    const rooms = [...new Set(events.flatMap(({ room }) => room ?? []))];
    const kept = await this.#roomsWithCalls(rooms);
    const old = events.filter(({ room }) => room === null || !kept.has(room));
    if (old.length > 0) {
      const all = placeholders(1, old.length);
      // A transaction runs again if another replica moves one of the rows to another partition at the same moment.
      await this.#database.transaction((queries) =>
        queries.run(
          `DELETE FROM livekit_events WHERE seq IN ${all}`,
          old.map(({ seq }) => seq),
        ),
      );
    }
    // Webhooks of one millisecond that must stay may fill a whole step. Go on with the next millisecond then.
    const isStuck = old.length === 0 && last.received_at === after;
    return { oldest: old[0]?.received_at, next: isStuck ? after + 1 : last.received_at };
  }

  /** Deletes predicted incidents that closed before a time. */
  async deletePredictions(closedBefore: number): Promise<void> {
    await this.#database.run('DELETE FROM predictions WHERE closed_at < $1', [closedBefore]);
  }

  /** Deletes some incidents that closed before a time. Resolves to whether there may be more. */
  async deleteIncidents(closedBefore: number): Promise<boolean> {
    const deleted = await this.#database.run(
      `DELETE FROM incidents WHERE id IN (SELECT id FROM incidents WHERE closed_at < $1 LIMIT ${ROWS_AT_ONCE})`,
      [closedBefore],
    );
    return deleted === ROWS_AT_ONCE;
  }

  /** Deletes some versions of LiveKit's configuration that were last read before a time. The latest is always kept. */
  async deleteConfigurations(lastSeenBefore: number): Promise<void> {
    await this.#database.run(
      `DELETE FROM configurations WHERE version IN (
         SELECT version FROM configurations WHERE last_seen_at < $1
           AND version < (SELECT MAX(version) FROM configurations) ORDER BY version LIMIT ${VERSIONS_AT_ONCE})`,
      [lastSeenBefore],
    );
  }

  /** Deletes the records of changes that were applied before a time. They are few. */
  async deleteAppliedChanges(before: number): Promise<void> {
    await this.#database.run('DELETE FROM applied_changes WHERE applied_at < $1', [before]);
  }

  /** Deletes calls. Their attempts are deleted last, so that the next step finds an unfinished call again. */
  async #delete(queries: Queries, calls: readonly JudgedCall[], dropped: Day | undefined): Promise<Deleted> {
    const callIds = calls.map(({ call_id }) => call_id);
    const theirs = `call_id IN ${placeholders(1, callIds.length)}`;
    const inOtherDays = dropped ? `AND (kept OR received_at < ${dropped.start} OR received_at >= ${dropped.end})` : '';
    const events = `SELECT seq FROM events WHERE ${theirs} ${inOtherDays} LIMIT ${ROWS_AT_ONCE}`;
    const rows = await queries.run(`DELETE FROM events WHERE seq IN (${events})`, callIds);
    if (rows === ROWS_AT_ONCE) return { deleted: NOTHING, oldest: {}, isDone: false };
    for (const table of TABLES_BY_CALL) await queries.run(`DELETE FROM ${table} WHERE ${theirs}`, callIds);
    const gone = await queries.all<{ call_id: string }>(
      `DELETE FROM attempts WHERE ${theirs} RETURNING call_id`,
      callIds,
    );
    const mine = new Set(gone.map(({ call_id }) => call_id));
    const own = calls.filter(({ call_id }) => mine.has(call_id));
    const deleted = { ...NOTHING };
    for (const call of own) deleted[outcomeOf(call)] += 1;
    const oldestOf = (some: readonly JudgedCall[]) =>
      some.length > 0 ? Math.min(...some.map(({ settled_at }) => settled_at)) : undefined;
    const [failures, others] = [
      oldestOf(own.filter(({ failed }) => failed)),
      oldestOf(own.filter(({ failed }) => !failed)),
    ];
    return { deleted, oldest: { failures, others }, isDone: true };
  }

  async #roomsWithCalls(rooms: readonly string[]): Promise<Set<string>> {
    if (rooms.length === 0) return new Set();
    const these = placeholders(1, rooms.length);
    const rows = await this.#database.all<{ room: string }>(
      `SELECT DISTINCT e.room FROM livekit_events e JOIN sip_call_ids s ON s.sip_call_id = e.sip_call_id
         WHERE e.room IN ${these}
       UNION SELECT room FROM rooms_by_numbers WHERE room IN ${these}`,
      rooms,
    );
    return new Set(rows.map(({ room }) => room));
  }
}

const NOTHING: DeletedCalls = { connected: 0, failed: 0, not_counted: 0 };

/** Reads the outcomes of those calls that are not open. */
async function readJudged(queries: Queries, callIds: readonly string[]): Promise<JudgedCall[]> {
  return queries.all<JudgedCall>(
    `SELECT a.call_id, MAX(a.settled_at) AS settled_at,
       MAX(CASE WHEN k.outcome IN ('failed', 'dropped') THEN 1 ELSE 0 END) AS failed,
       MAX(CASE k.outcome WHEN 'connected' THEN 1 ELSE 0 END) AS connected
     FROM attempts a JOIN attempt_keys k ON k.id = a.id
     WHERE a.call_id IN ${placeholders(1, callIds.length)}
       AND NOT EXISTS (SELECT 1 FROM open_calls o WHERE o.call_id = a.call_id)
     GROUP BY a.call_id ORDER BY a.call_id`,
    callIds,
  );
}

function isOld({ settled_at, failed }: JudgedCall, { failuresBefore, othersBefore }: Cutoffs): boolean {
  return settled_at < (failed ? failuresBefore : othersBefore);
}

function outcomeOf({ failed, connected }: JudgedCall): keyof DeletedCalls {
  if (failed) return 'failed';
  return connected ? 'connected' : 'not_counted';
}

import type { Database, Queries } from '../database.ts';
import type { SavedAttempts, StoredAttempt } from '../store.ts';
import type { Calls } from './attempts.ts';

/** How long, in milliseconds, a claimed call belongs to its replica. After that another may claim it. */
const LEASE_MS = 30_000;

/** How many calls are closed at once: more would hold the thread for long. */
const CLOSED_AT_ONCE = 500;

/** A lease that seems to last longer than this, in milliseconds, is from before a clock was set back. */
const LONGEST_LEASE_MS = 2 * 60_000;

/** A claimed call, which only this process judges now. */
export interface DueCall {
  readonly callId: string;
  /** Grows with each reason to judge the call. On hand-back a larger value shows that more has arrived since the claim. */
  readonly arrivals: number;
  /** Whether the saved verdicts rest on all that is known now. */
  readonly isJudged: boolean;
}

/** A call to hand back. `dueAt` is when it is due again; `undefined` if it is over. */
export interface Judged {
  readonly call: DueCall;
  readonly attempts: readonly StoredAttempt[];
  readonly dueAt: number | undefined;
  /** Whether it only stays open for late webhooks: if none comes, it is over when it is due. */
  readonly isSettled?: boolean;
  /** It could not be judged, and is judged again when it is due. */
  readonly hasFailed?: boolean;
}

/** Distributes the open calls among replicas for judging. Times in epoch milliseconds. */
export class DueCalls {
  readonly #database: Database;
  readonly #calls: Calls;
  readonly #owner: string;

  /** `owner` must be unique to this process, among all replicas and restarts. */
  constructor(database: Database, calls: Calls, owner: string) {
    this.#database = database;
    this.#calls = calls;
    this.#owner = owner;
  }

  /** Releases calls that an earlier process claimed. Call it only if no other process uses the store. */
  async releaseAll(): Promise<void> {
    await this.#database.run('UPDATE open_calls SET owner = NULL, leased_until = 0 WHERE owner IS NOT NULL');
  }

  /** Closes calls that were settled when they were handed back, and of which nothing came since. Resolves to their ids. */
  async closeSettled(now: number): Promise<string[]> {
    const closed = await this.#database.all<{ call_id: string }>(
      `DELETE FROM open_calls WHERE call_id IN (
         SELECT call_id FROM open_calls
           WHERE due_at <= $1 AND over_at <= $1 AND judged = arrivals AND leased_until <= $1
           ORDER BY due_at LIMIT ${CLOSED_AT_ONCE} ${this.#database.dialect.skipLocked})
       RETURNING call_id`,
      [now],
    );
    return closed.map(({ call_id }) => call_id);
  }

  /** Claims up to `limit` calls that are due and that no other replica has. Hand them back afterwards. */
  async claim(now: number, limit: number): Promise<DueCall[]> {
    const claimed = await this.#database.all<{ call_id: string; arrivals: number; judged: number }>(
      `UPDATE open_calls SET owner = $1, leased_until = $2 WHERE call_id IN (
         SELECT call_id FROM open_calls WHERE due_at <= $3 AND (leased_until <= $3 OR leased_until > $5 OR owner = $1)
           AND (over_at IS NULL OR over_at > $3 OR judged <> arrivals)
           ORDER BY due_at LIMIT $4 ${this.#database.dialect.skipLocked})
       RETURNING call_id, arrivals, judged`,
      [this.#owner, now + LEASE_MS, now, limit, now + LONGEST_LEASE_MS],
    );
    return claimed.map(({ call_id, arrivals, judged }) => ({
      callId: call_id,
      arrivals,
      isJudged: arrivals === judged,
    }));
  }

  /** Releases calls that this process claimed and did not judge. They stay due. */
  async release(callIds: readonly string[]): Promise<void> {
    await this.#database.run(
      `UPDATE open_calls SET owner = NULL, leased_until = 0 WHERE owner = $1 AND call_id IN (${this.#texts('$2')})`,
      [this.#owner, JSON.stringify(callIds)],
    );
  }

  /**
   * Saves verdicts and hands the calls back, all or none. Calls that another replica has claimed meanwhile are left out
   * and returned in `takenOver`.
   */
  async handBack(judged: readonly Judged[]): Promise<SavedAttempts & { readonly takenOver: readonly string[] }> {
    return this.#database.transaction(async (queries) => {
      const locked = await this.#lock(queries, judged);
      const own = judged.filter(({ call }) => locked.has(call.callId));
      const attempts = own.flatMap((of) => of.attempts);
      const saved = await this.#calls.saveWithin(queries, attempts);
      await this.#release(queries, own);
      const takenOver = judged.flatMap(({ call }) => (locked.has(call.callId) ? [] : call.callId));
      return { ...saved, takenOver };
    });
  }

  /**
   * Finds which of these attempts, or of their ends, this process saved, if it is not known whether handing back
   * succeeded. They must be attempts or ends that were not saved when their calls were claimed.
   */
  async findSaved(
    judged: readonly Judged[],
    attempts: readonly StoredAttempt[],
    saved: 'attempt' | 'end' = 'attempt',
  ): Promise<StoredAttempt[]> {
    const by = saved === 'end' ? 'ended_by' : 'settled_by';
    return this.#database.transaction(async (queries) => {
      // Waits for a transaction that may still run on the server although its connection broke.
      await this.#lock(queries, judged);
      const rows = await queries.all<{ id: string }>(
        `SELECT id FROM attempts WHERE ${by} = $1 AND id IN (${this.#texts('$2')})`,
        [this.#owner, JSON.stringify(attempts.map(({ id }) => id))],
      );
      const kept = new Set(rows.map(({ id }) => id));
      return attempts.filter(({ id }) => kept.has(id));
    });
  }

  /** Re-evaluates open calls. */
  async reconsider(callIds: readonly string[], now: number): Promise<void> {
    await this.#database.run(
      `UPDATE open_calls SET due_at = ${this.#database.dialect.least}(due_at, $1), arrivals = arrivals + 1
         WHERE call_id IN (SELECT call_id FROM open_calls WHERE call_id IN (${this.#texts('$2')})
           ORDER BY call_id ${this.#database.dialect.forUpdate})`,
      [now, JSON.stringify(callIds)],
    );
  }

  /** Re-evaluates open calls with a webhook after `at`, because newer configuration is available. */
  async reconsiderSince(at: number, now: number): Promise<void> {
    await this.#database.run(
      `UPDATE open_calls SET due_at = ${this.#database.dialect.least}(due_at, $1), arrivals = arrivals + 1
         WHERE call_id IN (SELECT call_id FROM open_calls WHERE last_received_at > $2 AND judged > 0
           ORDER BY call_id ${this.#database.dialect.forUpdate})`,
      [now, at],
    );
  }

  /** Makes the calls due that had a webhook after `at`. */
  async makeDueSince(at: number): Promise<void> {
    await this.#database.run('UPDATE open_calls SET due_at = 0 WHERE last_received_at > $1', [at]);
  }

  async count(): Promise<number> {
    const [row] = await this.#database.all<{ n: number }>('SELECT COUNT(*) AS n FROM open_calls');
    return row?.n ?? 0;
  }

  async #lock(queries: Queries, judged: readonly Judged[]): Promise<Set<string>> {
    const rows = await queries.all<{ call_id: string }>(
      `SELECT call_id FROM open_calls WHERE call_id IN (${this.#texts('$1')}) AND owner = $2
         ORDER BY call_id ${this.#database.dialect.forUpdate}`,
      [JSON.stringify(judged.map(({ call }) => call.callId)), this.#owner],
    );
    return new Set(rows.map(({ call_id }) => call_id));
  }

  async #release(queries: Queries, judged: readonly Judged[]): Promise<void> {
    const { objects, greatest } = queries.dialect;
    const finished = judged.flatMap(({ call, dueAt }) =>
      dueAt === undefined ? [{ call_id: call.callId, arrivals: call.arrivals }] : [],
    );
    // If more arrived meanwhile, the call stays open and is judged again, even if it was finished.
    await queries.run(
      `DELETE FROM open_calls WHERE (call_id, arrivals) IN (
         SELECT given.call_id, given.arrivals FROM ${objects('$1', { call_id: 'text', arrivals: 'bigint' })})`,
      [JSON.stringify(finished)],
    );
    const back = judged.map(({ call, dueAt, isSettled, hasFailed }) => ({
      call_id: call.callId,
      arrivals: call.arrivals,
      back_at: dueAt ?? 0,
      over_at: isSettled ? (dueAt ?? null) : null,
      judged_then: hasFailed ? 0 : call.arrivals,
    }));
    await queries.run(
      `UPDATE open_calls SET owner = NULL, leased_until = 0,
         judged = ${greatest}(open_calls.judged, given.judged_then), over_at = given.over_at,
         due_at = CASE WHEN open_calls.arrivals = given.arrivals THEN given.back_at ELSE 0 END
         FROM ${objects('$1', { call_id: 'text', arrivals: 'bigint', back_at: 'bigint', over_at: 'bigint', judged_then: 'bigint' })}
         WHERE given.call_id = open_calls.call_id`,
      [JSON.stringify(back)],
    );
  }

  #texts(parameter: string): string {
    return this.#database.dialect.texts(parameter);
  }
}

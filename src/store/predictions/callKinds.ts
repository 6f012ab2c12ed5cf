import type { CallKind } from '../../core/predict/callKind.ts';
import type { CountedKind } from '../../core/predict/forecast.ts';
import { mapInSlices } from '../../loop/slices.ts';
import { type Database, placeholders } from '../database.ts';

const DAY_MS = 86_400_000;
/** For how many days kinds of calls are remembered, today included. */
export const DAYS_KEPT = 7;
/** How many kinds are kept: those with the latest calls, and of these those with most. */
export const KINDS_KEPT = 1_000;
/** How many rows one statement writes. */
const ROWS_AT_ONCE = 100;

/** Calls of a kind that connected on one day. */
export interface KindCalls {
  readonly key: string;
  readonly kind: CallKind;
  /** Epoch milliseconds of one of them. */
  readonly at: number;
  readonly calls: number;
}

interface Row {
  readonly kind_key: string;
  readonly kind: string;
  readonly calls: number;
}

/** The kinds of calls that connected in the last days, with how many there were. */
export class CallKinds {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds calls, each kind once. What was known of a kind is replaced. */
  async add(calls: readonly KindCalls[]): Promise<void> {
    // In one order, so that replicas never wait for each other's rows in a circle.
    const sorted = calls.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    for (let from = 0; from < sorted.length; from += ROWS_AT_ONCE) {
      const some = sorted.slice(from, from + ROWS_AT_ONCE);
      await this.#database.run(
        `INSERT INTO call_kinds (kind_key, day, kind, calls) VALUES ${placeholders(some.length, 4)}
         ON CONFLICT (kind_key, day) DO UPDATE SET kind = excluded.kind, calls = call_kinds.calls + excluded.calls`,
        some.flatMap(({ key, kind, at, calls: count }) => [key, dayOf(at), JSON.stringify(kind), count]),
      );
    }
  }

  /** The kinds of the last days, each as it was seen last, those with most calls first. */
  async latest(now: number): Promise<CountedKind[]> {
    const today = dayOf(now);
    const [span] = await this.#database.all<{ first: number | null }>(
      'SELECT MIN(day) AS first FROM call_kinds WHERE day > $1 AND day <= $2',
      [today - DAYS_KEPT, today],
    );
    const days = today - (span?.first ?? today) + 1;
    const rows = await this.#database.all<Row>(
      `SELECT newest.kind_key, newest.kind, CAST(sums.calls AS BIGINT) AS calls FROM (
         SELECT kind_key, MAX(day) AS day, SUM(calls) AS calls FROM call_kinds WHERE day > $1 GROUP BY kind_key
       ) AS sums JOIN call_kinds AS newest ON newest.kind_key = sums.kind_key AND newest.day = sums.day
       ORDER BY sums.calls DESC, newest.kind_key LIMIT ${KINDS_KEPT}`,
      [today - DAYS_KEPT],
    );
    return mapInSlices(rows, ({ kind_key, kind, calls }) => ({
      key: kind_key,
      // The cast: `add` wrote it.
      kind: JSON.parse(kind) as CallKind,
      callsPerDay: calls / days,
    }));
  }

  /** Forgets kinds whose calls a person no longer expects. Calls that connect make them known again. */
  async drop(keys: readonly string[]): Promise<void> {
    for (let from = 0; from < keys.length; from += ROWS_AT_ONCE) {
      const some = keys.slice(from, from + ROWS_AT_ONCE);
      await this.#database.run(`DELETE FROM call_kinds WHERE kind_key IN ${placeholders(1, some.length)}`, some);
    }
  }

  /** Deletes what is too old, and the kinds beyond the limit that were seen longest ago. */
  async prune(now: number): Promise<void> {
    await this.#database.run('DELETE FROM call_kinds WHERE day <= $1', [dayOf(now) - DAYS_KEPT]);
    await this.#database.run(
      `DELETE FROM call_kinds WHERE kind_key IN (
         SELECT kind_key FROM call_kinds GROUP BY kind_key
         ORDER BY MAX(day) DESC, SUM(calls) DESC, kind_key LIMIT 1000000 OFFSET ${KINDS_KEPT})`,
    );
  }
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}

import { pause } from '../../loop/slices.ts';
import type { Database } from '../database.ts';
import type { AttemptFilter } from './attemptFilter.ts';
import { AttemptSlices, between, type Position } from './attemptSlices.ts';

/** How many attempts have an outcome, a cause and a trunk. */
export interface CountedAttempts {
  readonly outcome: string;
  readonly cause: string | null;
  readonly party: string | null;
  readonly trunk: string;
  readonly attempts: number;
}

/** The same for one of the equal parts of a time, the first of which is 0. */
export interface CountedInPart extends CountedAttempts {
  readonly part: number;
}

/**
 * Counts attempts. The database counts them, in slices that take a few milliseconds each: for a time without filters it
 * walks the part of the index `attempt_keys_by_time` for that time, so neither the age nor the size of the store
 * matters.
 */
export class AttemptCounts {
  readonly #database: Database;
  readonly #slices: AttemptSlices;

  constructor(database: Database) {
    this.#database = database;
    this.#slices = new AttemptSlices(database);
  }

  /** The matching attempts by outcome, cause, owner and trunk, and by the part of the time that they settled in. */
  async count(filter: AttemptFilter & { readonly since: number }, partMs: number): Promise<CountedInPart[]> {
    const counts = new Map<string, CountedInPart>();
    for (let from: Position | undefined = { at: filter.since, id: '' }; from; ) {
      const to: Position | undefined = await this.#slices.upperEnd(filter, from);
      await pause();
      for (const { attempts, ...kind } of await this.#countBetween(filter, partMs, from, to)) {
        const key = JSON.stringify(kind);
        counts.set(key, { ...kind, attempts: (counts.get(key)?.attempts ?? 0) + attempts });
      }
      from = to;
    }
    return [...counts.values()];
  }

  /** Attempts that connected or failed, in a time. */
  async total(since: number, until: number): Promise<number> {
    const counted = await this.count({ since, until }, Math.max(1, until - since));
    return counted.reduce((sum, { outcome, attempts }) => (outcome === 'not_counted' ? sum : sum + attempts), 0);
  }

  #countBetween(
    filter: AttemptFilter & { readonly since: number },
    partMs: number,
    from: Position,
    to: Position | undefined,
  ): Promise<CountedInPart[]> {
    const where = between(filter, from, to);
    // SQLite takes the parameters for fractions, so the casts cut off what is left of the division.
    const part = `CAST((settled_at - ${where.parameter(filter.since)}) / ${where.parameter(partMs)} AS BIGINT)`;
    return this.#database.all<CountedInPart>(
      `SELECT ${part} AS part, outcome, cause, party, trunk, COUNT(*) AS attempts FROM attempt_keys ${where.text}
       GROUP BY 1, 2, 3, 4, 5`,
      where.parameters,
    );
  }
}

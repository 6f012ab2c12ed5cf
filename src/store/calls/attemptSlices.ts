import { pause } from '../../loop/slices.ts';
import type { Database } from '../database.ts';
import { type AttemptFilter, conditions, Where } from './attemptFilter.ts';

/** How many attempts a slice has at most. Any condition on so many takes a few milliseconds. */
const SLICE = 5_000;
/** The same for the attempts of an incident, each of which is looked up by its id. */
const SLICE_OF_INCIDENT = 1_000;
/**
 * The slices that are searched for one page of an answer, each so many times as long. PostgreSQL answers elsewhere, so
 * it searches at once what SQLite searches in steps.
 */
const PAGE_IN_THREAD = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
const PAGE_ELSEWHERE = [1, 9];

/** A place in a list of attempts by time (epoch milliseconds) and id. New attempts do not shift it. */
export interface Position {
  readonly at: number;
  readonly id: string;
}

/** Whether an index has the attempts in order, so that none is read in vain. */
export function isInOneSlice({ since: _, until: __, cause, trunk, outcome, text, ...others }: AttemptFilter): boolean {
  const hasOnlyIds = text === undefined || text.number === undefined;
  const indexed = [cause, trunk, outcome].filter((values) => values !== undefined);
  const isInIndex = indexed.length <= 1 && indexed.every((values) => values.length <= 1);
  return hasOnlyIds && isInIndex && Object.values(others).every((value) => value === undefined);
}

/**
 * Divides the attempts in a time, by an index, into slices that are short enough for one statement: SQLite answers in
 * the thread of the caller. A slice may hold no match at all.
 */
export class AttemptSlices {
  readonly #database: Database;
  /** The slices of one page, each so many times as long. */
  readonly ofPage: readonly number[];

  constructor(database: Database) {
    this.#database = database;
    this.ofPage = database.dialect.isShared ? PAGE_ELSEWHERE : PAGE_IN_THREAD;
  }

  /** The first attempt of the slice that ends before a position; `undefined` for the earliest slice. */
  async lowerEnd(filter: AttemptFilter, before: Position | undefined, times = 1): Promise<Position | undefined> {
    const { table, where, length } = sliced({ ...filter, ...(before && { until: undefined }) });
    if (before) addUpper(where, before);
    return this.#at(
      `SELECT settled_at AS at, id FROM ${table} ${where.text} ORDER BY settled_at DESC, id DESC LIMIT 1 OFFSET ${length * times - 1}`,
      where,
    );
  }

  /** The attempt after the slice that begins at a position; `undefined` for the latest slice. */
  async upperEnd(filter: AttemptFilter, from: Position): Promise<Position | undefined> {
    const { table, where, length } = sliced({ ...filter, since: undefined });
    addLower(where, from);
    return this.#at(
      `SELECT settled_at AS at, id FROM ${table} ${where.text} ORDER BY settled_at, id LIMIT 1 OFFSET ${length}`,
      where,
    );
  }

  async #at(sql: string, where: Where): Promise<Position | undefined> {
    await pause();
    const [row] = await this.#database.all<{ at: number; id: string }>(sql, where.parameters);
    return row && { at: row.at, id: row.id };
  }
}

/**
 * The conditions for the attempts of a slice, with its first attempt, without the one after its last. A position replaces
 * a time: with both, SQLite begins at the time, and so walks through all slices before.
 */
export function between(filter: AttemptFilter, from: Position | undefined, to: Position | undefined): Where {
  const { since, until, ...others } = filter;
  const where = conditions(
    { ...others, ...(!from && { since }), ...(!to && { until }) },
    { since: from?.at ?? since, until: to ? to.at + 1 : until },
  );
  if (from) addLower(where, from);
  if (to) addUpper(where, to);
  return where;
}

function addLower(where: Where, { at, id }: Position): void {
  where.add((p) => `(settled_at, id) >= (${p(at)}, ${p(id)})`);
}

function addUpper(where: Where, { at, id }: Position): void {
  where.add((p) => `(settled_at, id) < (${p(at)}, ${p(id)})`);
}

/** The rows to divide: those of an index that the filter allows. */
function sliced({ since, until, cause, trunk, outcome, incident }: AttemptFilter) {
  const where = new Where();
  const single = Object.entries({ cause, trunk, outcome }).find(([, values]) => values?.length === 1);
  if (incident !== undefined) where.add((p) => `incident = ${p(incident)}`);
  else if (single) where.add((p) => `${single[0]} = ${p(single[1]?.[0] ?? '')}`);
  if (since !== undefined) where.add((p) => `settled_at >= ${p(since)}`);
  if (until !== undefined) where.add((p) => `settled_at < ${p(until)}`);
  return incident === undefined
    ? { table: 'attempt_keys', where, length: SLICE }
    : { table: 'attempts', where, length: SLICE_OF_INCIDENT };
}

import { userPartOf } from '../../core/call/sipUri.ts';
import { isHashed } from '../../core/trunks/hashedNumber.ts';
import { pause } from '../../loop/slices.ts';
import { type Database, placeholders, type Queries, type Value } from '../database.ts';
import type { StoredAttempt } from '../store.ts';
import { type AttemptRow, toAttempt } from '../storedForms.ts';

/** How many attempts of an older store are indexed in one step. A step is short, so that webhooks need not wait long. */
const INDEXED_AT_ONCE = 200;

/** How many attempts are read in one step, because each has a long explanation. */
const READ_AT_ONCE = 50;

/** How many attempts are counted in one step. */
const COUNTED_AT_ONCE = 2_000;

const KEYS = 'id, settled_at, changed_at, outcome, cause, party, trunk, status, from_digits, to_digits';

/** Selects attempts. Every given part must match; in a list, any value. Times in epoch milliseconds. */
export interface AttemptFilter {
  readonly cause?: readonly string[] | undefined;
  readonly party?: readonly string[] | undefined;
  readonly trunk?: readonly string[] | undefined;
  readonly outcome?: readonly string[] | undefined;
  /** The status of the final response. */
  readonly status?: readonly number[] | undefined;
  /** In the caller, in the called number, or in either. */
  readonly from?: NumberFilter | undefined;
  readonly to?: NumberFilter | undefined;
  readonly number?: NumberFilter | undefined;
  /** Settled at or after `since`, and before `until`. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** The id of the incident that counts it. */
  readonly incident?: string | undefined;
}

/** Selects a number: by consecutive digits, or by the beginning of its hash. */
export interface NumberFilter {
  readonly digits: string;
  readonly hashes: readonly string[];
}

/** A place in a list of attempts by time (epoch milliseconds) and id. New attempts do not shift it. */
export interface Position {
  readonly at: number;
  readonly id: string;
}

/** How many attempts have an outcome, a cause and a trunk. */
export interface CountedAttempts {
  readonly outcome: string;
  readonly cause: string | null;
  readonly party: string | null;
  readonly trunk: string;
  readonly attempts: number;
}

interface KeyRow extends Omit<CountedAttempts, 'attempts'> {
  readonly settled_at: number;
  readonly id: string;
}

/** An attempt with a new verdict, and when it was written: the first one, or one that differs from the one before. */
type Changed = Position;

/**
 * Finds attempts by the filters of the API. The keys are in a narrow table of their own, because a scan must not read the
 * long explanations.
 */
export class Search {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The matching attempts, the latest settled first. Begins after a position, if one is given. */
  async find(filter: AttemptFilter, limit: number, after?: Position): Promise<StoredAttempt[]> {
    const found: StoredAttempt[] = [];
    for (let position = after; found.length < limit; ) {
      await pause();
      const count = Math.min(READ_AT_ONCE, limit - found.length);
      const some = await this.#findSome(filter, count, position);
      found.push(...some);
      const last = some.at(-1);
      if (some.length < count || !last) break;
      position = { at: last.settledAt, id: last.id };
    }
    return found;
  }

  async #findSome(filter: AttemptFilter, limit: number, after?: Position): Promise<StoredAttempt[]> {
    const where = conditions(filter);
    if (after) where.add((p) => `(settled_at, id) < (${p(after.at)}, ${p(after.id)})`);
    const found = await this.#database.all<AttemptRow>(
      `SELECT attempts.* FROM (
         SELECT id, settled_at FROM attempt_keys ${where.text}
         ORDER BY settled_at DESC, id DESC LIMIT ${where.parameter(limit)}
       ) AS found JOIN attempts ON attempts.id = found.id
       ORDER BY found.settled_at DESC, found.id DESC`,
      where.parameters,
    );
    return found.map(toAttempt);
  }

  /** Counts the matching attempts by outcome, cause, owner and trunk, in steps, because there may be millions. */
  async count(filter: AttemptFilter): Promise<CountedAttempts[]> {
    const counts = new Map<string, CountedAttempts>();
    for (let after: Position = { at: filter.since ?? 0, id: '' }; ; ) {
      await pause();
      const where = conditions(filter);
      where.add((p) => `(settled_at, id) > (${p(after.at)}, ${p(after.id)})`);
      const rows = await this.#database.all<KeyRow>(
        `SELECT settled_at, id, outcome, cause, party, trunk FROM attempt_keys ${where.text}
         ORDER BY settled_at, id LIMIT ${where.parameter(COUNTED_AT_ONCE)}`,
        where.parameters,
      );
      for (const { outcome, cause, party, trunk } of rows) {
        const key = JSON.stringify([outcome, cause, trunk]);
        const before = counts.get(key)?.attempts ?? 0;
        counts.set(key, { outcome, cause, party, trunk, attempts: before + 1 });
      }
      const last = rows.at(-1);
      if (rows.length < COUNTED_AT_ONCE || !last) break;
      after = { at: last.settled_at, id: last.id };
    }
    return [...counts.values()].sort((a, b) => b.attempts - a.attempts);
  }

  /** The attempts written after a position, in that order. With several replicas rows may become visible out of order. */
  async changedAfter(after: Position, limit: number): Promise<Changed[]> {
    const rows = await this.#database.all<{ changed_at: number; id: string }>(
      `SELECT changed_at, id FROM attempt_keys WHERE (changed_at, id) > ($1, $2)
       ORDER BY changed_at, id LIMIT $3`,
      [after.at, after.id, limit],
    );
    return rows.map(({ changed_at, id }) => ({ at: changed_at, id }));
  }

  /** Attempts by their ids, in any order. Ids that are not stored are left out. */
  async read(ids: readonly string[]): Promise<StoredAttempt[]> {
    const read: StoredAttempt[] = [];
    for (let i = 0; i < ids.length; i += READ_AT_ONCE) {
      await pause();
      const some = ids.slice(i, i + READ_AT_ONCE);
      const rows = await this.#database.all<AttemptRow>(
        `SELECT * FROM attempts WHERE id IN ${placeholders(1, some.length)}`,
        some,
      );
      for (const row of rows) read.push(toAttempt(row));
    }
    return read;
  }

  /** Whether any webhook of either sender was ever stored. */
  async anyWebhook() {
    const [jambonz, livekit] = await Promise.all([
      this.#database.all('SELECT 1 AS one FROM events LIMIT 1'),
      this.#database.all('SELECT 1 AS one FROM livekit_events LIMIT 1'),
    ]);
    return { jambonz: jambonz.length > 0, livekit: livekit.length > 0 };
  }

  /**
   * Indexes some attempts of an older store, beginning after an id. Resolves to the id to continue from, or to
   * `undefined` when all are indexed.
   */
  async indexMissing(after: string): Promise<string | undefined> {
    if (after === '' && (await this.#isFullyIndexed())) return undefined;
    return this.#database.transaction(async (queries) => {
      const rows = await queries.all<AttemptRow>(
        `SELECT * FROM attempts WHERE id > $1 AND id NOT IN (SELECT id FROM attempt_keys)
         ORDER BY id LIMIT ${INDEXED_AT_ONCE}`,
        [after],
      );
      await saveKeys(queries, rows.map(toAttempt));
      return rows.at(-1)?.id;
    });
  }

  async #isFullyIndexed(): Promise<boolean> {
    const [counts] = await this.#database.all<{ attempts: number; keys: number }>(
      'SELECT (SELECT COUNT(*) FROM attempts) AS attempts, (SELECT COUNT(*) FROM attempt_keys) AS keys',
    );
    return counts?.attempts === counts?.keys;
  }
}

/** Writes the search keys of attempts, in the transaction that writes the attempts. */
export async function saveKeys(queries: Queries, attempts: readonly StoredAttempt[]): Promise<void> {
  if (attempts.length === 0) return;
  await queries.run(
    `INSERT INTO attempt_keys (${KEYS}) VALUES ${placeholders(attempts.length, 10)}
     ON CONFLICT (id) DO UPDATE SET changed_at = excluded.changed_at, outcome = excluded.outcome,
       cause = excluded.cause, party = excluded.party, trunk = excluded.trunk, status = excluded.status,
       from_digits = excluded.from_digits, to_digits = excluded.to_digits`,
    attempts.flatMap(({ id, settledAt, record }) => {
      const { outcome, cause = null, party = null, trunk, response, from, to } = record;
      const status = response?.status ?? null;
      // An update keeps `settled_at` of the first verdict, and sets `changed_at` to the time of this one.
      return [id, settledAt, settledAt, outcome, cause, party, trunk, status, digitsOf(from), digitsOf(to)];
    }),
  );
}

/** The digits of a number or of the user part of a URI; a hashed number as it is. */
function digitsOf(text: string | undefined): string {
  const user = text === undefined ? '' : userPartOf(text);
  return isHashed(user) ? user : user.replaceAll(/\D/g, '');
}

function conditions(filter: AttemptFilter): Where {
  const where = new Where();
  const { cause, party, trunk, outcome, status, from, to, number, since, until, incident } = filter;
  for (const [column, values] of Object.entries({ cause, party, trunk, outcome, status })) {
    if (values) where.add((p) => `${column} IN (${values.map(p).join(', ')})`);
  }
  if (from) where.add((p) => isNumber('from_digits', from, p));
  if (to) where.add((p) => isNumber('to_digits', to, p));
  if (number) where.add((p) => `(${isNumber('from_digits', number, p)} OR ${isNumber('to_digits', number, p)})`);
  if (since !== undefined) where.add((p) => `settled_at >= ${p(since)}`);
  if (until !== undefined) where.add((p) => `settled_at < ${p(until)}`);
  if (incident !== undefined) {
    where.add((p) => `id IN (SELECT id FROM attempts WHERE incident = ${p(incident)})`);
  }
  return where;
}

function isNumber(column: string, { digits, hashes }: NumberFilter, p: (value: Value) => string): string {
  // The digits in a hash say nothing.
  const plain = `(${column} LIKE ${p(`%${digits}%`)} AND ${column} NOT LIKE 'h%')`;
  return `(${[plain, ...hashes.map((hash) => `${column} LIKE ${p(`${hash}.%`)}`)].join(' OR ')})`;
}

/** The conditions of a query with their parameters. */
class Where {
  readonly parameters: Value[] = [];
  readonly #conditions: string[] = [];

  get text(): string {
    return this.#conditions.length === 0 ? '' : `WHERE ${this.#conditions.join(' AND ')}`;
  }

  /** Adds a condition. The function turns a value into its placeholder. */
  add(condition: (placeholder: (value: Value) => string) => string): void {
    this.#conditions.push(condition((value) => this.parameter(value)));
  }

  /** The placeholder of a value. */
  parameter(value: Value): string {
    return `$${this.parameters.push(value)}`;
  }
}

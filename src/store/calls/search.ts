import { userPartOf } from '../../core/call/sipUri.ts';
import { isHashed } from '../../core/trunks/hashedNumber.ts';
import { pause } from '../../loop/slices.ts';
import { type Database, placeholders, type Queries } from '../database.ts';
import type { StoredAttempt } from '../store.ts';
import { type AttemptRow, toAttempt } from '../storedForms.ts';
import type { AttemptFilter } from './attemptFilter.ts';
import { AttemptSlices, between, isInOneSlice, type Position } from './attemptSlices.ts';

/** How many attempts of an older store are indexed in one step. A step is short, so that webhooks need not wait long. */
const INDEXED_AT_ONCE = 200;

/** The name of that work where it is noted as finished. */
const INDEXING = 'search keys of older attempts';

/** How many attempts are read in one step, because each has a long explanation. */
const READ_AT_ONCE = 50;

const KEYS = 'id, settled_at, changed_at, outcome, cause, party, trunk, status, from_digits, to_digits';

/** Matching attempts, and where to go on with the search; without `next` there are no more. */
export interface FoundAttempts {
  readonly found: readonly StoredAttempt[];
  readonly next?: Position;
}

/** An attempt with a new verdict, and when it was written: the first one, or one that differs from the one before. */
type Changed = Position;

/**
 * Finds attempts by the filters of the API. The keys are in a narrow table of their own, because a scan must not read the
 * long explanations.
 */
export class Search {
  readonly #database: Database;
  readonly #slices: AttemptSlices;

  constructor(database: Database) {
    this.#database = database;
    this.#slices = new AttemptSlices(database);
  }

  /**
   * The matching attempts, the latest settled first. Begins after a position, if one is given. Looks through a limited
   * number of attempts, so there may be fewer than `limit`, or none, although `next` says where to go on.
   */
  async find(filter: AttemptFilter, limit: number, after?: Position): Promise<FoundAttempts> {
    const found: StoredAttempt[] = [];
    let high = after;
    for (const times of this.#slices.ofPage) {
      const low = isInOneSlice(filter) ? undefined : await this.#slices.lowerEnd(filter, high, times);
      // One more than asked for, because it shows whether there are more.
      for (let position = high; found.length <= limit; ) {
        await pause();
        const count = Math.min(READ_AT_ONCE, limit + 1 - found.length);
        const some = await this.#findSome(filter, count, position, low);
        found.push(...some);
        const last = some.at(-1);
        if (some.length < count || !last) break;
        position = positionOf(last);
      }
      const last = found[limit - 1];
      if (found.length > limit && last) return { found: found.slice(0, limit), next: positionOf(last) };
      if (!low) return { found };
      high = low;
    }
    return { found, ...(high && { next: high }) };
  }

  async #findSome(filter: AttemptFilter, limit: number, high?: Position, low?: Position): Promise<StoredAttempt[]> {
    const where = between(filter, low, high);
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

  /** Counting takes seconds in a large store, so it is noted once it was found. */
  async #isFullyIndexed(): Promise<boolean> {
    const [noted] = await this.#database.all('SELECT name FROM finished_work WHERE name = $1', [INDEXING]);
    if (noted) return true;
    const [counts] = await this.#database.all<{ attempts: number; keys: number }>(
      'SELECT (SELECT COUNT(*) FROM attempts) AS attempts, (SELECT COUNT(*) FROM attempt_keys) AS keys',
    );
    if (counts?.attempts !== counts?.keys) return false;
    await this.#database.run('INSERT INTO finished_work (name) VALUES ($1) ON CONFLICT DO NOTHING', [INDEXING]);
    return true;
  }
}

function positionOf({ settledAt, id }: StoredAttempt): Position {
  return { at: settledAt, id };
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

import { userPartOf } from '../call/sipUri.ts';
import { type AttemptRow, toAttempt } from './attemptRow.ts';
import { type Database, placeholders, type Queries, type Value } from './database.ts';
import type { AttemptFilter, Changed, Position, SearchStore } from './searchStore.ts';
import type { StoredAttempt } from './store.ts';

/** As many attempts of an older store are taken up in one step, so that webhooks need not wait for long. */
const FILLED_AT_ONCE = 200;

const KEYS = 'call_sid, settled_at, changed_at, outcome, cause, party, trunk, status, from_digits, to_digits';

/**
 * Finds attempts by what the API filters by. The keys are a narrow table of their own: explanations are long, and a scan
 * must not read them.
 */
export class Search implements SearchStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(filter: AttemptFilter, limit: number, after?: Position): Promise<StoredAttempt[]> {
    const where = conditions(filter);
    if (after) where.add((p) => `(settled_at, call_sid) < (${p(after.at)}, ${p(after.callSid)})`);
    const found = await this.#database.all<AttemptRow>(
      `SELECT attempts.* FROM (
         SELECT call_sid, settled_at FROM attempt_keys ${where.text}
         ORDER BY settled_at DESC, call_sid DESC LIMIT ${where.parameter(limit)}
       ) AS found JOIN attempts ON attempts.call_sid = found.call_sid
       ORDER BY found.settled_at DESC, found.call_sid DESC`,
      where.parameters,
    );
    return found.map(toAttempt);
  }

  async changedAfter(after: Position, limit: number): Promise<Changed[]> {
    const rows = await this.#database.all<{ changed_at: number; call_sid: string }>(
      `SELECT changed_at, call_sid FROM attempt_keys WHERE (changed_at, call_sid) > ($1, $2)
       ORDER BY changed_at, call_sid LIMIT $3`,
      [after.at, after.callSid, limit],
    );
    return rows.map(({ changed_at, call_sid }) => ({ at: changed_at, callSid: call_sid }));
  }

  async read(callSids: readonly string[]): Promise<StoredAttempt[]> {
    if (callSids.length === 0) return [];
    const rows = await this.#database.all<AttemptRow>(
      `SELECT * FROM attempts WHERE call_sid IN ${placeholders(1, callSids.length)}`,
      callSids,
    );
    return rows.map(toAttempt);
  }

  async anyWebhook() {
    const [jambonz, livekit] = await Promise.all([
      this.#database.all('SELECT 1 AS one FROM events LIMIT 1'),
      this.#database.all('SELECT 1 AS one FROM livekit_events LIMIT 1'),
    ]);
    return { jambonz: jambonz.length > 0, livekit: livekit.length > 0 };
  }

  async fill(after: string): Promise<string | undefined> {
    if (after === '' && (await this.#isFilled())) return undefined;
    return this.#database.transaction(async (queries) => {
      const rows = await queries.all<AttemptRow>(
        `SELECT * FROM attempts WHERE call_sid > $1 AND call_sid NOT IN (SELECT call_sid FROM attempt_keys)
         ORDER BY call_sid LIMIT ${FILLED_AT_ONCE}`,
        [after],
      );
      await saveKeys(queries, rows.map(toAttempt));
      return rows.at(-1)?.call_sid;
    });
  }

  async #isFilled(): Promise<boolean> {
    const [counts] = await this.#database.all<{ attempts: number; keys: number }>(
      'SELECT (SELECT COUNT(*) FROM attempts) AS attempts, (SELECT COUNT(*) FROM attempt_keys) AS keys',
    );
    return counts?.attempts === counts?.keys;
  }
}

/** Writes what attempts are found by, within the transaction that writes the attempts. */
export async function saveKeys(queries: Queries, attempts: readonly StoredAttempt[]): Promise<void> {
  if (attempts.length === 0) return;
  await queries.run(
    `INSERT INTO attempt_keys (${KEYS}) VALUES ${placeholders(attempts.length, 10)}
     ON CONFLICT (call_sid) DO UPDATE SET changed_at = excluded.changed_at, outcome = excluded.outcome,
       cause = excluded.cause, party = excluded.party, trunk = excluded.trunk, status = excluded.status`,
    attempts.flatMap(({ callSid, settledAt, explanation }) => {
      const { outcome, cause, party, trunk, response, from, to } = explanation;
      const status = response?.status ?? null;
      // When it was first settled stays; when it was last judged is the time of this verdict.
      return [callSid, settledAt, settledAt, outcome, cause, party, trunk, status, digitsOf(from), digitsOf(to)];
    }),
  );
}

/** The digits of a number or of the user part of a URI. */
function digitsOf(text: string | null): string {
  return text === null ? '' : userPartOf(text).replaceAll(/\D/g, '');
}

function conditions(filter: AttemptFilter): Where {
  const where = new Where();
  const { cause, party, trunk, outcome, status, fromDigits, toDigits, digits, since, until, incident } = filter;
  for (const [column, values] of Object.entries({ cause, party, trunk, outcome, status })) {
    if (values) where.add((p) => `${column} IN (${values.map(p).join(', ')})`);
  }
  if (fromDigits !== undefined) where.add((p) => `from_digits LIKE ${p(`%${fromDigits}%`)}`);
  if (toDigits !== undefined) where.add((p) => `to_digits LIKE ${p(`%${toDigits}%`)}`);
  if (digits !== undefined) {
    where.add((p) => `(from_digits LIKE ${p(`%${digits}%`)} OR to_digits LIKE ${p(`%${digits}%`)})`);
  }
  if (since !== undefined) where.add((p) => `settled_at >= ${p(since)}`);
  if (until !== undefined) where.add((p) => `settled_at < ${p(until)}`);
  if (incident !== undefined) {
    where.add((p) => `call_sid IN (SELECT call_sid FROM attempts WHERE incident = ${p(incident)})`);
  }
  return where;
}

/** The conditions of a query with their parameters, in order. */
class Where {
  readonly parameters: Value[] = [];
  readonly #conditions: string[] = [];

  get text(): string {
    return this.#conditions.length === 0 ? '' : `WHERE ${this.#conditions.join(' AND ')}`;
  }

  /** Adds a condition, which is given the placeholders of its values. */
  add(condition: (placeholder: (value: Value) => string) => string): void {
    this.#conditions.push(condition((value) => this.parameter(value)));
  }

  /** The placeholder of a value. */
  parameter(value: Value): string {
    return `$${this.parameters.push(value)}`;
  }
}

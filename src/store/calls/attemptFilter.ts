import type { Value } from '../database.ts';

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
  /** Calls by their ids, or a number: either must match. */
  readonly text?: TextFilter | undefined;
  /** Settled at or after `since`, and before `until`. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** The id of the incident that counts it. */
  readonly incident?: string | undefined;
}

type Times = Pick<AttemptFilter, 'since' | 'until'>;

/** Selects the attempts of calls, and those with a number in the caller or the called number. */
export interface TextFilter {
  readonly callIds: readonly string[];
  readonly number?: NumberFilter | undefined;
}

/** Selects a number: by consecutive digits, or by the beginning of its hash. */
export interface NumberFilter {
  readonly digits: string;
  readonly hashes: readonly string[];
}

/**
 * The conditions for rows of `attempt_keys`. `ofIncident` is a time that has the attempts of the incident, if it is known
 * more closely.
 */
export function conditions(filter: AttemptFilter, ofIncident: Times = filter): Where {
  const where = new Where();
  const { cause, party, trunk, outcome, status, from, to, number, text, since, until, incident } = filter;
  for (const [column, values] of Object.entries({ cause, party, trunk, outcome, status })) {
    if (values) where.add((p) => `${column} IN (${values.map(p).join(', ')})`);
  }
  if (from) where.add((p) => isNumber('from_digits', from, p));
  if (to) where.add((p) => isNumber('to_digits', to, p));
  if (number) where.add((p) => isEitherNumber(number, p));
  if (text) where.add((p) => isText(text, p));
  if (since !== undefined) where.add((p) => `settled_at >= ${p(since)}`);
  if (until !== undefined) where.add((p) => `settled_at < ${p(until)}`);
  if (incident !== undefined) where.add((p) => isOfIncident(incident, ofIncident, p));
  return where;
}

/** The ids come from the index `attempts_of_incident` alone. */
function isOfIncident(id: string, { since, until }: Times, p: (value: Value) => string): string {
  const times = [
    ...(since === undefined ? [] : [` AND settled_at >= ${p(since)}`]),
    ...(until === undefined ? [] : [` AND settled_at < ${p(until)}`]),
  ];
  return `id IN (SELECT id FROM attempts WHERE incident = ${p(id)}${times.join('')})`;
}

function isText({ callIds, number }: TextFilter, p: (value: Value) => string): string {
  const ways = [
    ...(callIds.length > 0 ? [`id IN (SELECT id FROM attempts WHERE call_id IN (${callIds.map(p).join(', ')}))`] : []),
    ...(number ? [isEitherNumber(number, p)] : []),
  ];
  return ways.length === 0 ? '1 = 0' : `(${ways.join(' OR ')})`;
}

function isEitherNumber(number: NumberFilter, p: (value: Value) => string): string {
  return `(${isNumber('from_digits', number, p)} OR ${isNumber('to_digits', number, p)})`;
}

function isNumber(column: string, { digits, hashes }: NumberFilter, p: (value: Value) => string): string {
  // The digits in a hash say nothing.
  const plain = `(${column} LIKE ${p(`%${digits}%`)} AND ${column} NOT LIKE 'h%')`;
  return `(${[plain, ...hashes.map((hash) => `${column} LIKE ${p(`${hash}.%`)}`)].join(' OR ')})`;
}

/** The conditions of a query with their parameters. */
export class Where {
  readonly parameters: Value[] = [];
  readonly #conditions: string[] = [];

  /** The WHERE clause. */
  get text(): string {
    return this.#conditions.length === 0 ? '' : `WHERE ${this.all}`;
  }

  /** All conditions as one. */
  get all(): string {
    return this.#conditions.length === 0 ? '1 = 1' : this.#conditions.join(' AND ');
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

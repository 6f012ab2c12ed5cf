import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { LONGEST } from '../check/questionLimits.ts';
import { CAUSES } from '../diagnose/causes.ts';
import { parseAddress } from '../trunks/address.ts';

export const MOST_ENTRIES = 1_000;
/** In the list of one entry. */
export const MOST_CALLERS = 100;
/** Of all entries together: each caller of a list is a call of its own. */
export const MOST_CALLS = 5_000;
/** A name becomes a label of a metric. */
export const LONGEST_NAME = 128;
/** LiveKit's names and ids of trunks, rules, rooms and agents. */
export const LONGEST_PLACE = 256;
/** A file with one mistake in each entry needs no thousand messages. */
const MOST_FAULTS = 10;

const Place = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: LONGEST_PLACE, description }));
const Caller = Type.String({ minLength: 1, maxLength: LONGEST.caller });

/** What a call must reach. */
const Reached = Type.Object(
  {
    trunk: Place('Id or name of the trunk that must admit it.'),
    rule: Place('Id or name of the dispatch rule that must take it.'),
    room_prefix: Place('Beginning of the room’s name that the rule makes.'),
    agent: Place('An agent_name in the rule’s room_config.agents.'),
  },
  { additionalProperties: false, minProperties: 1 },
);

const Refused = Type.Object(
  { refused: Type.Union(CAUSES.map(({ id }) => Type.Literal(id))) },
  { additionalProperties: false },
);

/** One entry. `range` says in words what a field takes. */
const Entry = Type.Object({
  name: Type.String({
    minLength: 1,
    maxLength: LONGEST_NAME,
    pattern: '^[^\\u0000-\\u001f\\u007f]*\\S[^\\u0000-\\u001f\\u007f]*$',
    range: `text of 1 to ${LONGEST_NAME} characters on one line`,
  }),
  to: Type.String({ minLength: 1, maxLength: LONGEST.to, range: 'a number in quotes, or a SIP URI' }),
  from: Type.Optional(
    Type.Union([Caller, Type.Array(Caller, { minItems: 1, maxItems: MOST_CALLERS })], {
      range: `a number in quotes, or a list of 1 to ${MOST_CALLERS} of them`,
    }),
  ),
  source: Type.Optional(Type.String({ maxLength: LONGEST.source, range: 'an IP address' })),
  auth: Type.Optional(
    Type.Union([Type.String({ minLength: 1, maxLength: LONGEST.auth_username }), Type.Literal(false)], {
      range: 'a username, or false for no credentials',
    }),
  ),
  srtp: Type.Optional(Type.Boolean({ range: 'true or false' })),
  expect: Type.Union([Type.Literal('connected'), Type.Literal('refused'), Refused, Reached], {
    range: 'connected, refused, refused: <id from sipwhy causes>, or one or more of trunk, rule, room_prefix and agent',
  }),
});

/** A call that must, or must not, connect. */
export type ExpectedCall = Static<typeof Entry>;

const shape = Compile(Entry);
const EXPECTED_FIELDS = [...Object.keys(Refused.properties), ...Object.keys(Reached.properties)];

export type ReadExpected =
  | { readonly ok: true; readonly calls: readonly ExpectedCall[] }
  /** Each fault names the entry, the field and the remedy. */
  | { readonly ok: false; readonly faults: readonly string[] };

/** Reads `{calls: […]}`. */
export function readExpected(json: unknown): ReadExpected {
  const top = fieldsOf(json);
  const stray = Object.keys(top ?? {}).find((key) => key !== 'calls');
  if (stray !== undefined)
    return { ok: false, faults: [`unknown field ${shown(stray)}: the file has only a list named calls`] };
  const entries = top?.calls;
  if (!Array.isArray(entries))
    return { ok: false, faults: ['calls must be a list of calls, such as docs/expected-calls.md shows'] };
  if (entries.length === 0 || entries.length > MOST_ENTRIES)
    return { ok: false, faults: [`calls must have 1 to ${MOST_ENTRIES} entries, got ${entries.length}`] };
  const faults = entries.flatMap(faultsOf);
  faults.push(...doubledNames(entries));
  if (faults.length > MOST_FAULTS)
    faults.splice(MOST_FAULTS, faults.length, `${faults.length - MOST_FAULTS} more faults, not shown`);
  if (faults.length > 0) return { ok: false, faults };
  // The cast: an entry without faults has the shape.
  const calls = entries as ExpectedCall[];
  const count = calls.reduce((sum, call) => sum + callersOf(call).length, 0);
  if (count <= MOST_CALLS) return { ok: true, calls };
  return {
    ok: false,
    faults: [`the lists of from make ${count} calls; at most ${MOST_CALLS} are judged, so shorten them`],
  };
}

/** The callers of an entry; `undefined` if any may call. */
export function callersOf({ from }: ExpectedCall): readonly (string | undefined)[] {
  return Array.isArray(from) ? from : [from];
}

function faultsOf(entry: unknown, index: number): string[] {
  const fields = fieldsOf(entry);
  if (!fields) return [`call ${index + 1} must have name, to and expect`];
  const where = placeOf(fields, index);
  const known = Object.keys(Entry.properties);
  const unknown = Object.keys(fields).filter((key) => !known.includes(key));
  if (unknown.length > 0)
    return unknown.map((key) => `${where}: unknown field ${shown(key)}; known fields are ${known.join(', ')}`);
  const stray = Object.keys(fieldsOf(fields.expect) ?? {}).find((key) => !EXPECTED_FIELDS.includes(key));
  if (stray !== undefined)
    return [`${where}: unknown field ${shown(stray)} in expect; known fields are ${EXPECTED_FIELDS.join(', ')}`];
  if (shape.Check(fields)) {
    const { source } = fields;
    return source === undefined || parseAddress(source) ? [] : [`${where}: ${mustBe('source')}, got ${shown(source)}`];
  }
  const missing = ['name', 'to', 'expect'].filter((field) => fields[field] === undefined || fields[field] === null);
  const wrong = new Set([...shape.Errors(fields)].map(({ instancePath }) => instancePath.split('/')[1] ?? ''));
  return [
    ...missing.map((field) => `${where}: ${field} is missing; it must be ${rangeOf(field)}`),
    ...[...wrong]
      .filter((field) => field !== '' && !missing.includes(field))
      .map((field) => `${where}: ${mustBe(field)}, got ${shown(fields[field])}`),
  ];
}

function mustBe(field: string): string {
  return `${field} must be ${rangeOf(field)}`;
}

function rangeOf(field: string): string {
  // The cast: every property of Entry has a range.
  return (Entry.properties[field as keyof typeof Entry.properties] as unknown as { range: string }).range;
}

function doubledNames(entries: readonly unknown[]): string[] {
  const first = new Map<unknown, number>();
  return entries.flatMap((entry, index) => {
    const name = fieldsOf(entry)?.name;
    const earlier = first.get(name);
    if (earlier === undefined || typeof name !== 'string') {
      first.set(name, index);
      return [];
    }
    return [`${placeOf({ name }, index)}: call ${earlier + 1} has the same name; give each call its own`];
  });
}

function placeOf({ name }: { readonly name?: unknown }, index: number): string {
  return typeof name === 'string' ? `call ${index + 1}, ${shown(name)}` : `call ${index + 1}`;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  // The cast: any object has unknown values under names.
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** A value of the file, as a person can read it. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

import { type TSchema, Type } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { OUTCOMES } from '../../core/diagnose/diagnosis.ts';
import { keptBody } from '../../core/receive/keptBody.ts';
import type { Webhook } from '../../core/receive/webhook.ts';
import { withoutValues } from '../../core/trunks/namesOnly.ts';
import type { SnapshotFields } from '../../core/trunks/snapshot.ts';
import type { Value } from '../database.ts';
import { pack, unpack } from '../packedJson.ts';
import { CONFIGURATIONS, type Column, EVENTS, EXPORTED, LIVEKIT_EVENTS, type Table } from '../tables.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A row by its columns. A row that was read also has the columns of its key. */
export type Row = Readonly<Record<string, Value>>;

type ReadRow =
  | { readonly ok: true; readonly table: Table; readonly row: Row }
  | { readonly ok: false; readonly field: string; readonly fault: string };

const Text = Type.String({ minLength: 1 });
const Integer = Type.Integer({ minimum: 0 });
const Moment = { at: Integer, receivedAt: Integer, precise: Type.Boolean() };
const MaybeText = Type.Optional(Type.String());
const Who = Type.Object({ at: Integer, by: MaybeText });
/** Older versions wrote null for absent values. */
const TextOrNull = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const Outcome = { outcome: Type.Enum([...OUTCOMES]), trunk: Text, summary: Type.String() };
const textsAs = (text: TSchema) => ({ from: text, to: text, cause: text, party: text });

/** The fields that sipwhy relies on in JSON columns. Unknown keys are kept. */
const JSON_SHAPES: Readonly<Record<string, TSchema>> = {
  'configurations.snapshot': Type.Object({ trunks: Type.Array(Type.Object({})), rules: Type.Array(Type.Object({})) }),
  'configurations.changes': Type.Array(Type.Object({})),
  'applied_changes.changes': Type.Array(Type.Object({ kind: Text })),
  'applied_changes.edits': Type.Array(
    Type.Object({
      kind: Type.Enum(['trunk', 'rule']),
      id: Text,
      name: Type.String(),
      change: Type.Enum(['changed', 'added', 'removed']),
      fields: Type.Optional(Type.Array(Type.Object({ field: Text }))),
      object: Type.Optional(Type.Object({})),
    }),
  ),
  'incidents.incident': Type.Object({
    id: Text,
    cause: Text,
    trunk: Text,
    openedAt: Integer,
    closed: Type.Optional(Type.Object({ at: Integer, because: Text })),
    last: Type.Object({ at: Integer }),
    handling: Type.Optional(
      Type.Object({
        acknowledged: Type.Optional(Who),
        muted: Type.Optional(Type.Object({ ...Who.properties, until: Integer })),
        resolved: Type.Optional(Who),
        notes: Type.Array(Type.Object({ ...Who.properties, text: Text })),
        putAway: Type.Optional(Type.Array(Type.Object({ ...Who.properties, callSid: Text }))),
      }),
    ),
  }),
  'attempts.record': Type.Union([
    Type.Object({ ...Outcome, version: Type.Literal(1), id: Text, callSid: Text, ...textsAs(MaybeText) }),
    Type.Object({ ...Outcome, version: Type.Optional(Type.Undefined()), call_sid: Text, ...textsAs(TextOrNull) }),
  ]),
  'attempts.seen': Type.Object({ host: Text, result: Text, rangOnce: Type.Boolean() }),
  'events.event': Type.Object({
    ...Moment,
    kind: Type.Enum(['status', 'dial_result']),
    callSid: Text,
    parentCallSid: Type.Optional(Text),
    callStatus: Text,
    sbcCallId: Type.Optional(Text),
    dialCallSid: Type.Optional(Text),
    dialSbcCallId: Type.Optional(Text),
  }),
  'livekit_events.event': Type.Object({
    ...Moment,
    kind: Type.Literal('livekit'),
    name: Text,
    sentName: Type.String(),
    dropped: Type.Number(),
  }),
};

/** The JSON of a row. NULL columns are absent. */
export async function rowToJson({ name, columns }: Table, row: Row): Promise<object> {
  const json: Record<string, unknown> = { table: name };
  for (const [column, { form }] of Object.entries(columns)) {
    const value = row[column] ?? null;
    if (value === null) continue;
    if (form === 'json') json[column] = JSON.parse(String(value));
    else if (typeof value !== 'object') json[column] = value;
    else json[column] = form === 'packed' ? await unpack(value) : bytesToJson(value);
  }
  return asKept(json);
}

/** The row as this version keeps it: an older one kept whole bodies, and the values of metadata and headers. */
function asKept(row: JsonObject): JsonObject {
  // The casts: a store or an archive has them in these forms.
  if (row.table === CONFIGURATIONS.name) return { ...row, snapshot: withoutValues(row.snapshot as SnapshotFields) };
  if (row.table !== EVENTS.name && row.table !== LIVEKIT_EVENTS.name) return row;
  const body = bytesFromJson(row.body as ReturnType<typeof bytesToJson>);
  const source = row.table === LIVEKIT_EVENTS.name ? 'livekit' : row.kind === 'status' ? 'call_status' : 'dial_action';
  return { ...row, body: bytesToJson(keptOrNothing(source, body)) };
}

function keptOrNothing(source: Webhook['source'], body: Uint8Array): Uint8Array {
  for (const form of ['json', 'query'] as const) {
    try {
      return keptBody({ source, form }, body);
    } catch {
      // Not JSON: a status that came by GET is a query.
    }
  }
  return new Uint8Array();
}

/** Checks the JSON of a row against the declaration of its table. */
export async function readRow(given: JsonObject): Promise<ReadRow> {
  const table = EXPORTED.find(({ name }) => name === given.table);
  const validator = table && VALIDATORS.get(table);
  if (!validator) {
    return { ok: false, field: 'table', fault: `must be one of ${EXPORTED.map(({ name }) => name).join(', ')}` };
  }
  if (!validator.Check(given)) {
    const [first] = validator.Errors(given);
    const field = (first?.instancePath ?? '').slice(1).replaceAll('/', '.');
    return { ok: false, field: field === '' ? 'the line' : field, fault: first?.message ?? 'is wrong' };
  }
  const row: Record<string, Value> = {};
  const kept = asKept(given);
  for (const [name, column] of Object.entries(table.columns)) row[name] = await cellOf(column, kept[name]);
  return { ok: true, table, row };
}

/** Bytes as text if they are UTF-8, otherwise as base64. */
export function bytesToJson(bytes: Uint8Array): string | { readonly base64: string } {
  const text = Buffer.from(bytes).toString();
  return Buffer.from(text).equals(bytes) ? text : { base64: Buffer.from(bytes).toString('base64') };
}

export function bytesFromJson(json: ReturnType<typeof bytesToJson>): Buffer {
  return typeof json === 'string' ? Buffer.from(json) : Buffer.from(json.base64, 'base64');
}

async function cellOf({ type, form }: Column, json: unknown): Promise<Value> {
  if (json === undefined) return null;
  if (form === 'json') return JSON.stringify(json);
  if (form === 'packed') return pack(json);
  // The casts: the schema has just checked them.
  return type === 'bytea' ? bytesFromJson(json as string) : (json as string | number);
}

function schemaOf({ name, columns }: Table): TSchema {
  const properties = Object.entries(columns).map(([column, declared]): [string, TSchema] => {
    const schema = schemaOfColumn(`${name}.${column}`, declared);
    return [column, declared.nullable ? Type.Optional(schema) : schema];
  });
  return Type.Object(Object.fromEntries(properties));
}

function schemaOfColumn(path: string, { type, form, nullable }: Column): TSchema {
  if (form) return JSON_SHAPES[path] ?? Type.Object({});
  if (type === 'bytea') return Type.Union([Type.String(), Type.Object({ base64: Type.String() })]);
  if (type === 'bigint') return Integer;
  return nullable ? Type.String() : Text;
}

// The cast: the schemas are built at run time, so their types are not known.
const VALIDATORS = new Map(EXPORTED.map((table) => [table, Compile(schemaOf(table)) as Validator]));

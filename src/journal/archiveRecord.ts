import { type Static, type TSchema, Type } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { OUTCOMES } from '../diagnose/diagnosis.ts';

// What an export is made of: one of these a line. Of what is deep inside, only that is checked which is relied on
// unseen; unknown keys are kept.

const Text = Type.String({ minLength: 1 });
const Millis = Type.Integer({ minimum: 0 });
/** The original bytes: as text where they are UTF-8, else in base64. */
const Body = { body: Type.Optional(Type.String()), body_base64: Type.Optional(Type.String()) };
const Moment = { at: Millis, receivedAt: Millis, precise: Type.Boolean() };

const ATTEMPT = {
  record: Type.Literal('attempt'),
  call_sid: Text,
  call_id: Text,
  started_at: Millis,
  settled_at: Millis,
  incident: Type.Optional(Text),
};
/** What both forms of an attempt have. */
const OUTCOME = {
  outcome: Type.Enum([...OUTCOMES]),
  trunk: Text,
  summary: Type.String(),
};

const RECORDS = {
  configuration: Type.Object({
    record: Type.Literal('configuration'),
    version: Type.Integer({ minimum: 1 }),
    first_seen_at: Millis,
    last_seen_at: Millis,
    snapshot: Type.Object({ trunks: Type.Array(Type.Object({})), rules: Type.Array(Type.Object({})) }),
    changes: Type.Array(Type.Object({})),
    digest: Type.Optional(Text),
    follows: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
  incident: Type.Object({
    record: Type.Literal('incident'),
    changed_at: Millis,
    incident: Type.Object({
      id: Text,
      cause: Text,
      trunk: Text,
      openedAt: Millis,
      closed: Type.Optional(Type.Object({ at: Millis, because: Text })),
      last: Type.Object({ at: Millis }),
    }),
  }),
  attempt: Type.Union([
    Type.Object({
      ...ATTEMPT,
      id: Text,
      attempt: Type.Object({
        ...OUTCOME,
        version: Type.Literal(1),
        id: Text,
        callSid: Text,
        from: Type.Optional(Type.String()),
        to: Type.Optional(Type.String()),
        cause: Type.Optional(Text),
        party: Type.Optional(Text),
      }),
    }),
    // Of older versions.
    Type.Object({
      ...ATTEMPT,
      explanation: Type.Object({
        ...OUTCOME,
        call_sid: Text,
        // The first versions had neither number.
        from: Type.Optional(Type.Union([Type.String(), Type.Null()])),
        to: Type.Optional(Type.Union([Type.String(), Type.Null()])),
        cause: Type.Union([Text, Type.Null()]),
        party: Type.Union([Text, Type.Null()]),
      }),
    }),
  ]),
  room: Type.Object({ record: Type.Literal('room'), room: Text, call_id: Text }),
  event: Type.Object({
    record: Type.Literal('event'),
    digest: Text,
    event: Type.Object({
      ...Moment,
      kind: Type.Union([Type.Literal('status'), Type.Literal('dial_result')]),
      callSid: Text,
      parentCallSid: Type.Optional(Text),
      callStatus: Text,
      sbcCallId: Type.Optional(Text),
      dialCallSid: Type.Optional(Text),
      dialSbcCallId: Type.Optional(Text),
    }),
    ...Body,
  }),
  livekit_event: Type.Object({
    record: Type.Literal('livekit_event'),
    digest: Text,
    event: Type.Object({
      ...Moment,
      kind: Type.Literal('livekit'),
      name: Text,
      sentName: Type.String(),
      dropped: Type.Number(),
    }),
    ...Body,
  }),
  open_call: Type.Object({
    record: Type.Literal('open_call'),
    call_id: Text,
    /** How many of its attempts had a verdict. */
    attempts: Type.Integer({ minimum: 0 }),
  }),
} as const;

export type RecordKind = keyof typeof RECORDS;
export type RecordOf<K extends RecordKind> = Static<(typeof RECORDS)[K]>;
export type ArchiveRecord = { [K in RecordKind]: RecordOf<K> }[RecordKind];

export const RECORD_KINDS = Object.keys(RECORDS) as RecordKind[];

// The cast: each is compiled from its own schema, and is asked by its kind only.
const SHAPES = Object.fromEntries(
  Object.entries(RECORDS).map(([kind, schema]) => [kind, Compile(schema as TSchema)]),
) as unknown as Record<RecordKind, Validator>;

export type ReadRecord =
  | { readonly ok: true; readonly record: ArchiveRecord }
  | { readonly ok: false; readonly field: string; readonly fault: string };

/** Reads one line of an export. */
export function readRecord(json: unknown): ReadRecord {
  const kind = typeof json === 'object' && json !== null && 'record' in json ? json.record : undefined;
  if (!RECORD_KINDS.includes(kind as RecordKind)) {
    return { ok: false, field: 'record', fault: `must be one of ${RECORD_KINDS.join(', ')}` };
  }
  const shape = SHAPES[kind as RecordKind];
  // The cast is what the shape has just checked.
  if (shape.Check(json)) return { ok: true, record: json as ArchiveRecord };
  const [first] = shape.Errors(json);
  const field = (first?.instancePath ?? '').slice(1).replaceAll('/', '.');
  return { ok: false, field: field === '' ? 'the line' : field, fault: first?.message ?? 'is wrong' };
}

/** How a body is written in a record. */
export function bodyFields(body: Uint8Array): { body: string } | { body_base64: string } {
  const text = Buffer.from(body).toString();
  const isText = Buffer.from(text).equals(body);
  return isText ? { body: text } : { body_base64: Buffer.from(body).toString('base64') };
}

export function bodyOf({ body, body_base64 }: { readonly body?: string; readonly body_base64?: string }): Buffer {
  return body_base64 === undefined ? Buffer.from(body ?? '') : Buffer.from(body_base64, 'base64');
}

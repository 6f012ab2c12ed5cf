import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { CallEvent, CallStatus, DeclaredAuth, LegReport, Moment } from '../call/callEvent.ts';
import { storedText } from '../call/storedText.ts';
import { MAX_JSON_KEYS } from './jsonBounds.ts';
import { parseJson, parseJsonBytes } from './readJson.ts';

// These shapes name only what the diagnosis reads. Unknown keys are kept in the original bytes.

/** The longest call_sid that is accepted, in characters. Jambonz's own are UUIDs. */
export const MAX_SID_LENGTH = 255;

const Sid = Type.String({ minLength: 1, maxLength: MAX_SID_LENGTH });
const Text = Type.Optional(Type.String({ maxLength: 8192 }));
const SipStatus = Type.Optional(Type.Integer({ minimum: 0, maximum: 999 }));

const leg = {
  call_sid: Sid,
  parent_call_sid: Type.Optional(Sid),
  direction: Text,
  from: Text,
  to: Text,
  caller_id: Text,
  call_id: Text,
  sbc_callid: Text,
  sip_status: SipStatus,
  sip_reason: Text,
  call_termination_by: Text,
  duration: Type.Optional(Type.Number()),
  account_sid: Text,
  application_sid: Text,
  trace_id: Text,
};
const StatusBody = Type.Object({ ...leg, call_status: Type.String({ minLength: 1, maxLength: 64 }) });
const DialBody = Type.Object({
  ...leg,
  call_status: Text,
  dial_call_status: Text,
  dial_sip_status: SipStatus,
  dial_call_sid: Type.Optional(Sid),
  dial_sbc_callid: Text,
});

/** The keys that are kept besides `customer_data`: those that sipwhy reads, and where a call came from. */
export const JAMBONZ_KEYS: ReadonlySet<string> = new Set([
  ...Object.keys(DialBody.properties),
  'fs_public_ip',
  'fs_sip_address',
  'originating_sip_ip',
  'originating_sip_trunk_name',
]);

const statusShape = Compile(StatusBody);
const dialShape = Compile(DialBody);

/** What is wrong with a field of a webhook. */
interface FieldFault {
  /** The key in the body; empty for the body as a whole. */
  readonly field: string;
  readonly detail: string;
}

export type Reading =
  | { readonly ok: true; readonly event: CallEvent }
  | { readonly ok: false; readonly faults: readonly FieldFault[] };

export type JambonzHook = 'call_status' | 'dial_action';

type Parsed =
  | { readonly ok: true; readonly json: unknown }
  | { readonly ok: false; readonly faults: readonly FieldFault[] };

/** Parses the body of a verified POST. */
export function parseBody(body: Uint8Array): Parsed {
  try {
    return { ok: true, json: parseJsonBytes(body) };
  } catch (error) {
    const detail = `The body must be JSON in UTF-8: ${(error as Error).message}`;
    return { ok: false, faults: [{ field: '', detail }] };
  }
}

/** Reads a CallEvent from the JSON of a verified POST. */
export function readBody(hook: JambonzHook, body: Uint8Array, moment: Moment): Reading {
  const parsed = parseBody(body);
  return parsed.ok ? readKeys(hook, parsed.json, moment) : parsed;
}

/** Reads a CallEvent from the query of a verified GET, in which every value is text. */
export function readQuery(hook: JambonzHook, query: URLSearchParams, moment: Moment): Reading {
  return readKeys(hook, jsonOfQuery(query), moment);
}

/** The JSON that a POST would have had. */
export function jsonOfQuery(query: URLSearchParams): Record<string, unknown> {
  const keys: Record<string, unknown> = {};
  if (query.size > MAX_JSON_KEYS) {
    return { ok: false, faults: [{ field: '', detail: `The query must not have more than ${MAX_JSON_KEYS} keys.` }] };
  }
  for (const [key, sent] of query) {
    const value = storedText(sent);
    // A query has no null: Jambonz sends an empty value instead.
    if (value === '') continue;
    const isNumber = key === 'sip_status' || key === 'dial_sip_status' || key === 'duration';
    keys[key] =
      isNumber && /^\d+(\.\d+)?$/.test(value) ? Number(value) : key === 'customer_data' ? jsonOr(value) : value;
  }
  return keys;
}

/** Reads a CallEvent from the parsed JSON of a webhook. */
export function readKeys(hook: JambonzHook, json: unknown, moment: Moment): Reading {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return { ok: false, faults: [{ field: '', detail: 'The body must be a JSON object, as Jambonz sends it.' }] };
  }
  // Jambonz writes null for unknown values.
  const keys: unknown = Object.values(json).includes(null)
    ? Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null))
    : json;
  switch (hook) {
    case 'call_status':
      if (!statusShape.Check(keys)) return { ok: false, faults: faultsOf(statusShape.Errors(keys)) };
      return { ok: true, event: { kind: 'status', ...legReport(keys, json, moment) } };
    case 'dial_action':
      if (!dialShape.Check(keys)) return { ok: false, faults: faultsOf(dialShape.Errors(keys)) };
      return {
        ok: true,
        event: {
          kind: 'dial_result',
          ...legReport(keys, json, moment),
          dialCallSid: keys.dial_call_sid,
          dialCallStatus: keys.dial_call_status === undefined ? undefined : callStatusOf(keys.dial_call_status),
          dialSipStatus: keys.dial_sip_status,
          dialSbcCallId: keys.dial_sbc_callid,
        },
      };
  }
}

type LegKeys = Static<typeof DialBody> | Static<typeof StatusBody>;

function legReport(keys: LegKeys, json: object, moment: Moment): LegReport {
  const { direction } = keys;
  return {
    at: moment.at,
    receivedAt: moment.receivedAt,
    precise: moment.precise,
    callSid: keys.call_sid,
    parentCallSid: keys.parent_call_sid,
    direction: direction === 'inbound' || direction === 'outbound' ? direction : undefined,
    from: keys.from ?? keys.caller_id,
    to: keys.to,
    sbcCallId: keys.sbc_callid,
    sipStatus: keys.sip_status,
    sipReason: keys.sip_reason,
    callStatus: callStatusOf(keys.call_status ?? 'other'),
    terminatedBy: keys.call_termination_by,
    declaredAuth: declaredAuthOf(json),
    ...(keys.duration !== undefined && { durationSeconds: keys.duration }),
    ...(keys.trace_id !== undefined && { traceId: keys.trace_id }),
  };
}

const CALL_STATUSES: ReadonlySet<string> = new Set<CallStatus>([
  'trying',
  'ringing',
  'early-media',
  'in-progress',
  'completed',
  'failed',
  'busy',
  'no-answer',
  'queued',
]);

function callStatusOf(text: string): CallStatus {
  const status = text.toLowerCase();
  // The cast is checked by the set.
  return CALL_STATUSES.has(status) ? (status as CallStatus) : 'other';
}

// Jambonz returns the dial verb's tag as customer_data on the B leg: {"sipwhy": {"auth_username": "name" | false} | false}.
const Tag = Compile(
  Type.Object({
    customer_data: Type.Object({
      sipwhy: Type.Union([
        Type.Object({ auth_username: Type.Union([Type.String(), Type.Literal(false)]) }),
        Type.Literal(false),
      ]),
    }),
  }),
);

/** The part of `customer_data` that is meant for sipwhy; `undefined` if there is none. */
export function tagOf(
  json: object,
): { readonly sipwhy: false | { readonly auth_username: string | false } } | undefined {
  if (!Tag.Check(json)) return undefined;
  const { sipwhy } = json.customer_data;
  return { sipwhy: sipwhy === false ? false : { auth_username: sipwhy.auth_username } };
}

function declaredAuthOf(json: object): DeclaredAuth | undefined {
  const tag = tagOf(json);
  if (!tag) return undefined;
  const { sipwhy } = tag;
  const username = sipwhy === false ? false : sipwhy.auth_username;
  return username === false || username === '' ? { sent: false } : { sent: true, username };
}

function faultsOf(errors: Iterable<{ instancePath: string; message: string; params: object }>): FieldFault[] {
  return [...errors].flatMap(({ instancePath, message, params }) => {
    if ('requiredProperties' in params && Array.isArray(params.requiredProperties)) {
      return params.requiredProperties.map((field: string) => ({ field, detail: `${field} is required` }));
    }
    const field = instancePath.slice(1);
    return [{ field, detail: `${field} ${message}` }];
  });
}

function jsonOr(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

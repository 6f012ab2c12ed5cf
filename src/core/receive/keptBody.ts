import { withoutUriSecrets } from '../call/sipUri.ts';
import { hashCaller, hashDigits } from '../trunks/hashedNumber.ts';
import { JAMBONZ_KEYS, jsonOfQuery, tagOf } from './jambonzWebhook.ts';
import { type Field, LIVEKIT_FIELDS, PHONE_NUMBER } from './livekitWebhook.ts';
import { parseJsonBytes } from './readJson.ts';
import { isTransferReport, keptTransfer } from './transferReport.ts';
import type { Webhook } from './webhook.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * What is kept of a verified body: the fields that sipwhy reads. Of everything else only the names are kept, because
 * headers, customer data, metadata and attributes may hold credentials or personal data. With a `hashKey`, the caller's
 * numbers are hashed.
 */
export function keptBody(
  { source, form }: Pick<Webhook, 'source' | 'form'>,
  body: Uint8Array,
  hashKey?: string,
): Uint8Array {
  if (source === 'livekit') {
    const json = parseJsonBytes(body);
    if (isTransferReport(json)) return bytesOf(keptTransfer(json));
    const kept = keptOf(json, LIVEKIT_FIELDS);
    return bytesOf(hashKey === undefined ? kept : withHashedNames(kept, hashKey));
  }
  const sent = form === 'json' ? parseJsonBytes(body) : jsonOfQuery(new URLSearchParams(Buffer.from(body).toString()));
  return keptJambonzBody(form, sent, hashKey);
}

/** What is kept of a webhook of Jambonz, whose body was parsed before. */
export function keptJambonzBody(form: Webhook['form'], json: unknown, hashKey?: string): Uint8Array {
  const kept = keptJambonz(json, hashKey);
  if (form === 'json') return bytesOf(kept);
  const pairs = Object.entries(kept).map(([key, value]): [string, string] => [key, queryText(value)]);
  return Buffer.from(new URLSearchParams(pairs).toString());
}

/** The fields of a Jambonz webhook that carry the caller's number. */
const CALLERS: ReadonlySet<string> = new Set(['from', 'caller_id']);

function keptJambonz(json: unknown, hashKey: string | undefined): Json {
  if (!isObject(json)) return {};
  // A copy of what was parsed is quicker to write as JSON than a new object with the same keys.
  const kept: Record<string, unknown> = { ...json };
  for (const [key, value] of Object.entries(json)) {
    const keptAs = keptValue(json, key, value, hashKey);
    if (keptAs !== value) kept[key] = keptAs;
  }
  return kept;
}

function keptValue(json: Json, key: string, value: unknown, hashKey: string | undefined): unknown {
  if (key === 'customer_data') return tagOf(json) ?? null;
  // Jambonz, too, writes null for what is unknown.
  if (!JAMBONZ_KEYS.has(key) || typeof value === 'object') return null;
  if (hashKey !== undefined && CALLERS.has(key)) return hashCaller(hashKey, withoutUriSecrets(String(value)));
  return typeof value === 'string' ? withoutUriSecrets(value) : value;
}

/** LiveKit's webhook with the caller's number hashed, in its attribute and in the names that LiveKit makes from it. */
function withHashedNames(json: unknown, key: string): unknown {
  const change = (value: unknown, changes: Readonly<Record<string, (inner: unknown) => unknown>>): unknown => {
    if (!isObject(value)) return value;
    const changed = Object.entries(changes).filter(([name]) => Object.hasOwn(value, name));
    return { ...value, ...Object.fromEntries(changed.map(([name, to]) => [name, to(value[name])])) };
  };
  const text = (hash: typeof hashDigits) => (value: unknown) => (typeof value === 'string' ? hash(key, value) : value);
  const room = (value: unknown) => change(value, { name: text(hashDigits) });
  const attributes = (value: unknown) => change(value, { [PHONE_NUMBER]: text(hashCaller) });
  return change(json, {
    room,
    participant: (value) => change(value, { identity: text(hashDigits), attributes }),
    job: (value) => change(value, { room }),
  });
}

/** Protobuf's JSON has no null, so that an empty text stands for what is not kept. */
function keptOf(value: unknown, field: Field | undefined): unknown {
  if (field === undefined) return '';
  if (field === true) return isObject(value) || Array.isArray(value) ? '' : value;
  if (!isObject(value)) return {};
  // A name such as `constructor` is no field, although every object inherits it.
  const fieldOf = (key: string) => (Object.hasOwn(field, key) ? field[key] : undefined);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, keptOf(inner, fieldOf(key))]));
}

function queryText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function bytesOf(json: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(json));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

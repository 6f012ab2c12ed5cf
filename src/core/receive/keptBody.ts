import { withoutUriSecrets } from '../call/sipUri.ts';
import { JAMBONZ_KEYS, jsonOfQuery, tagOf } from './jambonzWebhook.ts';
import { type Field, LIVEKIT_FIELDS } from './livekitWebhook.ts';
import { parseJsonBytes } from './readJson.ts';
import type { Webhook } from './webhook.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * What is kept of a verified body: the fields that sipwhy reads. Of everything else only the names are kept, because
 * headers, customer data, metadata and attributes may hold credentials or personal data.
 */
export function keptBody({ source, form }: Pick<Webhook, 'source' | 'form'>, body: Uint8Array): Uint8Array {
  if (source === 'livekit') return bytesOf(keptOf(parseJsonBytes(body), LIVEKIT_FIELDS));
  if (form === 'json') return bytesOf(keptJambonz(parseJsonBytes(body)));
  const kept = keptJambonz(jsonOfQuery(new URLSearchParams(Buffer.from(body).toString())));
  const pairs = Object.entries(kept).map(([key, value]): [string, string] => [key, queryText(value)]);
  return Buffer.from(new URLSearchParams(pairs).toString());
}

function keptJambonz(json: unknown): Json {
  if (!isObject(json)) return {};
  return Object.fromEntries(
    Object.entries(json).map(([key, value]): [string, unknown] => {
      if (key === 'customer_data') return [key, tagOf(json) ?? null];
      // Jambonz, too, writes null for what is unknown.
      if (!JAMBONZ_KEYS.has(key) || typeof value === 'object') return [key, null];
      return [key, typeof value === 'string' ? withoutUriSecrets(value) : value];
    }),
  );
}

/** Protobuf's JSON has no null, so that an empty text stands for what is not kept. */
function keptOf(value: unknown, field: Field | undefined): unknown {
  if (field === undefined) return '';
  if (field === true) return isObject(value) || Array.isArray(value) ? '' : value;
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, keptOf(inner, field[key])]));
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

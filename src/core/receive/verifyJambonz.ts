import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Moment } from '../call/callEvent.ts';

/** Why a webhook failed verification. These are label values of `sipwhy_webhooks_total`. */
export const REFUSALS = [
  'missing_signature',
  'malformed_signature',
  'stale_signature',
  'bad_signature',
  'missing_credentials',
  'no_secret',
  'bad_credentials',
] as const;
export type Refusal = (typeof REFUSALS)[number];

type Verification =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: Refusal;
      /** How far the time of a signature that is otherwise right is ahead of now; negative if it is past. */
      readonly secondsAhead?: number;
    };

export interface WebhookTrust {
  /** The signing secrets, any of which may have signed; empty if none is configured. */
  readonly secrets: readonly string[];
  /** `user:password` of HTTP basic authentication; `undefined` if none is configured. */
  readonly basicAuth: string | undefined;
  /** How far the signature's time may differ from now, in either direction. */
  readonly toleranceSeconds: number;
}

export interface Delivery {
  readonly method: 'GET' | 'POST';
  /** The raw bytes of the body, exactly as received. */
  readonly body: Uint8Array;
  /** The `Jambonz-Signature` header. */
  readonly signature: string | undefined;
  /** The `Authorization` header. */
  readonly authorization: string | undefined;
  /** Whether a proxy passed it on, so that it may come from another machine. */
  readonly isForwarded?: boolean;
}

const OK: Verification = { ok: true };

/**
 * Verifies a webhook before its body is parsed. `now` in epoch milliseconds. A signed POST needs no credentials. GET and
 * WebSocket hooks cannot be signed, so they need basic credentials if a secret is configured. If nothing is configured, only
 * this machine may send webhooks: the service then listens on loopback, and a proxy would open it to others.
 */
export function verify(trust: WebhookTrust, delivery: Delivery, now: number): Verification {
  if (trust.secrets.length > 0 && delivery.method === 'POST') return verifySignature(trust, delivery, now);
  if (trust.basicAuth !== undefined) return verifyCredentials(trust.basicAuth, delivery.authorization);
  if (trust.secrets.length > 0) return { ok: false, reason: 'missing_credentials' };
  return delivery.isForwarded ? { ok: false, reason: 'no_secret' } : OK;
}

/** The parts of `Jambonz-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>." + body>`. */
export interface Signature {
  readonly timeSeconds: number;
  readonly digests: readonly string[];
}

/** The latest header and its parts: each webhook's is needed several times in a row. */
let latest: { readonly header: string; readonly signature: Signature | undefined } = {
  header: '',
  signature: undefined,
};

/** Parses the header; `undefined` if it does not have the documented form. */
export function parseSignature(header: string): Signature | undefined {
  if (latest.header !== header) latest = { header, signature: partsOf(header) };
  return latest.signature;
}

/** The header as Jambonz writes it. */
const AS_WRITTEN = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/;

function partsOf(header: string): Signature | undefined {
  const [, time, digest] = AS_WRITTEN.exec(header) ?? [];
  if (time !== undefined && digest !== undefined) return { timeSeconds: Number(time), digests: [digest] };
  let timeSeconds: number | undefined;
  const digests: string[] = [];
  for (const part of header.split(',')) {
    const [key, value = ''] = part.trim().split('=', 2);
    if (key === 't' && /^\d{1,12}$/.test(value)) timeSeconds = Number(value);
    // timingSafeEqual throws on unequal lengths, so the length is checked here.
    if (key === 'v1' && /^[0-9a-f]{64}$/i.test(value)) digests.push(value.toLowerCase());
  }
  return timeSeconds === undefined || digests.length === 0 ? undefined : { timeSeconds, digests };
}

function verifySignature(trust: WebhookTrust, delivery: Delivery, now: number): Verification {
  if (delivery.signature === undefined) return { ok: false, reason: 'missing_signature' };
  const signature = parseSignature(delivery.signature);
  if (!signature) return { ok: false, reason: 'malformed_signature' };
  // The digest is compared before the time, to distinguish a stale webhook from a forged one.
  const isOurs = trust.secrets.some((secret) => {
    const expected = createHmac('sha256', keyOf(secret))
      .update(`${signature.timeSeconds}.`)
      .update(delivery.body)
      .digest();
    return signature.digests.some((digest) => timingSafeEqual(expected, Buffer.from(digest, 'hex')));
  });
  if (!isOurs) return { ok: false, reason: 'bad_signature' };
  const secondsAhead = signature.timeSeconds - now / 1000;
  if (Math.abs(secondsAhead) <= trust.toleranceSeconds) return OK;
  return { ok: false, reason: 'stale_signature', secondsAhead };
}

/** The secrets as keys, which are made once: there are few. */
const keys = new Map<string, KeyObject>();

function keyOf(secret: string): KeyObject {
  const key = keys.get(secret) ?? createSecretKey(secret, 'utf8');
  keys.set(secret, key);
  return key;
}

function verifyCredentials(basicAuth: string, authorization: string | undefined): Verification {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return { ok: false, reason: 'missing_credentials' };
  // The digests have equal length, so the comparison takes the same time for any input.
  const digest = (text: string | Buffer) => createHmac('sha256', 'basic').update(text).digest();
  const same = timingSafeEqual(digest(Buffer.from(encoded, 'base64')), digest(basicAuth));
  return same ? OK : { ok: false, reason: 'bad_credentials' };
}

/** How long after its signature, in milliseconds, a webhook may arrive for its arrival to count as its time. */
const PROMPT_MS = 3_000;

/**
 * When the event of a webhook happened: its arrival, exact to the millisecond. For a late delivery, such as a retry, it
 * is the time of the signature, which is that of the first try and exact to the second.
 */
export function momentOf(receivedAt: number, signature: string | undefined): Moment {
  const signedAt = signature === undefined ? undefined : parseSignature(signature)?.timeSeconds;
  if (signedAt === undefined || Math.abs(receivedAt - signedAt * 1000) <= PROMPT_MS) {
    return { at: receivedAt, receivedAt, precise: true };
  }
  return { at: signedAt * 1000, receivedAt, precise: false };
}

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Moment } from '../call/callEvent.ts';

/** Why a webhook was not believed. These are label values of `sipwhy_webhooks_total`. */
export const REFUSALS = [
  'missing_signature',
  'malformed_signature',
  'stale_signature',
  'bad_signature',
  'missing_credentials',
  'bad_credentials',
] as const;
export type Refusal = (typeof REFUSALS)[number];

export type Verification = { readonly ok: true } | { readonly ok: false; readonly reason: Refusal };

export interface WebhookTrust {
  /** Signing secrets of which any one may have signed; empty when none is configured. */
  readonly secrets: readonly string[];
  /** `user:password` of HTTP basic authentication; `undefined` when none is configured. */
  readonly basicAuth: string | undefined;
  /** How far the signature's time may be from now, either way. */
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
}

const OK: Verification = { ok: true };

/**
 * Verifies a webhook before anything of it is parsed. A signed POST needs no credentials; what cannot be signed
 * (GET, WebSocket) needs basic credentials as soon as a secret is configured, and is refused without them.
 */
export function verify(trust: WebhookTrust, delivery: Delivery, now: number): Verification {
  if (trust.secrets.length > 0 && delivery.method === 'POST') return verifySignature(trust, delivery, now);
  if (trust.basicAuth !== undefined) return verifyCredentials(trust.basicAuth, delivery.authorization);
  if (trust.secrets.length > 0) return { ok: false, reason: 'missing_credentials' };
  return OK;
}

/** The parts of `Jambonz-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>." + body>`. */
export interface Signature {
  readonly timeSeconds: number;
  readonly digests: readonly string[];
}

/** Reads the header; `undefined` when it does not have the documented form. */
export function parseSignature(header: string): Signature | undefined {
  let timeSeconds: number | undefined;
  const digests: string[] = [];
  for (const part of header.split(',')) {
    const [key, value = ''] = part.trim().split('=', 2);
    if (key === 't' && /^\d{1,12}$/.test(value)) timeSeconds = Number(value);
    // The shape is tested here because timingSafeEqual throws on unequal lengths.
    if (key === 'v1' && /^[0-9a-f]{64}$/i.test(value)) digests.push(value.toLowerCase());
  }
  return timeSeconds === undefined || digests.length === 0 ? undefined : { timeSeconds, digests };
}

function verifySignature(trust: WebhookTrust, delivery: Delivery, now: number): Verification {
  if (delivery.signature === undefined) return { ok: false, reason: 'missing_signature' };
  const signature = parseSignature(delivery.signature);
  if (!signature) return { ok: false, reason: 'malformed_signature' };
  // A digest is compared before the time, so that a stale webhook of our own is told from a forged one.
  const isOurs = trust.secrets.some((secret) => {
    const expected = createHmac('sha256', secret).update(`${signature.timeSeconds}.`).update(delivery.body).digest();
    return signature.digests.some((digest) => timingSafeEqual(expected, Buffer.from(digest, 'hex')));
  });
  if (!isOurs) return { ok: false, reason: 'bad_signature' };
  const ageSeconds = Math.abs(now / 1000 - signature.timeSeconds);
  return ageSeconds <= trust.toleranceSeconds ? OK : { ok: false, reason: 'stale_signature' };
}

function verifyCredentials(basicAuth: string, authorization: string | undefined): Verification {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return { ok: false, reason: 'missing_credentials' };
  // Equal-length digests make the comparison constant in time whatever was sent.
  const digest = (text: string | Buffer) => createHmac('sha256', 'basic').update(text).digest();
  const same = timingSafeEqual(digest(Buffer.from(encoded, 'base64')), digest(basicAuth));
  return same ? OK : { ok: false, reason: 'bad_credentials' };
}

/** How much later than it was signed, in milliseconds, a webhook may arrive and still be dated by its arrival. */
const PROMPT_MS = 3_000;

/**
 * When a webhook's event happened. The arrival says it to the millisecond, unless the delivery was late, as a retry is:
 * then the signature's time, which is that of the first try, says it to the second.
 */
export function momentOf(receivedAt: number, signature: string | undefined): Moment {
  const signedAt = signature === undefined ? undefined : parseSignature(signature)?.timeSeconds;
  if (signedAt === undefined || Math.abs(receivedAt - signedAt * 1000) <= PROMPT_MS) {
    return { at: receivedAt, receivedAt, precise: true };
  }
  return { at: signedAt * 1000, receivedAt, precise: false };
}

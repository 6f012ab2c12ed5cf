import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Why a webhook of LiveKit failed verification. These are label values of `sipwhy_webhooks_total`. */
export const LIVEKIT_REFUSALS = [
  'no_key',
  'missing_token',
  'malformed_token',
  'unknown_key',
  'bad_signature',
  'expired_token',
  'body_mismatch',
] as const;
export type LiveKitRefusal = (typeof LIVEKIT_REFUSALS)[number];

type LiveKitVerification =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: LiveKitRefusal;
      /** How far the time of a token that is otherwise right is ahead of now; negative if it is past. */
      readonly secondsAhead?: number;
    };

export interface LiveKitTrust {
  /** The API keys, any of which may have signed; empty if none is configured. */
  readonly keys: readonly { readonly key: string; readonly secret: string }[];
  /** How far LiveKit's clock may differ from ours, in either direction. */
  readonly toleranceSeconds: number;
  /** Whether unverified webhooks are accepted if there is no key. Only from this machine, if nobody else can reach it. */
  readonly acceptsUnsigned: boolean;
}

const OK: LiveKitVerification = { ok: true };
/** A token has three short parts, so a longer header is not a token. */
const MAX_TOKEN_LENGTH = 4096;

/**
 * Verifies a webhook as LiveKit signs it: `Authorization` holds a JWT (HS256) whose issuer is the API key and whose
 * `sha256` claim is the base64 of the body's SHA-256. `now` in epoch milliseconds. For a service without a key, see
 * `acceptsUnsigned`.
 * Source: github.com/livekit/protocol, package webhook.
 */
export function verifyLiveKit(
  trust: LiveKitTrust,
  authorization: string | undefined,
  body: Uint8Array,
  now: number,
): LiveKitVerification {
  if (trust.keys.length === 0) return trust.acceptsUnsigned ? OK : refused('no_key');
  const token = authorization && tokenIn(authorization);
  if (!token) return refused('missing_token');
  const parts = token.length > MAX_TOKEN_LENGTH ? [] : token.split('.');
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || !header || !payload || !signature) return refused('malformed_token');
  // The issuer selects the secret. Nothing else in the token is used before its signature is verified.
  const claims = objectOf(payload);
  // LiveKit signs with HS256 only. Accepting "none" or another algorithm would let anyone forge a token.
  if (!claims || objectOf(header)?.alg !== 'HS256') return refused('malformed_token');
  const secrets = trust.keys.filter(({ key }) => key === claims.iss).map(({ secret }) => secret);
  if (secrets.length === 0) return refused('unknown_key');
  const sent = Buffer.from(signature, 'base64url');
  const isSigned = secrets.some((secret) =>
    equal(sent, createHmac('sha256', secret).update(`${header}.${payload}`).digest()),
  );
  if (!isSigned) return refused('bad_signature');

  const { exp, nbf, sha256 } = claims;
  const seconds = now / 1000;
  // A token without an expiry could be replayed forever. LiveKit always sets one.
  if (typeof exp !== 'number') return refused('expired_token');
  const isEarly = typeof nbf === 'number' && seconds < nbf - trust.toleranceSeconds;
  if (isEarly || seconds > exp + trust.toleranceSeconds) {
    // LiveKit's tokens are valid from when they are signed.
    return { ok: false, reason: 'expired_token', secondsAhead: (typeof nbf === 'number' ? nbf : exp) - seconds };
  }
  if (typeof sha256 !== 'string') return refused('body_mismatch');
  const hash = createHash('sha256').update(body).digest();
  return equal(Buffer.from(sha256, 'base64'), hash) ? OK : refused('body_mismatch');
}

/** What the token of an `Authorization` header signs: its header and its claims, as they are encoded. */
export function signedPart(authorization: string): string {
  const token = tokenIn(authorization);
  const end = token.lastIndexOf('.');
  return end < 0 ? token : token.slice(0, end);
}

function tokenIn(authorization: string): string {
  return authorization.replace(/^Bearer +/i, '').trim();
}

function refused(reason: LiveKitRefusal): LiveKitVerification {
  return { ok: false, reason };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  // timingSafeEqual throws on unequal lengths. The length of a digest is not secret.
  return a.length === b.length && timingSafeEqual(a, b);
}

function objectOf(part: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    // The cast: an object that is not an array has text keys, and its values stay unknown.
    return typeof json === 'object' && json !== null && !Array.isArray(json)
      ? (json as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

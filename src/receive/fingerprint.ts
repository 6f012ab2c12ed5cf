import { createHash } from 'node:crypto';

/** By what a repeated delivery is known. */
export interface Fingerprint {
  readonly digest: string;
  /** How long, in milliseconds, another delivery with this digest is a repeat; a signed one is for ever. */
  readonly repeatWithinMs: number;
}

const UNSIGNED_REPEAT_MS = 500;

/**
 * A repeat is the same body with the same signature header, since a retry carries the header of the first try; where
 * there is none, the same body shortly after, since two webhooks of a call may well have equal bodies.
 */
export function fingerprint(kind: string, body: Uint8Array, signature: string | undefined): Fingerprint {
  const hash = createHash('sha256')
    .update(`${kind}\n${signature ?? ''}\n`)
    .update(body);
  return {
    digest: hash.digest('base64url'),
    repeatWithinMs: signature === undefined ? UNSIGNED_REPEAT_MS : Number.POSITIVE_INFINITY,
  };
}

/**
 * A repeat of a webhook of LiveKit has the same event id, whatever else changed, such as the token of a retry. One
 * without an id is known as Jambonz's are.
 */
export function liveKitFingerprint(id: string | undefined, body: Uint8Array, token: string | undefined): Fingerprint {
  if (id === undefined) return fingerprint('livekit', body, token);
  const digest = createHash('sha256').update(`livekit_event\n${id}`).digest('base64url');
  return { digest, repeatWithinMs: Number.POSITIVE_INFINITY };
}

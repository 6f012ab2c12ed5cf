import { createHash } from 'node:crypto';
import type { CallEvent, Moment } from '../call/callEvent.ts';
import type { LiveKitEvent } from '../call/livekitEvent.ts';
import { readBody, readQuery } from './jambonzWebhook.ts';
import { readLiveKit } from './livekitWebhook.ts';

/** What of a webhook is to be passed on besides its body. */
export interface ForwardedAs {
  readonly method: 'GET' | 'POST';
  readonly query: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
}

/** A verified webhook as the log keeps it: its bytes, and what cannot be read from them. */
export interface Webhook {
  /** Random: by it the store knows a webhook that it has already. */
  readonly id: string;
  readonly source: 'call_status' | 'dial_action' | 'livekit';
  /** `query`: it came with GET, and the bytes are the query of its URL. */
  readonly form: 'json' | 'query';
  readonly moment: Moment;
  /** Fingerprint by which a repeated delivery is known, and for how many milliseconds it counts as one. */
  readonly digest: string;
  readonly repeatWithinMs: number;
  /** How it came, where it is to be passed on. */
  readonly passOn?: ForwardedAs;
  readonly body: Uint8Array;
}

/** What became of a webhook; `store_busy`: they come faster than they can be written down, and it was not taken. */
export type TakeResult = 'accepted' | 'repeated' | 'store_busy';

export type WebhookEvent = CallEvent | LiveKitEvent;

/** The bytes of a record: the length of the header, the header as JSON, the body. */
export function encodeWebhook({ body, repeatWithinMs, ...header }: Webhook): Buffer {
  const isForever = repeatWithinMs === Number.POSITIVE_INFINITY;
  const json = Buffer.from(JSON.stringify(isForever ? header : { ...header, repeatWithinMs }));
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, body]);
}

/** Reads what `encodeWebhook` wrote. */
export function decodeWebhook(payload: Buffer): Webhook {
  const end = 4 + payload.readUInt32LE(0);
  // The cast is what encodeWebhook wrote.
  const header = JSON.parse(payload.toString('utf8', 4, end)) as Omit<Webhook, 'body' | 'repeatWithinMs'> & {
    repeatWithinMs?: number;
  };
  return { repeatWithinMs: Number.POSITIVE_INFINITY, ...header, body: payload.subarray(end) };
}

/** The event in a webhook; `undefined` where this version cannot read what another took. */
export function eventOf({ source, form, moment, body }: Webhook): WebhookEvent | undefined {
  if (source === 'livekit') {
    const reading = readLiveKit(body, moment.receivedAt);
    return reading.ok ? reading.event : undefined;
  }
  const reading =
    form === 'query'
      ? readQuery(source, new URLSearchParams(Buffer.from(body).toString()), moment)
      : readBody(source, body, moment);
  return reading.ok ? reading.event : undefined;
}

/** A record of the log as a webhook with its event; `undefined` where this version cannot read what another wrote. */
export function readRecord(payload: Buffer): (Webhook & { readonly event: WebhookEvent }) | undefined {
  try {
    const webhook = decodeWebhook(payload);
    const event = eventOf(webhook);
    return event && { ...webhook, event };
  } catch {
    return undefined;
  }
}

/** A place in the log of webhooks: a byte of one of its segments, which are numbered in the order of their writing. */
export interface JournalPosition {
  readonly segment: number;
  readonly offset: number;
}

export const JOURNAL_START: JournalPosition = { segment: 0, offset: 0 };

export function isBefore(a: JournalPosition, b: JournalPosition): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);
}

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

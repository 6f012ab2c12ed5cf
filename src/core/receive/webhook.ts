import { hash } from 'node:crypto';
import type { CallEvent, Moment } from '../call/callEvent.ts';
import type { LiveKitEvent } from '../call/livekitEvent.ts';
import { readBody, readQuery } from './jambonzWebhook.ts';
import { readLiveKit } from './livekitWebhook.ts';
import { parseSignature } from './verifyJambonz.ts';
import { signedPart } from './verifyLiveKit.ts';

/** What an older version noted of a webhook to forward, besides its body. */
interface ForwardedAs {
  readonly method: 'GET' | 'POST';
  readonly query: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
}

/** A verified webhook as the journal keeps it: its bytes, and what cannot be read from them. */
export interface Webhook {
  /** Random, after the time of arrival. The store uses it to recognise a webhook that it already has. */
  readonly id: string;
  readonly source: 'call_status' | 'dial_action' | 'livekit';
  /** `query`: it came by GET, and the bytes are the query of its URL. */
  readonly form: 'json' | 'query';
  readonly moment: Moment;
  /** Identifies a repeated delivery. */
  readonly digest: string;
  /** How long, in milliseconds, a delivery with the same digest counts as a repeat. */
  readonly repeatWithinMs: number;
  readonly passOn?: ForwardedAs;
  /** See `keptBody`. */
  readonly body: Uint8Array;
  /** The whole request as it was received, encrypted, if it is to be forwarded. */
  readonly sealed?: Uint8Array;
}

/** What became of a webhook. `store_busy`: not accepted, because webhooks arrive faster than the disk can write them. */
export type TakeResult = 'accepted' | 'repeated' | 'store_busy';

export type WebhookEvent = CallEvent | LiveKitEvent;

/** The payload of a journal record: the length of the header, the header as JSON, the body, the sealed request. */
export function encodeWebhook({ body, sealed, repeatWithinMs, ...header }: Webhook): Buffer {
  const json = Buffer.from(
    JSON.stringify({
      ...header,
      ...(Number.isFinite(repeatWithinMs) && { repeatWithinMs }),
      ...(sealed && { bodyBytes: body.byteLength }),
    }),
  );
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat(sealed ? [length, json, body, sealed] : [length, json, body]);
}

/** Reads what `encodeWebhook` wrote. */
export function decodeWebhook(payload: Buffer): Webhook {
  const end = 4 + payload.readUInt32LE(0);
  // The cast: encodeWebhook wrote it.
  const { bodyBytes, ...header } = JSON.parse(payload.toString('utf8', 4, end)) as Omit<Webhook, 'body' | 'sealed'> & {
    readonly bodyBytes?: number;
  };
  const rest = payload.subarray(end);
  const isSealed = bodyBytes !== undefined;
  return {
    ...header,
    repeatWithinMs: header.repeatWithinMs ?? Number.POSITIVE_INFINITY,
    body: isSealed ? rest.subarray(0, bodyBytes) : rest,
    ...(isSealed && { sealed: rest.subarray(bodyBytes) }),
  };
}

/** A journal record without what is forwarded of it. */
export function withoutForward(payload: Buffer): Buffer {
  const { passOn: _, sealed: __, ...webhook } = decodeWebhook(payload);
  return encodeWebhook(webhook);
}

/** The event in a webhook; `undefined` if another version accepted it and this one cannot read it. */
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

/** Reads a journal record as a webhook with its event; `undefined` if another version wrote it and this one cannot read it. */
export function readRecord(payload: Buffer): (Webhook & { readonly event: WebhookEvent }) | undefined {
  try {
    const webhook = decodeWebhook(payload);
    const event = eventOf(webhook);
    return event && { ...webhook, event };
  } catch {
    return undefined;
  }
}

/** A position in the journal: a byte offset in one of its segments, which are numbered in the order of writing. */
export interface JournalPosition {
  readonly segment: number;
  readonly offset: number;
}

export const JOURNAL_START: JournalPosition = { segment: 0, offset: 0 };

export function isBefore(a: JournalPosition, b: JournalPosition): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);
}

/** Identifies a repeated delivery. */
export interface Fingerprint {
  readonly digest: string;
  /** How long, in milliseconds, another delivery with this digest counts as a repeat; infinite for a signed one. */
  readonly repeatWithinMs: number;
}

const UNSIGNED_REPEAT_MS = 500;

/**
 * The fingerprint of a Jambonz webhook. A retry carries the signature of the first try, so a repeat has the same body and
 * the same signed time, at whichever hook: the signature covers nothing else. How its header is written does not count,
 * because that needs no secret. Without a signature, a repeat is the same body within 500 ms, because two webhooks of a
 * call may have equal bodies.
 *
 * Versions up to 0.1.0 took the header as it was written. A webhook that they stored counts as new once more if it is
 * repeated after the upgrade.
 */
export function fingerprint(kind: string, body: Uint8Array, signature: string | undefined): Fingerprint {
  const signed = signature === undefined ? undefined : parseSignature(signature);
  if (signed) return identified(`jambonz_signed\n${signed.timeSeconds}`, body);
  return { ...identified(kind, body), repeatWithinMs: UNSIGNED_REPEAT_MS };
}

/** The fingerprint of a status by WebSocket. A repeat has the same `msgid`, if there is one, and the same content. */
export function frameFingerprint(data: Uint8Array, msgid: string | undefined): Fingerprint {
  return msgid === undefined
    ? fingerprint('call_status_frame', data, undefined)
    : identified(`call_status_frame\n${msgid}`, data);
}

/**
 * The fingerprint of a LiveKit webhook. A repeat has the same event id, even if a retry has another token. A webhook
 * without an id is identified by what its token signs: the same signature can be written in several ways.
 */
export function liveKitFingerprint(id: string | undefined, body: Uint8Array, token: string | undefined): Fingerprint {
  if (id !== undefined) return identified(`livekit_event\n${id}`);
  return token === undefined
    ? fingerprint('livekit', body, undefined)
    : identified(`livekit\n${signedPart(token)}`, body);
}

function identified(key: string, body: Uint8Array = new Uint8Array()): Fingerprint {
  const digest = hash('sha256', Buffer.concat([Buffer.from(`${key}\n`), body]), 'base64url');
  return { digest, repeatWithinMs: Number.POSITIVE_INFINITY };
}

import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Moment } from '../call/callEvent.ts';
import { type Reading, readKeys } from './jambonzWebhook.ts';
import { parseJsonBytes } from './readJson.ts';

/** The WebSocket sub-protocol that Jambonz requests. */
export const JAMBONZ_PROTOCOL = 'ws.jambonz.org';

/** One message that Jambonz sends over its WebSocket. */
export type Frame =
  | {
      readonly kind: 'status';
      /** Unique for each message; `undefined` if the sender gives none. */
      readonly msgid: string | undefined;
      readonly b3: string | undefined;
      /** The body that a POST of the same status would have, and its JSON. */
      readonly body: Uint8Array;
      readonly json: unknown;
      readonly reading: Reading;
    }
  /** After a reconnect Jambonz sends nothing else until this is acknowledged. */
  | { readonly kind: 'reconnect'; readonly msgid: string }
  /** A type that a status listener does not need. */
  | { readonly kind: 'other' }
  | { readonly kind: 'malformed' };

const Message = Compile(
  Type.Object({
    type: Type.String({ minLength: 1 }),
    msgid: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    b3: Type.Optional(Type.String({ maxLength: 255 })),
    data: Type.Optional(Type.Unknown()),
  }),
);

/** Reads a text frame: `{"type", "msgid", "call_sid"?, "data", "b3"?}`. */
export function readFrame(frame: Uint8Array, moment: Moment): Frame {
  let message: unknown;
  try {
    message = parseJsonBytes(frame);
  } catch {
    return { kind: 'malformed' };
  }
  if (!Message.Check(message)) return { kind: 'malformed' };
  const { type, msgid, b3, data } = message;
  if (type === 'session:reconnect' && msgid !== undefined) return { kind: 'reconnect', msgid };
  if (type !== 'call:status') return { kind: 'other' };
  const json = data ?? null;
  const body = new TextEncoder().encode(JSON.stringify(json));
  return { kind: 'status', msgid, b3, body, json, reading: readKeys('call_status', json, moment) };
}

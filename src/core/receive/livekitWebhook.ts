import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Moment } from '../call/callEvent.ts';
import {
  LIVEKIT_EVENTS,
  type LiveKitEvent,
  type LiveKitEventName,
  type ReportedParticipant,
  type SipAttributes,
} from '../call/livekitEvent.ts';
import { parseJsonBytes } from './readJson.ts';
import { isTransferReport, readTransfer } from './transferReport.ts';

/** The attribute with the number at the other end: that of the caller. */
export const PHONE_NUMBER = 'sip.phoneNumber';

/** LiveKit's names of the attributes that sipwhy reads. */
const SIP_ATTRIBUTES: Readonly<Record<keyof SipAttributes, string>> = {
  callIdFull: 'sip.callIDFull',
  callId: 'sip.callID',
  trunkId: 'sip.trunkID',
  ruleId: 'sip.ruleID',
  phoneNumber: PHONE_NUMBER,
  trunkPhoneNumber: 'sip.trunkPhoneNumber',
  callStatus: 'sip.callStatus',
};

// Protobuf as JSON: empty and zero values are absent, and 64-bit numbers are text. Unknown keys are kept in the original
// bytes.
const Text = Type.Optional(Type.String({ maxLength: 8192 }));
const Word = Type.String({ maxLength: 255 });
const Count = Type.Optional(Type.Union([Type.Number(), Word]));
const Enum = Type.Optional(Type.Union([Word, Type.Integer()]));
const Room = Type.Object({ sid: Text, name: Text });
const Participant = Type.Object({
  sid: Text,
  identity: Text,
  kind: Enum,
  attributes: Type.Optional(Type.Record(Type.String(), Type.String())),
  disconnectReason: Enum,
  isPublisher: Type.Optional(Type.Boolean()),
});
const Body = Type.Object({
  event: Type.String({ minLength: 1, maxLength: 255 }),
  id: Text,
  createdAt: Count,
  numDropped: Count,
  room: Type.Optional(Room),
  roomEndReason: Enum,
  participant: Type.Optional(Participant),
  track: Type.Optional(Type.Object({ sid: Text, source: Enum, mimeType: Text })),
  job: Type.Optional(
    Type.Object({
      id: Text,
      agentName: Text,
      room: Type.Optional(Room),
      state: Type.Optional(Type.Object({ status: Enum, error: Type.Optional(Type.String()) })),
    }),
  ),
});
type Body = Static<typeof Body>;

/** The fields that sipwhy reads: `true` for a value, and an object for the fields inside one. */
export type Field = true | { readonly [name: string]: Field };
const ROOM = { sid: true, name: true } as const;
export const LIVEKIT_FIELDS: Field = {
  event: true,
  id: true,
  createdAt: true,
  numDropped: true,
  room: ROOM,
  roomEndReason: true,
  participant: {
    sid: true,
    identity: true,
    kind: true,
    attributes: Object.fromEntries(Object.values(SIP_ATTRIBUTES).map((name) => [name, true])),
    disconnectReason: true,
    isPublisher: true,
  },
  track: { sid: true, source: true, mimeType: true },
  job: { id: true, agentName: true, room: ROOM, state: { status: true, error: true } },
};

const shape = Compile(Body);
const named = Compile(Type.Pick(Body, ['event']));

type LiveKitReading =
  | { readonly ok: true; readonly event: LiveKitEvent }
  | { readonly ok: false; readonly fault: string };

/** How long after its creation, in milliseconds, a webhook may arrive for its arrival to count as its time. */
const PROMPT_MS = 3_000;

/**
 * Parses the JSON of a verified webhook of LiveKit. Its time is its arrival. For a late one, such as a retry, it is
 * `createdAt`, which LiveKit gives to the second. In a recording it is always the arrival (`isRecording`).
 */
export function readLiveKit(body: Uint8Array, receivedAt: number, isRecording = false): LiveKitReading {
  let json: unknown;
  try {
    json = parseJsonBytes(body);
  } catch (error) {
    return { ok: false, fault: `The body must be JSON in UTF-8: ${(error as Error).message}` };
  }
  if (isTransferReport(json)) {
    const reading = readTransfer(json);
    if (!reading.ok) return reading;
    const event = eventOf({ event: json.event }, momentOf(receivedAt, undefined));
    return { ok: true, event: { ...event, id: reading.id, transfer: reading.transfer } };
  }
  if (!shape.Check(json)) {
    // An event that this version does not know is kept, whatever its shape.
    if (isNamed(json) && liveKitEventName(json.event) === 'other') {
      return { ok: true, event: eventOf({ event: json.event }, momentOf(receivedAt, undefined)) };
    }
    const [first] = shape.Errors(json);
    return { ok: false, fault: `${first?.instancePath.slice(1) || 'The body'} ${first?.message}` };
  }
  const createdAt = isRecording ? undefined : secondsOf(json.createdAt);
  return { ok: true, event: eventOf(json, momentOf(receivedAt, createdAt)) };
}

const isNamed = (json: unknown): json is { event: string } => named.Check(json);

/** The event's name as a label value; `other` for a name that this version does not know. */
function liveKitEventName(sentName: string): LiveKitEventName | 'other' {
  return LIVEKIT_EVENTS.find((name) => name === sentName) ?? 'other';
}

function eventOf(body: Body, moment: Moment): LiveKitEvent {
  const name = liveKitEventName(body.event);
  const { track, job } = body;
  const room = body.room ?? job?.room;
  return {
    kind: 'livekit',
    ...moment,
    name,
    sentName: body.event,
    id: present(body.id),
    room: room && { sid: present(room.sid), name: present(room.name) },
    roomEndReason: textOf(body.roomEndReason),
    participant: body.participant && participantOf(body.participant, name),
    track: track && { sid: present(track.sid), source: textOf(track.source), mimeType: present(track.mimeType) },
    job: job && {
      id: present(job.id),
      agentName: present(job.agentName),
      status: textOf(job.state?.status),
      error: present(job.state?.error),
    },
    dropped: Number(body.numDropped ?? 0) || 0,
  };
}

function participantOf(participant: Static<typeof Participant>, name: string): ReportedParticipant {
  // Only these events carry the whole participant, so in them an absent key means the default value.
  const isWhole = name === 'participant_joined' || name === 'participant_left';
  return {
    sid: present(participant.sid),
    identity: present(participant.identity),
    kind: textOf(participant.kind) ?? (isWhole ? 'STANDARD' : undefined),
    sip: sipOf(participant.attributes ?? {}),
    disconnectReason: textOf(participant.disconnectReason),
    isPublisher: participant.isPublisher ?? (isWhole ? false : undefined),
  };
}

function sipOf(attributes: Readonly<Record<string, string>>): SipAttributes | undefined {
  if (!Object.keys(attributes).some((key) => key.startsWith('sip.'))) return undefined;
  const read = (name: keyof SipAttributes) => present(attributes[SIP_ATTRIBUTES[name]]);
  return {
    callIdFull: read('callIdFull'),
    callId: read('callId'),
    trunkId: read('trunkId'),
    ruleId: read('ruleId'),
    phoneNumber: read('phoneNumber'),
    trunkPhoneNumber: read('trunkPhoneNumber'),
    callStatus: read('callStatus'),
  };
}

function momentOf(receivedAt: number, createdAtSeconds: number | undefined): Moment {
  const createdAt = createdAtSeconds === undefined ? receivedAt : createdAtSeconds * 1000;
  const isPrompt = Math.abs(receivedAt - createdAt) <= PROMPT_MS;
  return isPrompt ? { at: receivedAt, receivedAt, precise: true } : { at: createdAt, receivedAt, precise: false };
}

function secondsOf(value: string | number | undefined): number | undefined {
  const seconds = Number(value);
  return value === undefined || !Number.isFinite(seconds) || seconds <= 0 ? undefined : seconds;
}

function present(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function textOf(value: string | number | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : String(value);
}

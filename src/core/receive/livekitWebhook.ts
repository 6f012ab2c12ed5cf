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

/** The body without the password of the room's TURN server, which room webhooks carry and sipwhy does not need. */
export function withoutSecrets(body: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(body);
  return new TextEncoder().encode(text.replace(/("turnPassword"\s*:\s*")(?:[^"\\]|\\.)*"/g, '$1"'));
}

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
  return {
    callIdFull: present(attributes['sip.callIDFull']),
    callId: present(attributes['sip.callID']),
    trunkId: present(attributes['sip.trunkID']),
    ruleId: present(attributes['sip.ruleID']),
    phoneNumber: present(attributes['sip.phoneNumber']),
    trunkPhoneNumber: present(attributes['sip.trunkPhoneNumber']),
    callStatus: present(attributes['sip.callStatus']),
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

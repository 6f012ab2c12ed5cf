import type { Moment } from './callEvent.ts';
import { isAudio, type LiveKitEvent, type ReportedTransfer, roomKeyOf, type SipAttributes } from './livekitEvent.ts';

/** A participant of a LiveKit room, folded from its webhooks. */
export interface Participant {
  /** Its sid, or its identity where no sid is known. */
  readonly key: string;
  identity: string | undefined;
  /** `undefined` while only track events have named it. */
  kind: string | undefined;
  sip: SipAttributes | undefined;
  /** When the earliest webhook that names it was sent. */
  firstReported: Moment;
  joined: Moment | undefined;
  left: Moment | undefined;
  /** When it failed to connect: it never became active. */
  aborted: Moment | undefined;
  disconnectReason: string | undefined;
  /** Whether it had published anything when it left; `undefined` if LiveKit did not say. */
  wasPublisher: boolean | undefined;
  firstAudio: Moment | undefined;
}

/** A job that LiveKit assigned to an agent worker. */
interface AgentJob {
  readonly key: string;
  agentName: string | undefined;
  started: Moment | undefined;
  ended: Moment | undefined;
  status: string | undefined;
  error: string | undefined;
}

/** A transfer, and when the agent reported it. */
export type Transfer = ReportedTransfer & Moment;

/** How many transfers of one call are kept. */
const MAX_TRANSFERS = 20;

/**
 * A LiveKit room, folded from its webhooks. A repeat changes nothing. The fold keeps the earliest time of each kind, and
 * the first value of each field.
 */
export interface Room {
  readonly key: string;
  name: string | undefined;
  finished: Moment | undefined;
  endReason: string | undefined;
  readonly participants: Map<string, Participant>;
  readonly jobs: Map<string, AgentJob>;
  /** By the times of their reports. Only under the key of one call's transfers. */
  readonly transfers: Map<number, Transfer>;
  /** The largest number of dropped webhooks that LiveKit reported. */
  dropped: number;
  lastReceivedAt: number;
}

export function newRoom(key: string): Room {
  return {
    key,
    name: undefined,
    finished: undefined,
    endReason: undefined,
    participants: new Map(),
    jobs: new Map(),
    transfers: new Map(),
    dropped: 0,
    lastReceivedAt: 0,
  };
}

/** Adds one webhook to its room. Returns the participant that it names; `undefined` if it names none. */
export function addLiveKitEvent(room: Room, event: LiveKitEvent): Participant | undefined {
  const moment: Moment = { at: event.at, receivedAt: event.receivedAt, precise: event.precise };
  room.name ??= event.room?.name;
  room.dropped = Math.max(room.dropped, event.dropped);
  room.lastReceivedAt = Math.max(room.lastReceivedAt, event.receivedAt);
  if (event.name === 'room_finished') {
    room.finished = earlier(room.finished, moment);
    room.endReason ??= event.roomEndReason;
  }
  if (event.name === 'agent_job_started' || event.name === 'agent_job_ended') addJob(room, event, moment);
  if (event.transfer && room.transfers.size < MAX_TRANSFERS) {
    room.transfers.set(event.at, { ...event.transfer, ...moment });
  }
  return addParticipant(room, event, moment);
}

function addJob(room: Room, event: LiveKitEvent, moment: Moment): void {
  const { job } = event;
  const key = job?.id ?? roomKeyOf(event) ?? '';
  const known: AgentJob = room.jobs.get(key) ?? {
    key,
    agentName: undefined,
    started: undefined,
    ended: undefined,
    status: undefined,
    error: undefined,
  };
  room.jobs.set(key, known);
  known.agentName ??= job?.agentName;
  if (event.name === 'agent_job_started') known.started = earlier(known.started, moment);
  else {
    known.ended = earlier(known.ended, moment);
    known.status ??= job?.status;
    known.error ??= job?.error;
  }
}

function addParticipant(room: Room, event: LiveKitEvent, moment: Moment): Participant | undefined {
  const reported = event.participant;
  const key = reported?.sid ?? reported?.identity;
  if (!reported || key === undefined) return undefined;
  const known: Participant = room.participants.get(key) ?? {
    key,
    identity: undefined,
    kind: undefined,
    sip: undefined,
    firstReported: moment,
    joined: undefined,
    left: undefined,
    aborted: undefined,
    disconnectReason: undefined,
    wasPublisher: undefined,
    firstAudio: undefined,
  };
  room.participants.set(key, known);
  known.identity ??= reported.identity;
  known.kind ??= reported.kind;
  known.sip ??= reported.sip;
  known.firstReported = earlier(known.firstReported, moment);
  switch (event.name) {
    case 'participant_joined':
      known.joined = earlier(known.joined, moment);
      break;
    case 'participant_left':
      known.left = earlier(known.left, moment);
      known.disconnectReason ??= reported.disconnectReason;
      known.wasPublisher ??= reported.isPublisher;
      break;
    case 'participant_connection_aborted':
      known.aborted = earlier(known.aborted, moment);
      known.disconnectReason ??= reported.disconnectReason;
      break;
    case 'track_published':
      if (isAudio(event)) known.firstAudio = earlier(known.firstAudio, moment);
      break;
    default:
      break;
  }
  return known;
}

function earlier(a: Moment | undefined, b: Moment): Moment {
  return a && a.at <= b.at ? a : b;
}

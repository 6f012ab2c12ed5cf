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
  /** When LiveKit last moved it to another node: that is no end, see `staysOf`. */
  moved: Moment | undefined;
  /** When it failed to connect: it never became active. */
  aborted: Moment | undefined;
  disconnectReason: string | undefined;
  /** Whether it had published anything when it left; `undefined` if LiveKit did not say. */
  wasPublisher: boolean | undefined;
  firstAudio: Moment | undefined;
}

/** A job that LiveKit assigned to an agent worker. */
export interface AgentJob {
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
  started: Moment | undefined;
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
    started: undefined,
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
  if (event.name === 'room_started') room.started = earlier(room.started, moment);
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

/** LiveKit Cloud asks a participant to connect to another node. */
const MIGRATION = 'MIGRATION';

/**
 * The whole stay of each participant. A participant that LiveKit moves keeps its sid if it resumes, and LiveKit then
 * reports no second joining. If it connects anew it gets another sid, as after any lost connection: two participants with
 * one identity and one SIP Call-ID are one call. Source: livekit-server's `ParticipantActive`, livekit-sip's `room.go`.
 */
export function staysOf({ participants }: Room): Map<Participant, Participant> {
  const stays = new Map<Participant, Participant>();
  for (const same of Map.groupBy(participants.values(), ({ identity, key }) => identity ?? key).values()) {
    let parts: Participant[] = [];
    for (const participant of same.sort((a, b) => a.firstReported.at - b.firstReported.at)) {
      parts = continues(participant, parts.at(-1)) ? [...parts, participant] : [participant];
      const stay = parts.reduce(joinedUp);
      for (const part of parts) stays.set(part, stay);
    }
  }
  return stays;
}

function continues({ sip }: Participant, before: Participant | undefined): boolean {
  if (!before) return false;
  const [callId, callIdBefore] = [sip?.callIdFull, before.sip?.callIdFull];
  if (callId !== undefined && callIdBefore !== undefined) return callId === callIdBefore;
  return before.moved !== undefined;
}

function joinedUp(whole: Participant, part: Participant): Participant {
  const isSilent = whole.wasPublisher === false && part.wasPublisher === false;
  return {
    ...whole,
    kind: whole.kind ?? part.kind,
    sip: whole.sip ?? part.sip,
    joined: whole.joined ?? part.joined,
    left: part.left,
    moved: part.moved ?? whole.moved,
    disconnectReason: part.disconnectReason,
    wasPublisher: whole.wasPublisher || part.wasPublisher || (isSilent ? false : undefined),
    firstAudio: whole.firstAudio ?? part.firstAudio,
  };
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
    moved: undefined,
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
      if (reported.disconnectReason === MIGRATION) {
        known.moved = later(known.moved, moment);
        break;
      }
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

function later(a: Moment | undefined, b: Moment): Moment {
  return a && a.at >= b.at ? a : b;
}

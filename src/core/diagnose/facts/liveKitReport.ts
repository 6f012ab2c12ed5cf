import type { Attempt } from '../../call/call.ts';
import type { Participant, Room } from '../../call/room.ts';
import type { Join } from '../../correlate/join.ts';
import type { SipParticipant } from '../../correlate/rooms.ts';
import { endingOf, endOf } from './ending.ts';

/** What became of the agent, as LiveKit's webhooks tell it. Seconds count from when the call was in the room. */
export type AgentSeen =
  /** No agent was in the room before the call ended. `isLate`: one came afterwards. */
  | { readonly state: 'none'; readonly isLate: boolean }
  /** A worker took the job, and no agent was heard of in the room. */
  | { readonly state: 'job_only'; readonly error: string | undefined }
  /** It was in the room. `wasPublisher`: what LiveKit said when it left; `undefined` while it has not left. */
  | { readonly state: 'silent'; readonly joinedSeconds: number; readonly wasPublisher: boolean | undefined }
  /** It published audio before the call ended. */
  | { readonly state: 'audible'; readonly joinedSeconds: number; readonly audioSeconds: number };

/** The agent of an answered call left while the caller was still there. Seconds since its audio, and until the caller left. */
export interface EarlyLeave {
  readonly afterSeconds: number;
  /** `undefined` while the caller has not left. */
  readonly callerStayedSeconds: number | undefined;
}

/** Why the room ended under a call that was still ringing. `unknown`: it ended at that moment, nothing says why. */
export type RoomClosed = 'deleted' | 'server_shutdown' | 'unknown';

/** LiveKit's participant of the call was heard of: it was let in. */
export interface Admitted {
  readonly kind: 'admitted';
  readonly joinedBy: 'call_id' | 'numbers';
  readonly room: string;
  readonly agent: AgentSeen;
  /** Whether somebody was there who is no agent and might answer in its place. */
  readonly hasOthers: boolean;
  readonly agentLeftEarly: EarlyLeave | undefined;
  readonly roomClosed: RoomClosed | undefined;
  /** Whether the end of the room was heard of, and no webhook is known to be missing: then nothing more is to come. */
  readonly isWhole: boolean;
  /** From the leg's first report, in seconds, to the participant, the agent and its audio; `undefined` where not heard. */
  readonly seconds: {
    readonly participant: number | undefined;
    readonly agent: number | undefined;
    readonly audio: number | undefined;
  };
}

/** What LiveKit's own webhooks say of an attempt. */
export type LiveKitReport =
  /** No webhook of LiveKit's reaches this service, so that absence proves nothing. */
  | { readonly kind: 'unreported' }
  /** Webhooks of other calls arrive, none of this one's. One may still be lost or late. */
  | { readonly kind: 'not_admitted' }
  /** Several participants may be this call. */
  | { readonly kind: 'ambiguous'; readonly participants: number }
  | Admitted;

/** Kinds of participants that never answer a call: recorders, streams, bridges; and other callers. */
const NEVER_ANSWERS: ReadonlySet<string> = new Set(['SIP', 'EGRESS', 'INGRESS', 'CONNECTOR', 'BRIDGE']);
/** How far apart, in milliseconds, two webhooks of the same moment may arrive. */
const SAME_MOMENT_MS = 1_000;
/** An agent that leaves less than this before the caller, in milliseconds, has ended the call with them. */
const EARLY_MS = 2_000;

/** Reads what LiveKit's webhooks say of an attempt. `isHearing`: whether they reach this service at all. */
export function liveKitReportOf(found: Join, attempt: Attempt, isReporting: boolean): LiveKitReport {
  switch (found.kind) {
    case 'none':
      return { kind: isReporting ? 'not_admitted' : 'unreported' };
    case 'ambiguous':
      return { kind: 'ambiguous', participants: found.participants.length };
    case 'joined':
      return admitted(found.by, found.sip, attempt);
  }
}

function admitted(joinedBy: Admitted['joinedBy'], { room, participant }: SipParticipant, attempt: Attempt): Admitted {
  const enteredAt = (participant.joined ?? participant.firstReported).at;
  const endedAt = endOf(attempt)?.at ?? Number.POSITIVE_INFINITY;
  const others = [...room.participants.values()].filter((other) => other !== participant);
  const agents = others.filter(({ kind }) => kind === 'AGENT');
  const agent = agentSeen(agents, room, enteredAt, endedAt);
  const isAnswered = endingOf(attempt).kind === 'answered';
  const beganAt = attempt.leg?.first.at;
  const since = (seconds: number | undefined) =>
    seconds === undefined || beganAt === undefined ? undefined : Math.max(0, enteredAt - beganAt) / 1000 + seconds;
  return {
    kind: 'admitted',
    joinedBy,
    room: room.name ?? room.key,
    agent,
    hasOthers: others.some((other) => other.kind !== 'AGENT' && !NEVER_ANSWERS.has(other.kind ?? '')),
    agentLeftEarly: isAnswered ? earlyLeave(agents, participant, enteredAt) : undefined,
    roomClosed: isAnswered ? undefined : roomClosed(room, participant, enteredAt, endedAt),
    isWhole:
      room.finished !== undefined &&
      room.dropped === 0 &&
      participant.joined !== undefined &&
      participant.left !== undefined,
    seconds: {
      participant: since(0),
      agent: since('joinedSeconds' in agent ? agent.joinedSeconds : undefined),
      audio: since(agent.state === 'audible' ? agent.audioSeconds : undefined),
    },
  };
}

function agentSeen(agents: readonly Participant[], room: Room, enteredAt: number, endedAt: number): AgentSeen {
  // An agent may have been in the room before the call, as in a room that hosts several; one that had left was not there.
  const relevant = agents.filter(({ left }) => left === undefined || left.at >= enteredAt);
  const inTime = relevant.filter((agent) => arrivalOf(agent) <= endedAt && agent.aborted === undefined);
  const after = (at: number) => Math.max(0, at - enteredAt) / 1000;
  const joinedSeconds = Math.min(...inTime.map((agent) => after(arrivalOf(agent))));
  // Audio at the very end came too late: LiveKit’s answer and the end of the dial crossed.
  const audible = inTime.flatMap(({ firstAudio }) =>
    firstAudio && firstAudio.at <= endedAt - SAME_MOMENT_MS ? [firstAudio.at] : [],
  );
  if (audible.length > 0) return { state: 'audible', joinedSeconds, audioSeconds: after(Math.min(...audible)) };
  if (inTime.length > 0) {
    const hasLeft = inTime.every(({ wasPublisher }) => wasPublisher !== undefined);
    const wasPublisher = hasLeft ? inTime.some((agent) => agent.wasPublisher === true || agent.firstAudio) : undefined;
    return { state: 'silent', joinedSeconds, wasPublisher };
  }
  const jobs = [...room.jobs.values()].filter(({ ended }) => ended === undefined || ended.at >= enteredAt);
  const [job] = jobs;
  if (job) return { state: 'job_only', error: jobs.find(({ error }) => error !== undefined)?.error };
  return { state: 'none', isLate: relevant.length > 0 };
}

/** When an agent came, as far as is known: where its joining is lost, no later than its first other webhook. */
function arrivalOf({ joined, firstReported, left }: Participant): number {
  if (joined) return joined.at;
  // Nobody leaves who was not there; when it came is lost, and that it was in time is the likelier.
  return left ? Number.NEGATIVE_INFINITY : firstReported.at;
}

function earlyLeave(agents: readonly Participant[], caller: Participant, enteredAt: number): EarlyLeave | undefined {
  const callerLeftAt = caller.left?.at ?? Number.POSITIVE_INFINITY;
  const spoke = agents.filter(({ firstAudio }) => firstAudio !== undefined && firstAudio.at < callerLeftAt);
  const left = spoke.map((agent) => agent.left?.at ?? Number.POSITIVE_INFINITY).filter((at) => at >= enteredAt);
  // With several agents the last one decides: one may hand the caller over to another.
  const lastLeft = Math.max(...left);
  if (left.length === 0 || !Number.isFinite(lastLeft) || callerLeftAt - lastLeft < EARLY_MS) return undefined;
  const begun = Math.max(enteredAt, Math.min(...spoke.map(({ firstAudio }) => firstAudio?.at ?? enteredAt)));
  return {
    afterSeconds: Math.max(0, lastLeft - begun) / 1000,
    callerStayedSeconds: Number.isFinite(callerLeftAt) ? (callerLeftAt - lastLeft) / 1000 : undefined,
  };
}

function roomClosed(room: Room, caller: Participant, enteredAt: number, endedAt: number): RoomClosed | undefined {
  const { left, disconnectReason } = caller;
  if (left && left.at <= endedAt + SAME_MOMENT_MS) {
    if (disconnectReason === 'SERVER_SHUTDOWN') return 'server_shutdown';
    if (disconnectReason === 'ROOM_DELETED' || disconnectReason === 'ROOM_CLOSED') return 'deleted';
  }
  const { finished } = room;
  if (!finished || finished.at < enteredAt || finished.at > endedAt + SAME_MOMENT_MS) return undefined;
  return room.endReason === 'ROOM_END_API_DELETE' ? 'deleted' : 'unknown';
}

import type { Attempt } from '../../call/call.ts';
import type { Moment } from '../../call/callEvent.ts';
import { type AgentJob, type Participant, type Room, staysOf } from '../../call/room.ts';
import type { Join } from '../../correlate/join.ts';
import type { SipParticipant } from '../../correlate/rooms.ts';
import { endingOf, endOf } from './ending.ts';

/** What the agent did, according to LiveKit's webhooks. Seconds count from when the call entered the room. */
export type AgentSeen =
  /** No agent was in the room before the call ended. `isLate`: one joined afterwards. */
  | { readonly state: 'none'; readonly isLate: boolean }
  /** A worker took the job, but no webhook reported an agent in the room. */
  | { readonly state: 'job_only'; readonly error: string | undefined }
  /** The agent was in the room. `wasPublisher`: what LiveKit said when the agent left; `undefined` until then. */
  | {
      readonly state: 'silent';
      readonly joinedSeconds: number;
      /** When it had left, if that was before the end of the call. */
      readonly leftSeconds: number | undefined;
      readonly wasPublisher: boolean | undefined;
      /** What LiveKit says of its job. */
      readonly error: string | undefined;
    }
  /** The agent published audio before the call ended. */
  | { readonly state: 'audible'; readonly joinedSeconds: number; readonly audioSeconds: number };

/**
 * The agent of an answered call left while the caller was still there. Seconds since the agent's audio, and until the
 * caller left.
 */
export interface EarlyLeave {
  readonly afterSeconds: number;
  /** `undefined` while the caller has not left. */
  readonly callerStayedSeconds: number | undefined;
}

/** When the last agent left, in epoch milliseconds, and LiveKit's reason for it. */
export interface AgentGone {
  readonly at: number;
  readonly reason: string | undefined;
}

/** Why the room ended while the call was still ringing. `unknown`: no webhook says why. */
export type RoomClosed = 'deleted' | 'server_shutdown' | 'unknown';

/** A webhook reported the call's LiveKit participant, so LiveKit let the call in. */
export interface Admitted {
  readonly kind: 'admitted';
  readonly joinedBy: 'call_id' | 'numbers';
  readonly room: string;
  /** The id of the dispatch rule that took the call; `undefined` if LiveKit does not name it. */
  readonly rule: string | undefined;
  /** Whether livekit-sip let the call in but never got into the room. */
  readonly isAborted: boolean;
  readonly agent: AgentSeen;
  /** Whether somebody other than an agent was there who might have answered. */
  readonly hasOthers: boolean;
  readonly agentLeftEarly: EarlyLeave | undefined;
  /** The agent of an answered call left, and nobody else was in the room with the caller from then on. */
  readonly agentGone: AgentGone | undefined;
  /** Nobody but a recorder was in the room with the caller, as far as webhooks report. */
  readonly isAlone: boolean;
  /** How long the room had been open when the caller entered it; `undefined` if no webhook reported its beginning. */
  readonly openedSecondsBefore: number | undefined;
  /** How long the caller was in the room; `undefined` while the caller is there. */
  readonly callerSeconds: number | undefined;
  readonly callerLeft: Moment | undefined;
  /** How long before the caller left LiveKit last moved the caller to another node; `undefined` if it didn't. */
  readonly movedSecondsBefore: number | undefined;
  /** LiveKit's reason for the end of the caller's participant; `undefined` until it has left. */
  readonly leftBecause: string | undefined;
  readonly roomClosed: RoomClosed | undefined;
  /** Whether the end of the room was reported and no webhook is known to be missing, so that nothing more will come. */
  readonly isWhole: boolean;
  /** Seconds from the leg's first report to the participant, the agent and its audio; `undefined` if not reported. */
  readonly seconds: {
    readonly participant: number | undefined;
    readonly agent: number | undefined;
    readonly audio: number | undefined;
  };
}

/** What LiveKit's own webhooks say about an attempt. */
export type LiveKitReport =
  /** No LiveKit webhook reaches this service, so absence proves nothing. */
  | { readonly kind: 'unreported' }
  /** Webhooks for other calls arrive, but none for this one. One may still be lost or late. */
  | { readonly kind: 'not_admitted' }
  /** Several participants may be this call. */
  | { readonly kind: 'ambiguous'; readonly participants: number }
  | Admitted;

/** Whether LiveKit's webhooks name the leg's SIP Call-ID, so that it went to LiveKit, whoever was dialled. */
export function namesCallId(report: LiveKitReport): boolean {
  return report.kind === 'admitted' && report.joinedBy === 'call_id';
}

/** Kinds of participants that never answer a call: recorders, streams, bridges; and other callers. */
const NEVER_ANSWERS: ReadonlySet<string> = new Set(['SIP', 'EGRESS', 'INGRESS', 'CONNECTOR', 'BRIDGE']);
/** How far apart, in milliseconds, two webhooks of the same moment may arrive. */
const SAME_MOMENT_MS = 1_000;
/**
 * An agent that leaves less than this many milliseconds before the caller has ended the call together with the caller.
 */
const EARLY_MS = 2_000;

/** Reads what LiveKit's webhooks say about an attempt. `isReporting`: whether they reach this service at all. */
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
  const stays = staysOf(room);
  const caller = stays.get(participant) ?? participant;
  const enteredAt = (caller.joined ?? caller.firstReported).at;
  const endedAt = endOf(attempt)?.at ?? Number.POSITIVE_INFINITY;
  const others = [...new Set(stays.values())].filter((other) => other !== caller);
  const agents = others.filter(({ kind }) => kind === 'AGENT');
  const isAnswered = endingOf(attempt).kind === 'answered';
  // The leg of an answered call may outlive LiveKit's side of it.
  const goneAt = isAnswered ? Math.min(endedAt, caller.left?.at ?? endedAt) : endedAt;
  // Audio at the very end came too late: LiveKit’s answer and the end of the dial crossed.
  const heardUntil = isAnswered ? goneAt : endedAt - SAME_MOMENT_MS;
  const agent = agentSeen(agents, room, { enteredAt, endedAt: goneAt, heardUntil });
  const beganAt = attempt.leg?.first.at;
  const since = (seconds: number | undefined) =>
    seconds === undefined || beganAt === undefined ? undefined : Math.max(0, enteredAt - beganAt) / 1000 + seconds;
  return {
    kind: 'admitted',
    joinedBy,
    room: room.name ?? room.key,
    rule: caller.sip?.ruleId,
    isAborted: caller.aborted !== undefined && caller.joined === undefined,
    agent,
    hasOthers: others.some((other) => other.kind !== 'AGENT' && !NEVER_ANSWERS.has(other.kind ?? '')),
    leftBecause: caller.disconnectReason,
    agentLeftEarly: isAnswered ? earlyLeave(agents, caller, enteredAt) : undefined,
    agentGone: isAnswered ? agentGone(others, enteredAt) : undefined,
    isAlone: !others.some((other) => other.kind !== 'EGRESS' && wasThere(other, enteredAt, goneAt)),
    openedSecondsBefore: room.started && Math.max(0, enteredAt - room.started.at) / 1000,
    callerSeconds: Number.isFinite(goneAt) ? Math.max(0, goneAt - enteredAt) / 1000 : undefined,
    callerLeft: caller.left,
    movedSecondsBefore: caller.moved && Number.isFinite(goneAt) ? (goneAt - caller.moved.at) / 1000 : undefined,
    roomClosed: isAnswered ? undefined : roomClosed(room, caller, enteredAt, endedAt),
    isWhole:
      room.finished !== undefined && room.dropped === 0 && caller.joined !== undefined && caller.left !== undefined,
    seconds: {
      participant: since(0),
      agent: since('joinedSeconds' in agent ? agent.joinedSeconds : undefined),
      audio: since(agent.state === 'audible' ? agent.audioSeconds : undefined),
    },
  };
}

/** When the caller was in the room, and until when audio was heard, in epoch milliseconds. */
interface Stay {
  readonly enteredAt: number;
  readonly endedAt: number;
  readonly heardUntil: number;
}

function agentSeen(agents: readonly Participant[], room: Room, { enteredAt, endedAt, heardUntil }: Stay): AgentSeen {
  // In a room that hosts several calls, an agent may have joined before this call; one that had already left doesn't
  // count.
  const relevant = agents.filter(({ left }) => left === undefined || left.at >= enteredAt);
  const inTime = relevant.filter((agent) => arrivalOf(agent) <= endedAt && agent.aborted === undefined);
  const after = (at: number) => Math.max(0, at - enteredAt) / 1000;
  const joinedSeconds = Math.min(...inTime.map((agent) => after(arrivalOf(agent))));
  const audible = inTime.flatMap(({ firstAudio }) =>
    firstAudio && firstAudio.at <= heardUntil ? [firstAudio.at] : [],
  );
  if (audible.length > 0) return { state: 'audible', joinedSeconds, audioSeconds: after(Math.min(...audible)) };
  // The job of an agent that came and went before this call was another call's.
  const isOver = (job: AgentJob) =>
    agents.some(({ joined, left }) => joined && left && left.at < enteredAt && joined.at >= (job.started ?? joined).at);
  const jobs = [...room.jobs.values()].filter(
    (job) => (job.ended === undefined || job.ended.at >= enteredAt) && !isOver(job),
  );
  const error = jobs.find((job) => job.error !== undefined)?.error;
  if (inTime.length > 0) {
    const hasLeft = inTime.every(({ wasPublisher }) => wasPublisher !== undefined);
    const wasPublisher = hasLeft ? inTime.some((agent) => agent.wasPublisher === true || agent.firstAudio) : undefined;
    const lastLeft = Math.max(...inTime.map(({ left }) => left?.at ?? Number.POSITIVE_INFINITY));
    const leftSeconds = lastLeft < endedAt - SAME_MOMENT_MS ? after(lastLeft) : undefined;
    return { state: 'silent', joinedSeconds, leftSeconds, wasPublisher, error };
  }
  if (jobs.length > 0) return { state: 'job_only', error };
  return { state: 'none', isLate: relevant.length > 0 };
}

/** When an agent joined, as far as known: if that webhook is lost, the time of the agent's first other webhook. */
function arrivalOf({ joined, firstReported, left }: Participant): number {
  if (joined) return joined.at;
  // Whoever left had joined. The time is lost; most likely the agent joined in time.
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

/** Whether a participant got into the room, and was there at some time from `from` to `to`, in epoch milliseconds. */
function wasThere(other: Participant, from: number, to = Number.POSITIVE_INFINITY): boolean {
  const { joined, left, aborted } = other;
  return !(aborted && !joined) && !(left && left.at < from) && arrivalOf(other) <= to;
}

/** Kinds of participants that are no company for a caller. */
const NO_COMPANY: ReadonlySet<string> = new Set(['EGRESS', 'INGRESS']);
/**
 * Reasons for which an agent leaves a room that stays open. After STATE_MISMATCH an agent is told to connect anew, and is
 * gone if it doesn't. DUPLICATE_IDENTITY isn't one: the agent is there, under another sid.
 */
const LEAVES_ROOM: ReadonlySet<string> = new Set([
  'CLIENT_INITIATED',
  'AGENT_ERROR',
  'CONNECTION_TIMEOUT',
  'SIGNAL_CLOSE',
  'STATE_MISMATCH',
  'MEDIA_FAILURE',
  'PARTICIPANT_REMOVED',
]);

// Anybody may take over from an agent: another agent, a person, or a telephone that the agent called.
function agentGone(others: readonly Participant[], enteredAt: number): AgentGone | undefined {
  const company = others.filter((other) => !NO_COMPANY.has(other.kind ?? '') && wasThere(other, enteredAt));
  const times = company.map(({ left }) => left?.at ?? Number.POSITIVE_INFINITY);
  const at = Math.max(...times);
  const last = company[times.indexOf(at)];
  if (last?.left === undefined || last.kind !== 'AGENT') return undefined;
  const reason = last.disconnectReason;
  return reason === undefined || LEAVES_ROOM.has(reason) ? { at, reason } : undefined;
}

function roomClosed(room: Room, caller: Participant, enteredAt: number, endedAt: number): RoomClosed | undefined {
  const { left, disconnectReason } = caller;
  if (left && left.at <= endedAt + SAME_MOMENT_MS) {
    if (disconnectReason === 'SERVER_SHUTDOWN') return 'server_shutdown';
    if (disconnectReason === 'ROOM_DELETED' || disconnectReason === 'ROOM_CLOSED') return 'deleted';
  }
  const { finished } = room;
  if (!finished || finished.at < enteredAt || finished.at > endedAt + SAME_MOMENT_MS) return undefined;
  // A room that everybody has left ends by itself.
  if (left && left.at < finished.at - SAME_MOMENT_MS) return undefined;
  return room.endReason === 'ROOM_END_API_DELETE' ? 'deleted' : 'unknown';
}

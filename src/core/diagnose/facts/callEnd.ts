import type { Attempt } from '../../call/call.ts';
import type { Moment } from '../../call/callEvent.ts';
import type { LiveKitReport } from './liveKitReport.ts';

/**
 * Who ended an answered call. `far_end`: the dialled side, which is LiveKit for a leg to LiveKit. `jambonz`: Jambonz, or
 * the application through it.
 */
export const ENDED_BY = ['caller', 'far_end', 'jambonz', 'unknown'] as const;
export type EndedBy = (typeof ENDED_BY)[number];

/** An answered call that lasts less than this many seconds is short: hardly anything was said. */
export const SHORT_SECONDS = 10;

/** How an answered call ended. */
export interface CallEnd {
  readonly by: EndedBy;
  /** From the answer to the end; absent if the answer's time is unknown. */
  readonly seconds?: number;
  /** Whether `seconds` is good to a few milliseconds. */
  readonly precise: boolean;
  /** How long before the end the agent had left the caller alone; absent if it had not, or if no webhook says so. */
  readonly aloneSeconds?: number;
  /** Whether the caller's participant had left LiveKit's room by then. */
  readonly leftBefore: boolean;
  /** Whether the caller's leg outlived the call: the application went on with it. */
  readonly callerStayed: boolean;
}

/** How an answered call ended; `undefined` if no webhook reported an end. */
export function callEndOf(attempt: Attempt, report: LiveKitReport): CallEnd | undefined {
  const end = endMoment(attempt, report);
  if (!end) return undefined;
  const gone = report.kind === 'admitted' ? report.agentGone : undefined;
  const answer = answerMoment(attempt, end);
  const aloneSeconds = gone && (end.at - Math.max(gone.at, answer?.at ?? gone.at)) / 1000;
  return {
    by: endedBy(attempt, report),
    ...(answer && { seconds: Math.max(0, end.at - answer.at) / 1000 }),
    precise: Boolean(answer?.precise && end.precise),
    ...(aloneSeconds !== undefined && aloneSeconds > 0 && { aloneSeconds }),
    leftBefore: report.kind === 'admitted' && report.callerLeft !== undefined && report.callerLeft.at <= end.at,
    callerStayed: hasCallerStayed(attempt),
  };
}

/** When the call ended, by the webhook that tells it best. */
function endMoment({ leg, parent, dialResult }: Attempt, report: LiveKitReport): Moment | undefined {
  const left = report.kind === 'admitted' ? report.callerLeft : undefined;
  // The caller's leg may outlive the call, and LiveKit reports a crash late.
  const others = [left, parent?.final].filter((moment) => moment !== undefined).sort((a, b) => a.at - b.at);
  return leg?.final ?? dialResult ?? others[0];
}

function answerMoment({ leg }: Attempt, end: Moment): Moment | undefined {
  if (leg?.answered) return leg.answered;
  // The answer's webhook is lost, but the leg's end tells how long it lasted.
  if (leg?.durationSeconds === undefined) return undefined;
  return { ...end, at: end.at - leg.durationSeconds * 1000, precise: false };
}

/** How far apart, in milliseconds, the ends of both legs are reported if one caused the other. */
const SAME_MOMENT_MS = 1_500;
/** Jambonz reports both legs at once if it ends them; if the far end hung up, the application first has its say. */
const APPLICATION_MS = 100;

/** LiveKit's reasons for which the caller's participant left although the caller had not hung up. */
const FROM_LIVEKIT: ReadonlySet<string> = new Set([
  'ROOM_DELETED',
  'ROOM_CLOSED',
  'PARTICIPANT_REMOVED',
  'SERVER_SHUTDOWN',
]);

// Jambonz says of the caller's leg whether its caller ended it. Its dial hook says whether the caller was still there
// when the dialled leg had ended: the leg is then in progress.
function endedBy({ leg, parent, dialResult, isDialled }: Attempt, report: LiveKitReport): EndedBy {
  const reason = report.kind === 'admitted' ? report.leftBecause : undefined;
  const saidByLiveKit = reason !== undefined && FROM_LIVEKIT.has(reason) ? 'far_end' : undefined;
  if (!isDialled) {
    // For a leg that Jambonz placed itself, no webhook says which side `caller` means.
    if (leg?.direction === 'outbound') return saidByLiveKit ?? 'unknown';
    return partyOf(leg?.terminatedBy);
  }
  if (dialResult?.callerStatus === 'in-progress') return 'far_end';
  const who = partyOf(parent?.terminatedBy);
  if (dialResult?.callerStatus === 'completed' && who === 'caller') return 'caller';
  if (saidByLiveKit) return saidByLiveKit;
  if (!parent?.final || !leg?.final) return dialResult ? who : 'unknown';
  const laterMs = parent.final.at - leg.final.at;
  if (laterMs > SAME_MOMENT_MS) return 'far_end';
  if (who !== 'jambonz' || dialResult) return who;
  if (!parent.final.precise || !leg.final.precise) return 'unknown';
  return laterMs >= APPLICATION_MS ? 'far_end' : 'unknown';
}

function partyOf(terminatedBy: string | undefined): EndedBy {
  return terminatedBy === 'caller' || terminatedBy === 'jambonz' ? terminatedBy : 'unknown';
}

/** How long, in milliseconds, the caller's leg lasts at most after a call whose end also ends it. */
const CALLER_LEAVES_MS = 3_000;

function hasCallerStayed({ leg, parent, isDialled }: Attempt): boolean {
  if (!isDialled || !leg?.final) return false;
  if (!parent) return false;
  return parent.final === undefined || parent.final.at - leg.final.at > CALLER_LEAVES_MS;
}

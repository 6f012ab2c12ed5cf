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
  /**
   * How long before the end the caller was alone: the agent had left, or LiveKit had ended its side. Absent if the caller
   * was not, or if no webhook says so.
   */
  readonly aloneSeconds?: number;
  /** How long the leg outlived LiveKit's side of the call; absent if they ended together, or if no webhook says so. */
  readonly outlivedSeconds?: number;
  /** Whether the caller's participant had left LiveKit's room by then. */
  readonly leftBefore: boolean;
  /** Whether the caller's leg outlived the call: the application went on with it. */
  readonly callerStayed: boolean;
}

/** How an answered call ended; `undefined` if no webhook reported an end. */
export function callEndOf(attempt: Attempt, report: LiveKitReport): CallEnd | undefined {
  const end = endMoment(attempt, report);
  if (!end) return undefined;
  const answer = answerMoment(attempt, end);
  const outlivedSeconds = outlived(attempt, report, answer);
  const [gone, left] = report.kind === 'admitted' ? [report.agentGone, report.callerLeft] : [];
  const aloneFrom = Math.min(
    gone?.at ?? Number.POSITIVE_INFINITY,
    outlivedSeconds === undefined || !left ? Number.POSITIVE_INFINITY : left.at,
  );
  const aloneSeconds = (end.at - Math.max(aloneFrom, answer?.at ?? aloneFrom)) / 1000;
  return {
    by: endedBy(attempt, report, outlivedSeconds !== undefined),
    ...(answer && { seconds: Math.max(0, end.at - answer.at) / 1000 }),
    precise: Boolean(answer?.precise && end.precise),
    ...(aloneSeconds > 0 && { aloneSeconds }),
    ...(outlivedSeconds !== undefined && { outlivedSeconds }),
    leftBefore: left !== undefined && left.at <= end.at,
    callerStayed: hasCallerStayed(attempt),
  };
}

/**
 * LiveKit's BYE is on its way when its participant leaves, so a leg that goes on for so many milliseconds didn't get it.
 * A BYE that is lost once is repeated after 0.5 s, and then less and less often (RFC 3261, timer E).
 */
const OUTLIVED_MS = 5_000;

function outlived({ leg, dialResult }: Attempt, report: LiveKitReport, answer: Moment | undefined): number | undefined {
  const end = leg?.final ?? dialResult;
  if (!end || report.kind !== 'admitted' || !report.callerLeft) return undefined;
  // The leg's duration, in whole seconds, tells if its last webhook is merely late.
  const { durationSeconds } = leg ?? {};
  const atLatest = answer && durationSeconds !== undefined ? answer.at + (durationSeconds + 1) * 1000 : end.at;
  const isLonger = Math.min(end.at, atLatest) - report.callerLeft.at >= OUTLIVED_MS;
  return isLonger ? (end.at - report.callerLeft.at) / 1000 : undefined;
}

/** How long the caller was in LiveKit's room without the agent. */
export function withoutAgentSeconds({ aloneSeconds = 0, outlivedSeconds = 0 }: CallEnd): number {
  return aloneSeconds - outlivedSeconds;
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
function endedBy({ leg, parent, dialResult, isDialled }: Attempt, report: LiveKitReport, isOutlived: boolean): EndedBy {
  const reason = report.kind === 'admitted' && !isOutlived ? report.leftBecause : undefined;
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

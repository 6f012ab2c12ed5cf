import type { Attempt } from '../call/call.ts';
import type { Join } from '../correlate/join.ts';
import type { LiveKitSide } from '../correlate/liveKitSide.ts';
import type { OpenCall } from '../correlate/openCall.ts';
import type { AttemptDiagnoser, Diagnosed } from './diagnoseAttempt.ts';
import { type LiveKitReport, liveKitReportOf } from './facts/liveKitReport.ts';

/** An attempt that is over, and why it ended as it did. */
export interface Verdict extends Diagnosed {
  readonly callId: string;
  readonly attempt: Attempt;
  /** LiveKit's participant of the attempt, and what LiveKit's webhooks say of it. */
  readonly join: Join;
  readonly report: LiveKitReport;
  /** Epoch milliseconds. */
  readonly settledAt: number;
}

/**
 * The verdicts on a call that are due by `now`, in epoch milliseconds. An attempt comes again when their inputs change.
 * `liveKit` knows the call's legs.
 */
export function judgeCall(call: OpenCall, liveKit: LiveKitSide, diagnoser: AttemptDiagnoser, now: number): Verdict[] {
  const joinOf = liveKit.joinsOf(call.id);
  return call.takeDue(now, joinOf).map((attempt) => {
    const join = joinOf(attempt);
    const report = liveKitReportOf(join, attempt, liveKit.isReporting(attempt.leg?.first.at ?? now));
    return {
      callId: call.id,
      attempt,
      join,
      report,
      ...diagnoser.diagnose(call.id, attempt, now, report),
      settledAt: now,
    };
  });
}

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
  /** Whether it is the verdict on the settled end of an answered attempt. */
  readonly isEnd: boolean;
  /** Whether no verdict on that end came before. */
  readonly isFirstEnd: boolean;
}

/**
 * The verdicts on a call that are due by `now`, in epoch milliseconds, one at a time. An attempt comes again when their
 * inputs change. `liveKit` knows the call's legs.
 */
export function* judgeCall(
  call: OpenCall,
  liveKit: LiveKitSide,
  diagnoser: AttemptDiagnoser,
  now: number,
): Generator<Verdict> {
  const joinOf = liveKit.joinsOf(call.id);
  for (const attempt of call.takeDue(now, joinOf)) {
    const join = joinOf(attempt);
    const report = liveKitReportOf(join, attempt, liveKit.isReporting(attempt.leg?.first.at ?? now));
    const isEnd = call.hasEnded(attempt.id);
    const settled = { attempt, settledAt: now, report, transfers: liveKit.transfersOf(attempt), isEnd };
    yield {
      callId: call.id,
      join,
      ...settled,
      isFirstEnd: call.endsFirst(attempt.id),
      ...diagnoser.diagnose(call.id, settled),
    };
  }
}

import type { AttemptRecord } from '../diagnose/record.ts';
import { explain } from './explanation.ts';

/** A settled attempt as lists and events have it. Times given in epoch milliseconds. Keys are public. */
export function describeAttempt({
  record,
  startedAt,
  settledAt,
}: {
  readonly record: AttemptRecord;
  readonly startedAt: number;
  readonly settledAt: number;
}) {
  return {
    ...explain(record),
    started_at: new Date(startedAt).toISOString(),
    settled_at: new Date(settledAt).toISOString(),
  };
}

export type DescribedAttempt = ReturnType<typeof describeAttempt>;

/** What a list of attempts shows, without evidence and fixes. Keys are public, and the same as in the whole. */
export function summariseAttempt(attempt: DescribedAttempt) {
  return {
    call_sid: attempt.call_sid,
    from: attempt.from,
    to: attempt.to,
    outcome: attempt.outcome,
    cause: attempt.cause,
    party: attempt.party,
    confidence: attempt.confidence,
    blocking: attempt.blocking,
    summary: attempt.summary,
    trunk: attempt.trunk,
    ...(attempt.response && { response: attempt.response }),
    started_at: attempt.started_at,
    settled_at: attempt.settled_at,
  };
}

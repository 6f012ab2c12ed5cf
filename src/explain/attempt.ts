import type { Explanation } from './json.ts';

/** A settled attempt as lists and events have it. Times given in epoch milliseconds. Keys are public. */
export function describeAttempt<E extends Explanation>({
  explanation,
  startedAt,
  settledAt,
}: {
  readonly explanation: E;
  readonly startedAt: number;
  readonly settledAt: number;
}) {
  return {
    ...explanation,
    started_at: new Date(startedAt).toISOString(),
    settled_at: new Date(settledAt).toISOString(),
  };
}

export type DescribedAttempt = ReturnType<typeof describeAttempt<Explanation>>;

/** A time in epoch milliseconds: from `since` on, and before `until`. */
export interface TimeRange {
  readonly since: number;
  readonly until: number;
}

/** How many equal parts the sparkline of an incident has. */
export const SPARKLINE_PARTS = 24;
/** The time that is shown of an incident if none is asked for, in milliseconds. */
export const DEFAULT_WINDOW_MS = 24 * 3_600_000;

/** The window of an incident as JSON: its failed calls, the oldest first, of `attempts` in all. Keys are public. */
export function windowJson({ since, until }: TimeRange, sparkline: readonly number[], attempts: number) {
  const failed = sparkline.reduce((sum, calls) => sum + calls, 0);
  return {
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    failed,
    /** While a call is being stored, it may be counted here and not there. */
    share: attempts === 0 ? 0 : Math.min(1, failed / attempts),
    sparkline,
  };
}
export type IncidentWindow = ReturnType<typeof windowJson>;

const MOST_BUCKETS = 120;
const STEPS_SECONDS = [60, 300, 900, 3_600, 4 * 3_600, 86_400];

/** Equal buckets from the first failed call until now, aligned to their length: as short ones as there may be. */
export function bucketsSince(
  first: number,
  now: number,
): { readonly stepMs: number; readonly range: TimeRange; readonly parts: number } {
  const until = Math.max(first, now) + 1;
  const bucketsOf = (stepMs: number) => Math.ceil(until / stepMs) - Math.floor(first / stepMs);
  const steps = STEPS_SECONDS.map((seconds) => seconds * 1000);
  const daily = steps.at(-1) ?? 1;
  const days = Math.ceil(bucketsOf(daily) / (MOST_BUCKETS - 1));
  const stepMs = steps.find((step) => bucketsOf(step) <= MOST_BUCKETS) ?? days * daily;
  const since = Math.floor(first / stepMs) * stepMs;
  const parts = bucketsOf(stepMs);
  return { stepMs, range: { since, until: since + parts * stepMs }, parts };
}

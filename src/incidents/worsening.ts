import type { Incident, Rate } from './incident.ts';

/** In what steps, in milliseconds, it is counted whether failures come faster. */
const WINDOW_MS = 10 * 60_000;
/** A window is worse with at least so many calls, and so many times those of the worst window before. */
const LEAST_CALLS = 10;
const TIMES_THE_PEAK = 3;

/** `now` in epoch milliseconds. */
export function beginRate(now: number): Rate {
  return { windowAt: windowOf(now), calls: 1, peak: 0, isTold: false };
}

export function countIn(rate: Rate, now: number): Rate {
  const windowAt = windowOf(now);
  if (windowAt <= rate.windowAt) return { ...rate, calls: rate.calls + 1 };
  return { windowAt, calls: 1, peak: Math.max(rate.peak, rate.calls), isTold: false };
}

/**
 * Whether an incident has become worse by its latest call: the 10th, the 100th, the 1,000th and so on, or the one by
 * which ten minutes hold at least 10 calls and three times as many as any ten minutes before.
 */
export function worsens(before: Incident, { calls, rate }: Incident): boolean {
  if (calls > before.calls && /^10+$/.test(String(calls))) return true;
  return rate.peak > 0 && !rate.isTold && rate.calls >= Math.max(LEAST_CALLS, TIMES_THE_PEAK * rate.peak);
}

function windowOf(now: number): number {
  return Math.floor(now / WINDOW_MS) * WINDOW_MS;
}

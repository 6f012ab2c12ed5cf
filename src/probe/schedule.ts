import { every } from '../loop/every.ts';
import type { ProbeResult } from './probeResult.ts';
import type { ProbeTarget } from './target.ts';

interface ScheduleOptions {
  readonly targets: readonly ProbeTarget[];
  /** From the start of a probe to the start of the next one of the same target. */
  readonly intervalSeconds: number;
  readonly probe: (target: ProbeTarget, signal: AbortSignal) => Promise<ProbeResult>;
  readonly onResult: (result: ProbeResult, target: ProbeTarget) => void;
  /** For bugs only: a probe reports a failure as its result. The schedule continues. */
  readonly onError: (error: unknown, target: ProbeTarget) => void;
}

/** The first probes start within this time, so that a restart soon has results. */
const FIRST_WITHIN_MS = 2_000;
/** Random share of the interval by which a start is early or late, so that replicas don't probe in step. */
const JITTER = 0.1;

/**
 * Probes each target at an interval, independently of the others and never twice at a time: after a probe that takes
 * longer than the interval, the next one starts at once. After `stop`, no result is reported.
 */
export function startSchedule(options: ScheduleOptions): { stop(): void } {
  const { targets, intervalSeconds, probe, onResult, onError } = options;
  const intervalMs = intervalSeconds * 1000;
  const loops = targets.map((target) =>
    every(
      async (signal) => {
        const nextAt = Date.now() + intervalMs * (1 + JITTER * (2 * Math.random() - 1));
        const result = await probe(target, signal);
        if (!signal.aborted) onResult(result, target);
        return nextAt - Date.now();
      },
      {
        everyMs: intervalMs,
        firstAfterMs: Math.random() * Math.min(FIRST_WITHIN_MS, intervalMs),
        onError: (error) => onError(error, target),
      },
    ),
  );
  return {
    stop() {
      for (const loop of loops) void loop.stop();
    },
  };
}

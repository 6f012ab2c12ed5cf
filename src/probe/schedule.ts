import type { ProbeResult } from './result.ts';
import type { ProbeTarget } from './target.ts';

export interface ScheduleOptions {
  readonly targets: readonly ProbeTarget[];
  /** From the start of a probe to the start of the next one of the same target. */
  readonly intervalSeconds: number;
  readonly probe: (target: ProbeTarget, signal: AbortSignal) => Promise<ProbeResult>;
  readonly onResult: (result: ProbeResult, target: ProbeTarget) => void;
  /** A probe reports trouble as its result; this is for what must not happen. The schedule goes on. */
  readonly onError: (error: unknown, target: ProbeTarget) => void;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** Calls back after some milliseconds; what it returns calls that off. */
  readonly after?: (milliseconds: number, callBack: () => void) => () => void;
  /** 0 to 1. */
  readonly random?: () => number;
}

/** The first probes start within this time, so that a restart soon has results. */
const FIRST_WITHIN_MS = 2_000;
/** Part of the interval by which a start is early or late, so that many replicas do not probe in step. */
const JITTER = 0.1;

/**
 * Probes each target again and again, each on its own, and never one target twice at a time: a probe that outlasts the
 * interval is followed by the next one at once. `stop` ends it all; no result is reported after it.
 */
export function startSchedule(options: ScheduleOptions): { stop(): void } {
  const { now = Date.now, after = afterReal, random = Math.random } = options;
  const intervalMs = options.intervalSeconds * 1000;
  const stopped = new AbortController();
  const pending = new Map<ProbeTarget, () => void>();

  const plan = (target: ProbeTarget, milliseconds: number) => {
    pending.set(
      target,
      after(milliseconds, () => void run(target)),
    );
  };
  const run = async (target: ProbeTarget) => {
    const start = now();
    try {
      const result = await options.probe(target, stopped.signal);
      if (!stopped.signal.aborted) options.onResult(result, target);
    } catch (error) {
      if (!stopped.signal.aborted) options.onError(error, target);
    }
    if (stopped.signal.aborted) return;
    const jittered = intervalMs * (1 + JITTER * (2 * random() - 1));
    plan(target, Math.max(0, start + jittered - now()));
  };

  for (const target of options.targets) plan(target, random() * Math.min(FIRST_WITHIN_MS, intervalMs));
  return {
    stop() {
      stopped.abort();
      for (const callOff of pending.values()) callOff();
    },
  };
}

function afterReal(milliseconds: number, callBack: () => void): () => void {
  const timer = setTimeout(callBack, milliseconds);
  return () => clearTimeout(timer);
}

import { halfJitterGenerator } from 'cockatiel';
import type { Condition } from './condition.ts';

/** Throws when a run fails. Returns the milliseconds to wait before the next run; `undefined` stands for `everyMs`. */
type Work = (signal: AbortSignal) => Promise<number | undefined> | Promise<void>;

interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
}

interface Waits {
  /** From the end of a run to the start of the next. */
  readonly everyMs: number;
  /** Before the first run: 0 unless given. */
  readonly firstAfterMs?: number;
  /** Part of `everyMs` by which a wait is longer or shorter, so that replicas do not run in step. */
  readonly jitter?: number;
  /** The waits after failures: `everyMs` unless given. */
  readonly backOff?: BackOff;
}

/** A failure is logged once through `condition`, passed to `onError` each time, or both. */
type Failures =
  | { readonly condition: Pick<Condition, 'met' | 'over'>; readonly onError?: (error: unknown) => void }
  | { readonly condition?: undefined; readonly onError: (error: unknown) => void };

export interface Loop {
  /** Whether the last run failed. */
  readonly isFailing: boolean;
  /**
   * Starts the next run at once, also during a back-off. If a run is under way, one more run follows it. Resolves when
   * the requested run has ended, or the loop has stopped. Never rejects.
   */
  wake(): Promise<void>;
  /** Starts no further run, aborts the signal, and resolves when the run under way has ended. */
  stop(): Promise<void>;
}

/**
 * Runs `work` repeatedly, one run at a time. Each run starts in its own turn of the event loop, so several wakes in one
 * turn cause one run. The timers do not keep the process alive.
 */
export function every(work: Work, options: Waits & Failures): Loop {
  const stopping = new AbortController();
  const { signal } = stopping;
  let failures = 0;
  let isWoken = false;
  let endWait = () => {};
  let requested = Promise.withResolvers<void>();

  const wait = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      timer.unref();
      endWait = () => {
        clearTimeout(timer);
        resolve();
      };
      if (isWoken || milliseconds <= 0) endWait();
    });

  const run = async (): Promise<number> => {
    try {
      const waitMs = await work(signal);
      failures = 0;
      options.condition?.over();
      return typeof waitMs === 'number' ? waitMs : jittered(options);
    } catch (error) {
      // An abort that the work rethrows is not a failure.
      if (signal.aborted && isAbort(error, signal)) return 0;
      failures += 1;
      options.onError?.(error);
      options.condition?.met(error);
      return options.backOff ? backOffMs(failures, options.backOff) : jittered(options);
    }
  };

  const ended = (async () => {
    let waitMs = options.firstAfterMs ?? 0;
    for (;;) {
      if (!signal.aborted) await wait(waitMs);
      await new Promise(setImmediate);
      if (signal.aborted) return requested.resolve();
      isWoken = false;
      const { resolve } = requested;
      requested = Promise.withResolvers<void>();
      waitMs = await run();
      resolve();
    }
  })();

  return {
    get isFailing() {
      return failures > 0;
    },
    wake() {
      isWoken = true;
      endWait();
      return requested.promise;
    },
    stop() {
      stopping.abort();
      endWait();
      return ended;
    },
  };
}

/**
 * The wait after a number of failures in a row, at least 1, in milliseconds. It doubles from `firstMs` to `longestMs`.
 * Jitter takes off up to half of it, so that things that failed together are not retried together.
 */
export function backOffMs(failures: number, { firstMs, longestMs }: BackOff): number {
  const options = { initialDelay: firstMs, maxDelay: longestMs, exponent: 2, generator: halfJitterGenerator };
  const [milliseconds] = halfJitterGenerator(failures - 1, options);
  return milliseconds;
}

function jittered({ everyMs, jitter = 0 }: Waits): number {
  return everyMs * (1 + jitter * (2 * Math.random() - 1));
}

function isAbort(error: unknown, { reason }: AbortSignal): boolean {
  return error === reason || (error instanceof Error && error.name === 'AbortError');
}

/** How long the rest of a probe may take. */
export interface Limit {
  /** On the clock of `performance.now()`. */
  readonly endsAt: number;
  /** Calls the probe off; what it returns then means nothing. */
  readonly signal: AbortSignal | undefined;
}

/** The limit `milliseconds` from now, and never later than the given one. */
export function within(milliseconds: number, limit: Limit): Limit {
  return { endsAt: Math.min(limit.endsAt, performance.now() + milliseconds), signal: limit.signal };
}

export function remaining(limit: Limit): number {
  return Math.max(0, limit.endsAt - performance.now());
}

/**
 * Waits for what `begin` says with its callback, at most until the limit; then the value is what `late` makes.
 * `begin` returns what ends its work: it is called exactly once, however it ends.
 */
export function waitFor<T>(limit: Limit, late: () => T, begin: (finish: (value: T) => void) => () => void): Promise<T> {
  return new Promise((resolve) => {
    let isOver = false;
    let end: (() => void) | undefined;
    const finish = (value: T) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      limit.signal?.removeEventListener('abort', onLimit);
      end?.();
      resolve(value);
    };
    const onLimit = () => finish(late());
    const timer = setTimeout(onLimit, remaining(limit));
    limit.signal?.addEventListener('abort', onLimit);
    const stop = begin(finish);
    // What is known at once is finished before there is anything to end.
    if (isOver) stop();
    else end = stop;
    if (limit.signal?.aborted) onLimit();
  });
}

/** Seconds since a moment of `performance.now()`. */
export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}

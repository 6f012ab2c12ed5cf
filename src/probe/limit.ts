/** The deadline of a probe. */
export interface Limit {
  /** On the clock of `performance.now()`. */
  readonly endsAt: number;
  /** Cancels the probe. Its result is then meaningless. */
  readonly signal: AbortSignal | undefined;
}

/** A limit `milliseconds` from now, but never later than the given one. */
export function within(milliseconds: number, limit: Limit): Limit {
  return { endsAt: Math.min(limit.endsAt, performance.now() + milliseconds), signal: limit.signal };
}

function remaining(limit: Limit): number {
  return Math.max(0, limit.endsAt - performance.now());
}

/**
 * Waits until `begin` calls back with a value, at most until the limit; then the value is that of `late`. `begin`
 * returns a function that ends its work; it is called exactly once in either case.
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
    // `begin` may have finished before it returned `stop`.
    if (isOver) stop();
    else end = stop;
    if (limit.signal?.aborted) onLimit();
  });
}

/** Seconds since a moment of `performance.now()`. */
export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}

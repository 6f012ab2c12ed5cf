import { setImmediate } from 'node:timers/promises';

/** How long, in milliseconds, work runs before other work gets its turn. */
const SLICE_MS = 10;

/** Runs work that is made of short steps without blocking the event loop for long. Resolves to its result. */
export async function inSlices<Result>(steps: Generator<void, Result>): Promise<Result> {
  for (let started = performance.now(); ; ) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - started < SLICE_MS) continue;
    await setImmediate();
    started = performance.now();
  }
}

import { setImmediate } from 'node:timers/promises';

/** How long, in milliseconds, a slice of work may hold its thread. */
export const SLICE_MS = 20;

/** Divides long work into slices of time. Between two of them the thread handles messages, timers and stop signals. */
export class Slices {
  #began = performance.now();

  /** Whether this slice has taken its time. */
  get isOver(): boolean {
    return performance.now() - this.#began >= SLICE_MS;
  }

  /** Call it between two steps. Ends the slice if it has taken its time, and resolves at the beginning of the next one. */
  async pause(): Promise<void> {
    if (!this.isOver) return;
    await setImmediate();
    this.#began = performance.now();
  }
}

/** Maps a list in slices. */
export function mapInSlices<Entry, Result>(list: readonly Entry[], map: (entry: Entry) => Result): Promise<Result[]> {
  return inSlices(mapInSteps(list, map));
}

function* mapInSteps<Entry, Result>(list: readonly Entry[], map: (entry: Entry) => Result): Generator<void, Result[]> {
  const results: Result[] = [];
  for (const entry of list) {
    results.push(map(entry));
    yield;
  }
  return results;
}

/** Runs work that is made of short steps in slices. Resolves to its result. */
export async function inSlices<Result>(steps: Generator<void, Result>): Promise<Result> {
  const slices = new Slices();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await slices.pause();
  }
}

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

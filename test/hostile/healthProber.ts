import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** How long requests to `/healthz` took, in milliseconds. */
export interface Blocks {
  /** The processor time of the service's own thread during the slowest request. Other processes do not count. */
  readonly busyMs: number;
  /** The longest wait for an answer, a request without one included. */
  readonly waitedMs: number;
}

/** Asks a service for its health every 10 ms from a thread of its own, to see what holds its event loop. */
export class HealthProber {
  readonly #worker: Worker;

  constructor(port: number, pid: number) {
    this.#worker = new Worker(new URL('./proberThread.ts', import.meta.url), { workerData: { port, pid } });
    this.#worker.unref();
  }

  /** The longest blocks since the last call. */
  async take(): Promise<Blocks> {
    const answered = once(this.#worker, 'message');
    this.#worker.postMessage('take');
    const [blocks] = await answered;
    return blocks as Blocks;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

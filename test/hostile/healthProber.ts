import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { Worker } from 'node:worker_threads';
import { TURNS_OUTPUT } from './turnClock.ts';

/** What held a service up, in milliseconds. */
export interface Blocks {
  /**
   * The processor time of the longest turn of the event loop in the service's own thread; 0 if none was long. Other
   * processes do not count.
   */
  readonly busyMs: number;
  /** The longest wait for an answer from `/healthz`, a request without one included. */
  readonly waitedMs: number;
}

/** Watches what holds the event loop of a service, and asks it for its health every 10 ms from a thread of its own. */
export class HealthProber {
  readonly #port: number;
  readonly #worker: Worker;
  #turns = '';

  /** `child` was started with `turnClock.ts`. */
  constructor(port: number, child: ChildProcess) {
    this.#port = port;
    child.stdio[TURNS_OUTPUT]?.on('data', (lines) => {
      this.#turns += lines;
    });
    this.#worker = new Worker(new URL('./proberThread.ts', import.meta.url), { workerData: { port } });
    this.#worker.unref();
  }

  /** The longest blocks since the last call. */
  async take(): Promise<Blocks> {
    // What held the event loop until now is known once it has had another turn.
    await anAnswer(this.#port);
    const answered = once(this.#worker, 'message');
    this.#worker.postMessage('take');
    const [waitedMs] = await answered;
    const turns = this.#turns.split('\n');
    this.#turns = '';
    return { busyMs: Math.round(Math.max(...turns.map(Number))), waitedMs: waitedMs as number };
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Resolves once the service has answered or its connection has broken. */
function anAnswer(port: number): Promise<void> {
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path: '/healthz', agent: false }, (response) =>
      response.resume().on('close', resolve),
    ).on('error', () => resolve());
  });
}

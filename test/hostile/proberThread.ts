import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const { port, pid } = workerData as { port: number; pid: number };
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let busyMs = 0;
let waitedMs = 0;
let began: { readonly at: number; readonly busy: number } | undefined;

/** The processor time that the service's main thread has used, in milliseconds. */
function busyTime(): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    // The service has ended.
    return 0;
  }
}

function note(): void {
  if (!began) return;
  busyMs = Math.max(busyMs, busyTime() - began.busy);
  waitedMs = Math.max(waitedMs, performance.now() - began.at);
}

function ask(): void {
  began = { at: performance.now(), busy: busyTime() };
  const end = () => {
    note();
    began = undefined;
    setTimeout(ask, 10);
  };
  get({ host: '127.0.0.1', port, path: '/healthz', agent }, (response) => response.resume().on('close', end)).on(
    'error',
    () => {
      began = undefined;
      setTimeout(ask, 100);
    },
  );
}

ask();
parentPort?.on('message', () => {
  note();
  parentPort?.postMessage({ busyMs: Math.round(busyMs), waitedMs: Math.round(waitedMs) });
  busyMs = 0;
  waitedMs = 0;
});

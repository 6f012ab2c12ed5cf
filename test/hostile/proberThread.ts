import { Agent, get } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const { port } = workerData as { port: number };
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let waitedMs = 0;
let beganAt: number | undefined;

function note(): void {
  if (beganAt !== undefined) waitedMs = Math.max(waitedMs, performance.now() - beganAt);
}

function ask(): void {
  beganAt = performance.now();
  const end = () => {
    note();
    beganAt = undefined;
    setTimeout(ask, 10);
  };
  get({ host: '127.0.0.1', port, path: '/healthz', agent }, (response) => response.resume().on('close', end)).on(
    'error',
    () => {
      beganAt = undefined;
      setTimeout(ask, 100);
    },
  );
}

ask();
parentPort?.on('message', () => {
  note();
  parentPort?.postMessage(Math.round(waitedMs));
  waitedMs = 0;
});

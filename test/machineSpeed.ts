import { closeSync, openSync, writeSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

// Limits in processor time guard against work that holds a thread. What the same work takes differs between machines, and
// on one machine within a day: page faults, system calls and garbage collection may cost several times as much. So a limit
// that is missed is judged again by what a fixed piece of such work takes here and now.

/**
 * What the reference work takes, in milliseconds of processor time, on an idle machine like that for which the limits
 * were chosen. `node test/machineSpeed.ts` prints what it takes now.
 */
const REFERENCE_MS = 60;
/** On a machine that is slower still, tests fail: a limit that grows without end would mean nothing. */
const SLOWEST = 6;
/** The middle one of so many counts. */
const RUNS = 5;
const REFERENCE = 'the reference work';

/**
 * How long, in milliseconds, a test waits for what must happen. Where it happens this costs nothing, so it is much longer
 * than on the slowest machine, and shorter than what `watchdog.ts` allows a file.
 */
export const PATIENCE_MS = 300_000;

/** The limit for this machine at this moment, in milliseconds: the plain one where that is kept. */
export async function limitHere(limitMs: number, tookMs: number): Promise<number> {
  if (tookMs <= limitMs) return limitMs;
  return Math.round(limitMs * Math.min(Math.max((await referenceMs()) / REFERENCE_MS, 1), SLOWEST));
}

async function referenceMs(): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) times.push(await inFreshThread());
  return times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
}

/** A new thread has no memory yet, so the work also waits for pages of the kernel. */
function inFreshThread(): Promise<number> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL(import.meta.url), { workerData: REFERENCE });
    thread.once('message', resolve).once('error', reject);
  });
}

/** Makes objects, writes and reads them as JSON, and hands them to the kernel, as the service does with long answers. */
function doReferenceWork(): void {
  const output = openSync('/dev/null', 'w');
  const trunks = Array.from({ length: 20_000 }, (_, i) => ({ id: `ST_${i}`, numbers: [`+49${i}`], name: `name ${i}` }));
  const json = Buffer.from(JSON.stringify(trunks));
  const read: typeof trunks = JSON.parse(json.toString());
  const byId = new Map(read.map((trunk) => [trunk.id, trunk]));
  for (const { id, name } of trunks) writeSync(output, Buffer.from(`${id} ${name} ${byId.get(id)?.numbers.join()}\n`));
  for (let copies = 0; copies < 8; copies += 1) writeSync(output, Buffer.from(json));
  closeSync(output);
}

if (!isMainThread && workerData === REFERENCE) {
  const before = process.threadCpuUsage();
  doReferenceWork();
  const { user, system } = process.threadCpuUsage(before);
  parentPort?.postMessage((user + system) / 1000);
} else if (import.meta.main) {
  console.log(`${(await referenceMs()).toFixed(1)} ms`);
}

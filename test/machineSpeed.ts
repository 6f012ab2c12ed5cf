import { closeSync, openSync, writeSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

// Limits on time guard against work that holds a thread. What the same work takes differs between machines, and on one
// machine within a day: page faults, system calls and garbage collection may cost several times as much. So a limit that
// is missed is judged again by what a fixed piece of such work takes here and now.

/**
 * What the reference work takes, in milliseconds, on the machine for which the limits were chosen.
 * `node test/machineSpeed.ts` prints what it takes now.
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

/** The limit for this machine at this moment, in milliseconds of processor time: the plain one where that is kept. */
export function limitHere(limitMs: number, tookMs: number): Promise<number> {
  return limitBy('processorMs', limitMs, tookMs);
}

/** The same for a time on the clock, during which other processes may have had the processor. */
export function clockLimitHere(limitMs: number, tookMs: number): Promise<number> {
  return limitBy('clockMs', limitMs, tookMs);
}

interface Times {
  readonly processorMs: number;
  readonly clockMs: number;
}

async function limitBy(time: keyof Times, limitMs: number, tookMs: number): Promise<number> {
  if (tookMs <= limitMs) return limitMs;
  return Math.round(limitMs * Math.min(Math.max((await reference())[time] / REFERENCE_MS, 1), SLOWEST));
}

async function reference(): Promise<Times> {
  const runs: Times[] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await inFreshThread());
  const middle = (time: keyof Times) => runs.map((one) => one[time]).sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
  return { processorMs: middle('processorMs'), clockMs: middle('clockMs') };
}

/** A new thread has no memory yet, so the work also waits for pages of the kernel. */
function inFreshThread(): Promise<Times> {
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
  const began = performance.now();
  doReferenceWork();
  const clockMs = performance.now() - began;
  const { user, system } = process.threadCpuUsage(before);
  parentPort?.postMessage({ processorMs: (user + system) / 1000, clockMs } satisfies Times);
} else if (import.meta.main) {
  // Not awaited: test files that are loaded together must not wait for any module.
  void reference().then(({ processorMs, clockMs }) =>
    console.log(`${processorMs.toFixed(1)} ms of processor time, ${clockMs.toFixed(1)} ms on the clock`),
  );
}

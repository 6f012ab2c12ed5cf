import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** The output on which a service tells of its long turns: a line with the milliseconds for each. */
export const TURNS_OUTPUT = 3;
/** Told by whoever starts a service with this module, as this module is loaded elsewhere for its constants alone. */
export const TURNS_TOLD = 'SIPWHY_TEST_TURNS';
/** Shorter turns, in milliseconds of processor time, are not told of. */
const LONG_MS = 5;

// Loaded into a service by --import: it measures how long each turn of the event loop of the main thread takes. Processor
// time, so that whatever else the machine does doesn't count.
if (isMainThread && process.env[TURNS_TOLD] !== undefined) {
  let before = process.threadCpuUsage();
  const measure = () => {
    const { user, system } = process.threadCpuUsage(before);
    const ms = (user + system) / 1000;
    if (ms >= LONG_MS) writeSync(TURNS_OUTPUT, `${ms}\n`);
    before = process.threadCpuUsage();
    // Without a reference it does not begin turns by itself.
    setImmediate(measure).unref();
  };
  setImmediate(measure).unref();
}

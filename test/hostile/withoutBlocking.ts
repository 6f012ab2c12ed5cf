import assert from 'node:assert/strict';
import { limitHere } from '../machineSpeed.ts';
import type { Target } from './attackedService.ts';

/** How long, in milliseconds of processor time, the service may be busy with anything. Longer on a slow machine. */
export const BUSY_MS = 50;
/** What other processes do on the machine makes single figures worthless. */
export const TRIES = 3;

/** Does the work until it does not hold the event loop, some times at most. */
export async function withoutBlocking(service: Target, work: () => Promise<void>): Promise<void> {
  let [busyMs, limitMs] = [Number.POSITIVE_INFINITY, BUSY_MS];
  for (let tries = 0; tries < TRIES && busyMs > limitMs; tries += 1) {
    await service.prober.take();
    await work();
    busyMs = (await service.prober.take()).busyMs;
    limitMs = await limitHere(BUSY_MS, busyMs);
  }
  assert.ok(busyMs <= limitMs, `the event loop was held for ${busyMs} ms, more than ${limitMs} ms`);
}

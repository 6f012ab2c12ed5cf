import type { ProbeResult } from '../../src/probe/probeResult.ts';
import { clockLimitHere } from '../machineSpeed.ts';

/** Whether a probe took less than this, in seconds on a machine as fast as the limits are for. */
export async function endedWithin(limitSeconds: number, { seconds }: Pick<ProbeResult, 'seconds'>): Promise<boolean> {
  const ms = seconds * 1000;
  return ms < (await clockLimitHere(limitSeconds * 1000, ms));
}

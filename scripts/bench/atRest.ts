import { setTimeout } from 'node:timers/promises';
import { median } from '../load/loadReport.ts';
import { BARE, type Kind, startServer } from '../load/loadServers.ts';
import type { Figure } from './figure.ts';

const SETTLED_MS = 4_000;

/** The start of an empty service until it is ready, and its memory some seconds later, beside the bare route. */
export async function measureAtRest(service: Kind, rounds: number): Promise<Figure[]> {
  const own: { readyMs: number; residentMb: number }[] = [];
  const bare: typeof own = [];
  for (let round = 0; round < rounds; round += 1) {
    own.push(await start(service));
    bare.push(await start(BARE));
  }
  const of = (runs: typeof own, key: keyof (typeof own)[number]) => median(runs.map((run) => run[key]));
  const figure = (name: string, value: number, unit: string, atMost?: number): Figure => ({
    part: 'at rest',
    name,
    value,
    unit,
    ...(atMost !== undefined && { atMost }),
  });
  return [
    figure('start until ready', of(own, 'readyMs'), 'ms', 3_000),
    figure('the same, of the bare route', of(bare, 'readyMs'), 'ms'),
    figure('resident memory', of(own, 'residentMb'), 'MB', 260),
    figure('the same, of the bare route', of(bare, 'residentMb'), 'MB'),
  ];
}

async function start(kind: Kind) {
  const began = performance.now();
  const server = await startServer(kind, 'whsec_bench');
  const readyMs = performance.now() - began;
  try {
    await setTimeout(SETTLED_MS);
    return { readyMs, residentMb: (server.residentBytes() ?? Number.NaN) / 2 ** 20 };
  } finally {
    await server.stop();
  }
}

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pino } from 'pino';
import { Cleanup } from '../../src/service/cleanup.ts';
import { Store } from '../../src/store/store.ts';
import { metricsAlone } from '../../test/app/metrics/metricsAlone.ts';
import { makeDirectory, removeDirectory } from '../load/children.ts';
import { median, rowsOf } from '../load/loadReport.ts';
import { type Kind, startServer } from '../load/loadServers.ts';
import { type Load, measureRounds } from '../load/rounds.ts';
import type { Figure } from './figure.ts';
import { callerOf, RARE, writeHistory } from './storedHistory.ts';

const STARTS = 3;
const ASKED_TIMES = 7;
const RETENTION_MS = 10_000;
const SECRET = 'whsec_bench';

/** Filters with many matches, few, and none, in the order of how many. */
const FILTERS = [
  '',
  'outcome=failed',
  'trunk=ST_7',
  'cause=trunk_conflict&trunk=ST_0',
  `cause=${RARE.cause}`,
  `status=${RARE.status}`,
  `number=${callerOf(0).slice(0, 6)}`,
  `number=${callerOf(123)}`,
  'q=98989898',
  'since=-20d&until=-19d&party=network',
];

interface Sizes {
  readonly sizes: readonly number[];
  /** The load on the largest, and on an empty store. */
  readonly load: Load | undefined;
}

/** How a service does whose store has many judged attempts. */
export async function measureHistory(service: Kind, { sizes, load }: Sizes): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const size of sizes) {
    const directory = makeDirectory();
    const path = join(directory, 'history.db');
    await writeHistory(path, size);
    const name = `${size.toLocaleString('en')} attempts`;
    const add = (what: string, value: number, unit: string, limits: Partial<Figure> = {}) =>
      figures.push({ part: 'history', name: `${name}: ${what}`, value, unit, ...limits });
    add('store', statSync(path).size / 2 ** 20, 'MB');
    const withHistory: Kind = {
      ...service,
      name: `${service.name}, ${name}`,
      env: { DATABASE_URL: path, RETENTION_MAX_MB: '0', RETENTION_DAYS: '365', RETENTION_FAILURE_DAYS: '365' },
    };
    const { readyMs, slowest, residentMb } = await ask(withHistory);
    add('start until ready', readyMs, 'ms', { atMost: 3_000 });
    for (const [filter, ms] of slowest) add(`a page of /calls?${filter}`, ms, 'ms', { atMost: 50 });
    add('resident memory after the pages', residentMb, 'MB');
    if (load && size === sizes.at(-1)) {
      const rounds = await measureRounds([service, withHistory], load);
      for (const row of rowsOf(rounds, service.name).filter(({ server }) => server === withHistory.name)) {
        add(`${row.connections} connections: of the rate with an empty store`, row.ofBare, '', { atLeast: 0.9 });
      }
    }
    const { deleted, seconds } = await retain(path);
    add('deleted while calls expire', deleted / seconds, 'calls/s');
    removeDirectory(directory);
  }
  return figures;
}

/** Starts a service on the store some times, and asks it for pages. */
async function ask(kind: Kind) {
  const ready: number[] = [];
  const times = new Map<string, number[]>(FILTERS.map((filter) => [filter, []]));
  let residentMb = Number.NaN;
  for (let start = 0; start < STARTS; start += 1) {
    const began = performance.now();
    const server = await startServer(kind, SECRET);
    ready.push(performance.now() - began);
    try {
      await setTimeout(500);
      for (const [filter, took] of times) {
        for (let i = 0; i < ASKED_TIMES; i += 1) {
          const asked = performance.now();
          const answer = await fetch(`${server.url}/api/v1/calls?limit=50&fields=summary&${filter}`);
          await answer.arrayBuffer();
          if (!answer.ok) throw new Error(`/calls?${filter} was answered ${answer.status}`);
          took.push(performance.now() - asked);
        }
      }
      residentMb = (server.residentBytes() ?? Number.NaN) / 2 ** 20;
    } finally {
      await server.stop();
    }
  }
  return {
    readyMs: median(ready),
    slowest: [...times].map(([filter, took]) => [filter, median(took)] as const),
    residentMb,
  };
}

/** Deletes expired calls for a while, with the rests in which webhooks are stored. */
async function retain(path: string): Promise<{ deleted: number; seconds: number }> {
  const store = await Store.open(path);
  let deleted = 0;
  const { store: metrics } = metricsAlone();
  const cleanup = new Cleanup({
    store: store.retention,
    settings: { days: 1, failureDays: 1, maxBytes: undefined },
    metrics: Object.assign(Object.create(metrics) as typeof metrics, {
      deleted(calls: Parameters<(typeof metrics)['deleted']>[0]) {
        deleted += Object.values(calls).reduce((sum, count) => sum + count, 0);
      },
    }),
    logger: pino({ level: 'silent' }),
    clock: { now: Date.now, isSteady: true },
  });
  const began = performance.now();
  await cleanup.run(AbortSignal.timeout(RETENTION_MS)).catch(() => {});
  const seconds = (performance.now() - began) / 1000;
  await store.close();
  return { deleted, seconds };
}

import { setTimeout } from 'node:timers/promises';
import { Pool } from 'undici';
import { type Place, postgresSchema } from '../../test/store/schema/databases.ts';
import { sumOf } from '../load/countedCalls.ts';
import { type Kind, type Server, startServer } from '../load/loadServers.ts';
import { dialledCall } from './dialledCall.ts';
import type { Figure } from './figure.ts';
import { signedPost } from './signedPost.ts';

const SECRET = 'whsec_bench';
const SENDERS = 64;
const COUNT_WITHIN_MS = 120_000;

/** How many calls a second are told of, stored, judged and counted: with SQLite, and by replicas that share PostgreSQL. */
export async function measureReplicas(service: Kind, calls: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const replicas of [0, 1, 2]) {
    const schema: Place | undefined = replicas > 0 ? await postgresSchema() : undefined;
    const kind = schema ? { ...service, env: { DATABASE_URL: schema.url, JOURNAL_DIR: 'journal' } } : service;
    const servers: Server[] = [];
    try {
      for (let i = 0; i < Math.max(1, replicas); i += 1) servers.push(await startServer(kind, SECRET));
      const perSecond = calls / (await judgeAll(servers, calls));
      const name = schema ? `PostgreSQL, ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}` : 'SQLite';
      figures.push({ part: 'replicas', name: `${name}: judged calls`, value: perSecond, unit: 'calls/s' });
    } finally {
      for (const server of servers) await server.stop();
      await schema?.remove();
    }
  }
  return figures;
}

/** Sends all webhooks of so many calls, spread over the servers. Resolves to how long it took until all are counted. */
async function judgeAll(servers: readonly Server[], calls: number): Promise<number> {
  const pools = servers.map(({ url }) => new Pool(url, { connections: SENDERS }));
  const began = performance.now();
  let next = 0;
  const send = async () => {
    while (next < calls) {
      const call = next;
      next += 1;
      for (const [i, { path, body }] of dialledCall(call).entries()) {
        const pool = pools[(call + i) % pools.length];
        if (pool) await signedPost(pool, SECRET, body, path);
      }
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
  await Promise.all(pools.map((pool) => pool.close()));
  for (const until = performance.now() + COUNT_WITHIN_MS; performance.now() < until; await setTimeout(100)) {
    const texts = await Promise.all(servers.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
    const counted = texts.reduce((sum, text) => sum + sumOf('sipwhy_call_attempts_total', text), 0);
    if (counted > calls) throw new Error(`${counted} of ${calls} calls were counted`);
    if (counted === calls) return (performance.now() - began) / 1000;
  }
  throw new Error(`not all of ${calls} calls were counted in ${COUNT_WITHIN_MS} ms`);
}

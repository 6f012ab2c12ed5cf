import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Pool } from 'undici';
import { makeDirectory, removeDirectory } from '../load/children.ts';
import { type Kind, type Server, startServer } from '../load/loadServers.ts';
import { statusWebhooks } from '../load/statusWebhooks.ts';
import type { Figure } from './figure.ts';
import { signedPost } from './signedPost.ts';

const SECRET = 'whsec_bench';
const CONNECTIONS = 64;
const ASK_EVERY_MS = 50;
/** The webhooks of a call that is ringing. */
const RINGING = [0, 1, 2, 3];

interface Amount {
  readonly openCalls: number;
  /** How long it is asked after the restart. */
  readonly askedSeconds: number;
  /** The limit of the start and of each answer, in milliseconds. */
  readonly withinMs: number;
}

/** A service that is killed while calls are open, then started again: how soon the API answers, and whether it goes on. */
export async function measureRestart(service: Kind, { openCalls, askedSeconds, withinMs }: Amount): Promise<Figure[]> {
  const directory = makeDirectory();
  const kind = { ...service, env: { DATABASE_URL: join(directory, 'store.db') } };
  const first = await startServer(kind, SECRET);
  const pool = new Pool(first.url, { connections: CONNECTIONS });
  for (const i of RINGING) {
    const bodies = Array.from({ length: openCalls }, (_, call) => statusWebhooks(call)[i] ?? '');
    while (bodies.length > 0) await Promise.all(bodies.splice(0, 500).map((body) => signedPost(pool, SECRET, body)));
  }
  await first.kill();
  await pool.destroy();

  const began = performance.now();
  const second = await startServer(kind, SECRET);
  const readyMs = performance.now() - began;
  const { slowestMs, refused } = await askAllTheWhile(second, askedSeconds);
  await second.stop();
  removeDirectory(directory);
  const name = `killed with ${openCalls.toLocaleString('en')} open calls`;
  return [
    { part: 'restart', name: `${name}: ready after`, value: readyMs, unit: 'ms', atMost: withinMs },
    {
      part: 'restart',
      name: `${name}: slowest answer of the API in ${askedSeconds} s`,
      value: slowestMs,
      unit: 'ms',
      atMost: withinMs,
    },
    { part: 'restart', name: `${name}: answers refused`, value: refused, unit: '', atMost: 0 },
  ];
}

async function askAllTheWhile({ url }: Server, seconds: number) {
  const until = performance.now() + seconds * 1000;
  let slowestMs = 0;
  let refused = 0;
  while (performance.now() < until) {
    const asked = performance.now();
    const answer = await fetch(`${url}/api/v1/calls?limit=20&fields=summary`);
    await answer.arrayBuffer();
    slowestMs = Math.max(slowestMs, performance.now() - asked);
    if (!answer.ok) refused += 1;
    await setTimeout(ASK_EVERY_MS);
  }
  return { slowestMs, refused };
}

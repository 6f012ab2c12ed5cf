import { setTimeout } from 'node:timers/promises';
import { Pool } from 'undici';
import { median } from '../load/loadReport.ts';
import { type Kind, startServer } from '../load/loadServers.ts';
import { dialledCall } from './dialledCall.ts';
import type { Figure } from './figure.ts';
import { signedPost } from './signedPost.ts';

const SECRET = 'whsec_bench';
const CONNECTIONS = 64;
const AT_REST_AFTER_MS = 4_000;
/** How often the memory is read, in milliseconds. */
const READ_EVERY_MS = 250;
/** The webhooks of a call: the A leg answered, the B leg refused, the dial hook, the A leg over. */
const SENT = [1, 4, 5, 6];

interface Amount {
  readonly webhooks: number;
  readonly perSecond: number;
}

/** The memory of a service while many webhooks come, above what it takes at rest: in the first tenth, and in the last. */
export async function measureMemory(service: Kind, { webhooks, perSecond }: Amount): Promise<Figure[]> {
  const server = await startServer(service, SECRET);
  const pool = new Pool(server.url, { connections: CONNECTIONS });
  try {
    await setTimeout(AT_REST_AFTER_MS);
    const mb = () => (server.residentBytes() ?? Number.NaN) / 2 ** 20;
    const atRest = mb();
    const tenths: number[][] = [];
    let read: number[] = [];
    // It doesn't keep a benchmark alive that fails.
    const reading = setInterval(() => read.push(mb()), READ_EVERY_MS).unref();
    for (let tenth = 0; tenth < 10; tenth += 1) {
      read = [];
      await sendSteadily(pool, { from: (tenth * webhooks) / 10, to: ((tenth + 1) * webhooks) / 10, perSecond });
      tenths.push(read);
      console.error(`${tenth + 1} tenths: ${Math.round(median(read))} MB, at most ${Math.round(Math.max(...read))} MB`);
    }
    clearInterval(reading);
    await setTimeout(AT_REST_AFTER_MS);
    const name = `${webhooks.toLocaleString('en')} webhooks, ${perSecond.toLocaleString('en')} a second`;
    const figure = (what: string, value: number, limits: Partial<Figure> = {}): Figure => ({
      part: 'memory',
      name: `${name}: ${what}`,
      value,
      unit: 'MB',
      ...limits,
    });
    const [first = [], last = []] = [tenths[0], tenths.at(-1)];
    return [
      figure('at rest before', atRest),
      figure('most in the first tenth', Math.max(...first)),
      figure('most in the last tenth', Math.max(...last)),
      figure('growth from the first tenth to the last, by the median', median(last) - median(first), { atMost: 20 }),
      figure('above rest, 4 s after the last', mb() - atRest, { atMost: 60 }),
    ];
  } finally {
    await pool.close();
    await server.stop();
  }
}

interface Part {
  readonly from: number;
  readonly to: number;
  readonly perSecond: number;
}

/** Sends the webhooks with these numbers, each call's in order. */
async function sendSteadily(pool: Pool, { from, to, perSecond }: Part): Promise<void> {
  const began = performance.now();
  const sending: Promise<void>[] = [];
  const callsPerSecond = perSecond / SENT.length;
  for (let call = from / SENT.length; call < to / SENT.length; ) {
    const due = Math.min(to / SENT.length, from / SENT.length + ((performance.now() - began) / 1000) * callsPerSecond);
    for (; call < due; call += 1) sending.push(sendCall(pool, call));
    if (sending.length > 1_000) await Promise.all(sending.splice(0, 500));
    else await setTimeout(5);
  }
  await Promise.all(sending);
}

async function sendCall(pool: Pool, call: number): Promise<void> {
  const webhooks = dialledCall(call);
  for (const { path, body } of SENT.flatMap((i) => webhooks[i] ?? [])) await signedPost(pool, SECRET, body, path);
}

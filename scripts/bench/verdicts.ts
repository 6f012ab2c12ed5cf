import { setTimeout } from 'node:timers/promises';
import { Pool } from 'undici';
import { type Kind, startServer } from '../load/loadServers.ts';
import { WEBHOOKS_PER_CALL } from '../load/statusWebhooks.ts';
import { dialledCall } from './dialledCall.ts';
import type { Figure } from './figure.ts';
import { signedPost } from './signedPost.ts';

const SECRET = 'whsec_bench';
const CONNECTIONS = 64;
/** How often calls begin, and how long after a webhook of a call the next one follows, in milliseconds. */
const TICK_MS = 20;
const BETWEEN_MS = 40;
/** How long the last verdicts may take, in milliseconds. */
const LAST_WITHIN_MS = 60_000;

/** Sends whole calls at steady rates: how long answers take, and verdicts after the webhook that decides them. */
export async function measureVerdicts(
  service: Kind,
  { callsPerSecond, seconds }: { readonly callsPerSecond: readonly number[]; readonly seconds: number },
): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const rate of callsPerSecond) {
    const server = await startServer(service, SECRET);
    const pool = new Pool(server.url, { connections: CONNECTIONS });
    try {
      const answers = await sendCalls(pool, rate, seconds);
      const within = await verdictsWithin1s(server.url, Math.floor(rate * seconds));
      const name = `${(rate * (WEBHOOKS_PER_CALL + 1)).toLocaleString('en')} webhooks/s`;
      figures.push({ part: 'verdicts', name: `${name}: within 1 s`, value: within * 100, unit: '%', atLeast: 99 });
      figures.push({
        part: 'verdicts',
        name: `${name}: p99 of the answer`,
        value: p99(answers),
        unit: 'ms',
        atMost: 250,
      });
    } finally {
      await pool.close();
      await server.stop();
    }
  }
  return figures;
}

/** Resolves to how long each answer took, in milliseconds, counted from when its webhook was due. */
async function sendCalls(pool: Pool, rate: number, seconds: number): Promise<number[]> {
  const answers: number[] = [];
  const calls: Promise<void>[] = [];
  const began = performance.now();
  for (let elapsed = 0; elapsed < seconds * 1000; elapsed = performance.now() - began) {
    const due = Math.floor((rate * Math.min(elapsed, seconds * 1000)) / 1000);
    while (calls.length < due) calls.push(sendCall(pool, calls.length, answers));
    await setTimeout(TICK_MS);
  }
  while (calls.length < Math.floor(rate * seconds)) calls.push(sendCall(pool, calls.length, answers));
  await Promise.all(calls);
  return answers;
}

async function sendCall(pool: Pool, call: number, answers: number[]): Promise<void> {
  const began = performance.now();
  for (const [i, { path, body }] of dialledCall(call).entries()) {
    const dueIn = began + i * BETWEEN_MS - performance.now();
    if (dueIn > 0) await setTimeout(dueIn);
    const sentAt = performance.now();
    await signedPost(pool, SECRET, body, path);
    answers.push(performance.now() - sentAt);
  }
}

/** Waits for the verdicts of all calls, and resolves to the share of those that took a second at most. */
async function verdictsWithin1s(url: string, calls: number): Promise<number> {
  const deadline = performance.now() + LAST_WITHIN_MS;
  for (;;) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const sample = (name: string) =>
      Number(
        metrics
          .split('\n')
          .find((line) => line.startsWith(name))
          ?.split(' ')
          .at(-1) ?? 0,
      );
    const count = sample('sipwhy_webhook_to_verdict_seconds_count');
    if (count >= calls) return sample('sipwhy_webhook_to_verdict_seconds_bucket{le="1"}') / count;
    if (performance.now() > deadline) throw new Error(`only ${count} of ${calls} calls have a verdict`);
    await setTimeout(250);
  }
}

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN;
}

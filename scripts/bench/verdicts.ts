import { setTimeout } from 'node:timers/promises';
import { BARE_WITH_LOG, type Kind, startServer } from '../load/loadServers.ts';
import { WEBHOOKS_PER_CALL } from '../load/statusWebhooks.ts';
import { dialledCall } from './dialledCall.ts';
import type { Figure } from './figure.ts';
import { type PreparedCalls, prepareCalls } from './steadyCalls.ts';

const SECRET = 'whsec_bench';
/** How long the last verdicts may take, in milliseconds. */
const LAST_WITHIN_MS = 60_000;

interface Load {
  readonly callsPerSecond: readonly number[];
  readonly seconds: number;
  /** How long each rate is sent before it is measured: V8 compiles the code that webhooks take only then. */
  readonly warmUpSeconds: number;
}

/**
 * Sends whole calls at steady rates: how long answers take, beside those of the bare route with a synced log, and how
 * many verdicts come within a second of the webhook that decides them.
 */
export async function measureVerdicts(service: Kind, { callsPerSecond, ...load }: Load): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const rate of callsPerSecond) figures.push(...(await measureRate(service, { ...load, rate })));
  return figures;
}

async function measureRate(
  service: Kind,
  { rate, seconds, warmUpSeconds }: Omit<Load, 'callsPerSecond'> & { readonly rate: number },
): Promise<Figure[]> {
  const steady = { callsPerSecond: rate, webhooksOf: dialledCall };
  const [warmUp, measured] = [rate * warmUpSeconds, rate * seconds];
  const first = await prepareCalls({ ...steady, from: 0, calls: warmUp }, { secret: SECRET });
  const second = await prepareCalls({ ...steady, from: warmUp, calls: measured }, { secret: SECRET });
  try {
    // It remembers nothing, so it gets the same again, for a shorter time.
    const bare = await sendBoth(BARE_WITH_LOG, [first, first]);
    const own = await sendBoth(service, [first, second], (url) => verdictsWithin1s(url, warmUp + measured));
    const figure = (what: string, value: number, unit: string, limit: Partial<Figure> = {}): Figure => ({
      part: 'verdicts',
      name: `${(rate * (WEBHOOKS_PER_CALL + 1)).toLocaleString('en')} webhooks/s: ${what}`,
      value,
      unit,
      ...limit,
    });
    return [
      figure('within 1 s', own.within * 100, '%', { atLeast: 99 }),
      figure('p99 of the answer', own.p99Ms, 'ms', { atMost: 250 }),
      figure('the same, of the bare route with a synced log', bare.p99Ms, 'ms'),
      figure('latest sent, for want of a free connection', own.latestMs, 'ms'),
    ];
  } finally {
    first.remove();
    second.remove();
  }
}

/** Sends some calls to warm up, and then those that are measured. `then` resolves to the share of verdicts in time. */
async function sendBoth(
  kind: Kind,
  [warmUp, measured]: readonly [PreparedCalls, PreparedCalls],
  then = async (_url: string) => Number.NaN,
) {
  const server = await startServer(kind, SECRET);
  try {
    await warmUp.send(server.url);
    const { p99Ms, latestMs } = await measured.send(server.url);
    return { p99Ms, latestMs, within: await then(server.url) };
  } finally {
    await server.stop();
  }
}

/** Waits for the verdicts, for a minute at most. Resolves to the share of all calls that had theirs within a second. */
export async function verdictsWithin1s(url: string, calls: number): Promise<number> {
  const deadline = performance.now() + LAST_WITHIN_MS;
  for (;;) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const sample = (name: string) => {
      const line = metrics.split('\n').find((one) => one.startsWith(name));
      return Number(line?.split(' ').at(-1) ?? 0);
    };
    if (sample('sipwhy_webhook_to_verdict_seconds_count') >= calls || performance.now() > deadline) {
      return sample('sipwhy_webhook_to_verdict_seconds_bucket{le="1"}') / calls;
    }
    await setTimeout(250);
  }
}

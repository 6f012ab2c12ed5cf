import { setTimeout } from 'node:timers/promises';
import { median } from '../load/loadReport.ts';
import { type Kind, startServer } from '../load/loadServers.ts';
import { dialledCall } from './dialledCall.ts';
import type { Figure } from './figure.ts';
import { prepareCalls } from './steadyCalls.ts';

const SECRET = 'whsec_bench';
const AT_REST_AFTER_MS = 4_000;
/** How often the memory is read, in milliseconds. */
const READ_EVERY_MS = 250;
/** The webhooks of a call: the A leg answered, the B leg refused, the dial hook, the A leg over. */
const SENT = [1, 4, 5, 6];

interface Amount {
  readonly webhooks: number;
  readonly perSecond: number;
  /** Limits in MB: of the growth, and of what is above rest at the end. */
  readonly atMost: { readonly growth: number; readonly aboveRest: number };
}

/** The memory of a service while many webhooks come, above what it takes at rest: in the first tenth, and in the last. */
export async function measureMemory(service: Kind, { webhooks, perSecond, atMost }: Amount): Promise<Figure[]> {
  const calls = webhooks / SENT.length;
  const webhooksOf = (call: number) => SENT.flatMap((i) => dialledCall(call)[i] ?? []);
  const load = { from: 0, calls, callsPerSecond: perSecond / SENT.length, webhooksOf };
  const prepared = await prepareCalls(load, { secret: SECRET });
  const server = await startServer(service, SECRET);
  try {
    await setTimeout(AT_REST_AFTER_MS);
    const mb = () => (server.residentBytes() ?? Number.NaN) / 2 ** 20;
    const atRest = mb();
    const read: number[] = [];
    // It doesn't keep a benchmark alive that fails.
    const reading = setInterval(() => read.push(mb()), READ_EVERY_MS).unref();
    await prepared.send(server.url);
    clearInterval(reading);
    const tenths = Array.from({ length: 10 }, (_, i) =>
      read.slice((i * read.length) / 10, ((i + 1) * read.length) / 10),
    );
    console.error(`median of each tenth: ${tenths.map((tenth) => `${Math.round(median(tenth))} MB`).join(', ')}`);
    await setTimeout(AT_REST_AFTER_MS);
    const figure = (what: string, value: number, limits: Partial<Figure> = {}): Figure => ({
      part: 'memory',
      name: `${webhooks.toLocaleString('en')} webhooks, ${perSecond.toLocaleString('en')} a second: ${what}`,
      value,
      unit: 'MB',
      ...limits,
    });
    const [first = [], last = []] = [tenths[0], tenths.at(-1)];
    return [
      figure('at rest before', atRest),
      figure('most in the first tenth', Math.max(...first)),
      figure('most in the last tenth', Math.max(...last)),
      figure('growth from the first tenth to the last, by the median', median(last) - median(first), {
        atMost: atMost.growth,
      }),
      figure('above rest, 4 s after the last', mb() - atRest, { atMost: atMost.aboveRest }),
    ];
  } finally {
    await server.stop();
    prepared.remove();
  }
}

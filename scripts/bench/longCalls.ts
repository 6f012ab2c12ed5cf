import { setTimeout } from 'node:timers/promises';
import { Pool } from 'undici';
import { median } from '../load/loadReport.ts';
import { type Kind, startServer } from '../load/loadServers.ts';
import { statusWebhooks } from '../load/statusWebhooks.ts';
import type { Figure } from './figure.ts';
import { signedPost } from './signedPost.ts';

const SECRET = 'whsec_bench';
const CONNECTIONS = 64;
const SETTLED_MS = 10_000;
/** How often an answer is asked for, in milliseconds, and for how long. */
const ASK_EVERY_MS = 25;
const ENDED_WITHIN_MS = 30_000;
/** How many of the calls end, one after another, while the others stay open. */
const ENDED = 50;

interface LongCalls {
  readonly openCalls: number;
  readonly callsPerSecond: number;
}

/**
 * Answers so many calls at a steady rate, half of which dial LiveKit, and then ends some of them: the memory for each open
 * call, and how soon the API tells the end. Ten calls a second of an hour each are 36,000 open ones.
 */
export async function measureLongCalls(service: Kind, { openCalls, callsPerSecond }: LongCalls): Promise<Figure[]> {
  const server = await startServer(service, SECRET);
  const pool = new Pool(server.url, { connections: CONNECTIONS });
  const mb = () => (server.residentBytes() ?? Number.NaN) / 2 ** 20;
  const send = async (bodies: readonly object[]) => {
    for (const body of bodies) await signedPost(pool, SECRET, JSON.stringify(body));
  };
  const answer = async (from: number, to: number) => {
    const began = performance.now();
    const sending: Promise<void>[] = [];
    for (let call = from; call < to; call += 1) {
      sending.push(send(call % 2 === 0 ? longCall(call).dialled : longCall(call).undialled));
      const dueIn = began + ((call - from) / callsPerSecond) * 1000 - performance.now();
      if (dueIn > 0) await setTimeout(dueIn);
    }
    await Promise.all(sending);
    await setTimeout(SETTLED_MS);
  };
  try {
    // The code that calls load and V8's reserve for new objects aren't for each call.
    const first = openCalls / 10;
    await answer(0, first);
    const before = mb();
    await answer(first, openCalls);
    const perCall = ((mb() - before) * 1024) / (openCalls - first);
    const delays: number[] = [];
    for (let i = 0; i < ENDED; i += 1) {
      const { end, callSid } = longCall(2 * Math.floor((i * openCalls) / ENDED / 2));
      await send(end);
      delays.push(await endToldAfterMs(server.url, callSid));
    }
    const figure = (what: string, value: number, unit: string, atMost: number): Figure => ({
      part: 'long calls',
      name: `${openCalls.toLocaleString('en')} answered calls open: ${what}`,
      value,
      unit,
      atMost,
    });
    return [
      figure('memory for each', perCall, 'KB', 1.5),
      figure('median time until an end is told', median(delays), 'ms', 1_000),
      figure('the longest', Math.max(...delays), 'ms', 2_000),
    ];
  } finally {
    await pool.close();
    await server.stop();
  }
}

/** The webhooks of a call until its answer, with and without a leg to LiveKit, and those of the end of the former. */
function longCall(call: number) {
  const [, caller, trying, ringing, refused, over] = statusWebhooks(call).map((body) => JSON.parse(body));
  const answered = { ...refused, sip_status: 200, sip_reason: 'OK', call_status: 'in-progress' };
  return {
    callSid: String(caller.call_sid),
    undialled: [caller],
    dialled: [caller, trying, ringing, answered],
    end: [{ ...answered, call_status: 'completed', duration: 3_600 }, over],
  };
}

/** Asks until the call's explanation has its end. Resolves to how long that took, in milliseconds. */
async function endToldAfterMs(url: string, callSid: string): Promise<number> {
  const began = performance.now();
  while (performance.now() - began < ENDED_WITHIN_MS) {
    const answer = await fetch(`${url}/api/v1/calls/${callSid}`);
    if (/"end":\s*\{/.test(await answer.text())) return performance.now() - began;
    await setTimeout(ASK_EVERY_MS);
  }
  throw new Error(`the end of call ${callSid} was not told within ${ENDED_WITHIN_MS} ms`);
}

import { Pool } from 'undici';
import { type Counted, countedCalls } from './countedCalls.ts';
import { type Kind, startServer } from './loadServers.ts';
import { blockOf, callsBegun, PATH, type SignedWebhook, type Signer, unfinishedBlocks } from './requestLane.ts';
import { LANES_AT_START, type LanePosition, type LoadResult, sendLoad } from './wrk.ts';

/** The load on one server. */
export interface Plan {
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Prefix of the lanes' files. */
  readonly lanes: string;
  readonly signer: Signer;
}

export interface Measurement extends Omit<LoadResult, 'lanes'> {
  readonly server: string;
  readonly connections: number;
  /** Complete acknowledged calls, and how many were counted; `undefined` for a server that counts none. */
  readonly calls: { readonly sent: number; readonly counted: Counted } | undefined;
  readonly residentBytes: number | undefined;
  /** Processor time of the server per answer, in microseconds. */
  readonly cpuMicros: number | undefined;
  /** For which share of the time the accepting thread ran, and the busiest of the others. */
  readonly busy: BusyThreads;
}

export interface BusyThreads {
  readonly accepting: number;
  readonly other: number;
}

/** Starts a server, warms it up, measures it, and waits until it has counted all acknowledged calls. */
export async function measure(kind: Kind, connections: number, plan: Plan): Promise<Measurement> {
  const server = await startServer(kind, plan.signer.secret);
  try {
    const send = (seconds: number, from: readonly LanePosition[]) =>
      sendLoad(server.url, { connections, seconds, mayRepeat: !kind.counts }, plan.lanes, from);
    const warmUp = await send(plan.warmUpSeconds, LANES_AT_START);
    const before = server.cpuSeconds();
    const threadsBefore = server.threadSeconds();
    const { lanes, ...load } = await send(plan.seconds, warmUp.lanes);
    const after = server.cpuSeconds();
    const busy = busyThreads(threadsBefore, server.threadSeconds(), plan.seconds);
    const isKnown = before !== undefined && after !== undefined;
    const cpuMicros = isKnown ? ((after - before) * 1e6) / load.answers : undefined;
    let calls: Measurement['calls'];
    if (kind.counts) {
      await finishCalls(server.url, [warmUp.lanes, lanes], connections, plan.signer);
      const sent = lanes.reduce((sum, lane) => sum + callsBegun(lane.sent), 0);
      calls = { sent, counted: await countedCalls(server.url, sent) };
    }
    return { server: kind.name, connections, ...load, calls, residentBytes: server.residentBytes(), cpuMicros, busy };
  } finally {
    await server.stop();
  }
}

function busyThreads(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  seconds: number,
): BusyThreads {
  const [accepting = Number.NaN, ...others] = [...after].map(([id, ran]) => (ran - (before.get(id) ?? 0)) / seconds);
  return { accepting, other: Math.max(0, ...others) };
}

/**
 * Completes the calls that were open when wrk stopped. wrk doesn't report which of its last requests were answered, so
 * whole blocks are sent again: a repeated webhook changes nothing.
 */
async function finishCalls(
  url: string,
  stops: readonly (readonly LanePosition[])[],
  underWay: number,
  signer: Signer,
): Promise<void> {
  const pool = new Pool(url, { connections: 32 });
  try {
    for (const lanes of stops) {
      for (const [lane, { sent }] of lanes.entries()) {
        for (const block of unfinishedBlocks(sent, underWay)) await sendInOrder(pool, blockOf(lane, block, signer));
      }
    }
  } finally {
    await pool.close();
  }
}

const AT_ONCE = 64;

async function sendInOrder(pool: Pool, webhooks: readonly SignedWebhook[]): Promise<void> {
  for (let i = 0; i < webhooks.length; i += AT_ONCE) {
    await Promise.all(webhooks.slice(i, i + AT_ONCE).map((webhook) => post(pool, webhook)));
  }
}

async function post(pool: Pool, { body, signature }: SignedWebhook): Promise<void> {
  const headers = { 'content-type': 'application/json', 'jambonz-signature': signature };
  const answer = await pool.request({ path: PATH, method: 'POST', headers, body });
  await answer.body.dump();
  if (answer.statusCode !== 204) throw new Error(`a webhook was answered ${answer.statusCode}, not 204`);
}

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startChild } from './children.ts';
import { LANES } from './requestLane.ts';

/** A longer answer counts as an error. */
const TIMEOUT_SECONDS = 10;
/** How long a steady load waits for its last answers. */
const LAST_ANSWERS_SECONDS = 2;

/** The position in a lane. */
export interface LanePosition {
  /** Requests sent since the start of the lane. */
  readonly sent: number;
  /** Bytes of the lane's file. */
  readonly offset: number;
}

export const LANES_AT_START: readonly LanePosition[] = Array.from({ length: LANES }, () => ({ sent: 0, offset: 0 }));

export interface LoadResult {
  readonly answers: number;
  readonly answersPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers with a status of 400 or above. */
  readonly refused: number;
  /** Connections that failed and answers that took too long. */
  readonly broken: number;
  readonly lanes: readonly LanePosition[];
}

/** The report of send.lua at its end. */
interface Summary {
  readonly answers: number;
  readonly seconds: number;
  readonly refused: number;
  readonly broken: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** `sent` since the start of this run of wrk. */
  readonly lanes: readonly { readonly sent: number; readonly offset: number; readonly isExhausted: boolean }[];
}

export function isWrkInstalled(): boolean {
  return spawnSync('wrk', ['-v']).error === undefined;
}

/**
 * Sends prepared requests for some seconds, each lane from its position. `prefix` is that of the lanes' files. With
 * `mayRepeat`, a lane begins again at its end, for servers that answer more than was prepared and remember nothing.
 */
export async function sendLoad(
  url: string,
  load: { readonly connections: number; readonly seconds: number; readonly mayRepeat: boolean },
  prefix: string,
  from: readonly LanePosition[],
): Promise<LoadResult> {
  const { connections, seconds, mayRepeat } = load;
  const args = [prefix, String(mayRepeat), ...from.map(({ offset }) => String(offset))];
  // The cast is safe: send.lua writes this type.
  const summary = (await runWrk('send.lua', { url, connections, seconds }, args)) as Summary;
  if (summary.lanes.some(({ isExhausted }) => isExhausted)) {
    throw new Error('the prepared requests ran out: raise PREPARED_PER_SECOND in scripts/load/rounds.ts');
  }
  return {
    answers: summary.answers,
    answersPerSecond: summary.answers / summary.seconds,
    p50Ms: summary.p50Ms,
    p99Ms: summary.p99Ms,
    refused: summary.refused,
    broken: summary.broken,
    lanes: summary.lanes.map(({ sent, offset }, lane) => ({ sent: (from[lane]?.sent ?? 0) + sent, offset })),
  };
}

/** What came of a steady load. */
export interface SteadyResult extends Omit<LoadResult, 'answersPerSecond' | 'lanes'> {
  /** How late, in milliseconds, the latest request was sent, because no connection was free. */
  readonly latestMs: number;
}

/** Sends the first `requests` of each lane at a steady rate, over all lanes. `prefix` is that of the lanes' files. */
export async function sendSteadily(
  url: string,
  load: { readonly connections: number; readonly perSecond: number; readonly requests: number },
  prefix: string,
): Promise<SteadyResult> {
  const { connections, perSecond, requests } = load;
  const laneRate = perSecond / LANES;
  const seconds = Math.ceil(requests / laneRate) + LAST_ANSWERS_SECONDS;
  const args = [prefix, String(laneRate), String(requests)];
  // The cast is safe: steady.lua writes this type.
  return (await runWrk('steady.lua', { url, connections, seconds }, args)) as SteadyResult;
}

/** Runs wrk with one of the scripts here. Resolves to what the script reports at its end. */
async function runWrk(
  script: string,
  { url, connections, seconds }: { readonly url: string; readonly connections: number; readonly seconds: number },
  args: readonly string[],
): Promise<unknown> {
  const options = [`-t${LANES}`, `-c${connections}`, `-d${seconds}s`, `--timeout=${TIMEOUT_SECONDS}s`];
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = startChild('wrk', [...options, '-s', path, url, '--', ...args]);
  const [output, complaints, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  const line = output.split('\n').findLast((one) => one.startsWith('{'));
  if (status !== 0 || line === undefined) throw new Error(`wrk ended with ${status}: ${complaints}${output}`);
  return JSON.parse(line);
}

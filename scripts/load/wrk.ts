import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startChild } from './children.ts';
import { LANES } from './requestLane.ts';

const SCRIPT = fileURLToPath(new URL('send.lua', import.meta.url));
/** A longer answer counts as an error. */
const TIMEOUT_SECONDS = 10;

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
  const options = [`-t${LANES}`, `-c${connections}`, `-d${seconds}s`, `--timeout=${TIMEOUT_SECONDS}s`];
  const args = [
    ...options,
    '-s',
    SCRIPT,
    url,
    '--',
    prefix,
    String(mayRepeat),
    ...from.map(({ offset }) => String(offset)),
  ];
  const child = startChild('wrk', args);
  const [output, complaints, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  const line = output.split('\n').findLast((one) => one.startsWith('{'));
  if (status !== 0 || line === undefined) throw new Error(`wrk ended with ${status}: ${complaints}${output}`);
  // The cast is safe: send.lua writes this type.
  const summary = JSON.parse(line) as Summary;
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

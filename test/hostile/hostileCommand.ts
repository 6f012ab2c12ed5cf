import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { freshProgram } from '../../bin/freshProgram.js';
import { PATIENCE_MS } from '../machineSpeed.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';

const MAIN = freshProgram();
const REPORT = new URL('./reportMemory.ts', import.meta.url).href;
/** Node and sipwhy alone take 130 MB; the longest line that is accepted has 64. */
const MAX_MIB = 300;
const TRACE = /^ +at .*(\.[jt]s|node:)|RangeError|TypeError|heap out of memory|FATAL/m;

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Started {
  readonly env?: Readonly<Record<string, string>>;
  /** A file descriptor for its output, in place of a pipe. */
  readonly output?: number;
  /** Closes the pipe of its output after the first bytes. */
  readonly closesEarly?: boolean;
}

/** Runs a command to its end, and holds what must be so whatever it was given. */
export async function command(
  args: readonly string[],
  { env = {}, output, closesEarly }: Started = {},
): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', REPORT, MAIN, ...args], {
    env: { ...PLAIN_ENVIRONMENT, ...env },
    stdio: ['ignore', output ?? 'pipe', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  });
  const texts = ['', '', '', ''];
  for (const [i, stream] of child.stdio.entries()) {
    stream?.on('data', (part) => {
      texts[i] += part;
      if (closesEarly && i === 1) child.stdout?.destroy();
    });
  }
  const status = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  const [, stdout = '', stderr = '', peak = ''] = texts;
  assert.notEqual(status, null, `it hung or was killed: ${stderr}`);
  assert.doesNotMatch(stderr, TRACE);
  const mib = Number(peak) / 1024;
  assert.ok(mib > 0 && mib < MAX_MIB, `${mib} MiB`);
  return { status, stdout, stderr };
}

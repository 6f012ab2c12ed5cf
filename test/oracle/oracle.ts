import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const SOURCE = import.meta.dirname;

export type Built =
  | { readonly ok: true; readonly binary: string }
  /** There is no Go, or LiveKit's module cannot be had; `why` says which. */
  | { readonly ok: false; readonly why: string };

/** Builds LiveKit's own matching into `folder`. A fault in the program itself throws. */
export function buildOracle(folder: string): Built {
  // The second place is where Go's own installer puts it; that folder is often missing in the PATH of a service.
  const go = ['go', '/usr/local/go/bin/go'].find((command) => run(command, 'version').status === 0);
  if (!go) return { ok: false, why: 'no go command was found' };
  const modules = run(go, 'list', '-deps', '.');
  if (modules.status !== 0) return { ok: false, why: `LiveKit's module cannot be had: ${modules.stderr.trim()}` };

  const binary = join(folder, 'oracle');
  const build = run(go, 'build', '-o', binary, '.');
  if (build.status !== 0) throw new Error(`the oracle does not build:\n${build.stderr}`);
  return { ok: true, binary };
}

function run(command: string, ...args: readonly string[]) {
  return spawnSync(command, args, { cwd: SOURCE, encoding: 'utf8', maxBuffer: 1 << 26 });
}

/**
 * Answers the questions in their order, one line each. `questions` gives whole lines and is drawn from only as fast as
 * the oracle reads. Ends early when the oracle dies; what it said of that is on this process's own standard error.
 */
export async function* askOracle(binary: string, questions: AsyncIterable<string> | Iterable<string>) {
  const oracle = spawn(binary, { stdio: ['pipe', 'pipe', 'inherit'] });
  // A write to an oracle that has died is no news: its answers have ended by then.
  const asking = pipeline(Readable.from(questions), oracle.stdin).catch(() => {});
  try {
    yield* createInterface({ input: oracle.stdout });
    await asking;
  } finally {
    oracle.kill();
  }
}

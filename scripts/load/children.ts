import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

// However the benchmark ends, its processes are killed and its directories removed.

const children = new Set<ChildProcess>();
const directories = new Set<string>();
/** How long a process may take to stop cleanly, in milliseconds. */
const STOP_WITHIN_MS = 30_000;

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});
// By default a signal ends the process without an exit event.
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
process.on('SIGHUP', () => process.exit(129));

/** A process whose output can be read. */
type Child = ChildProcess & { readonly stdout: Readable; readonly stderr: Readable };

interface Place {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts a process with only PATH from this environment. */
export function startChild(command: string, args: readonly string[], place: Place = {}): Child {
  const env = { PATH: process.env.PATH, ...place.env };
  const child = spawn(command, args, { ...place, env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Stops a process, and kills it if it doesn't stop cleanly. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (!children.has(child)) return;
  const ended = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(timer);
}

export function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sipwhy-load-'));
  directories.add(directory);
  return directory;
}

export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  directories.delete(directory);
}

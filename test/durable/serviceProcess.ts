import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { freshProgram } from '../../bin/freshProgram.js';
import { PATIENCE_MS } from '../machineSpeed.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';

const MAIN = freshProgram();

/** The service as a process of its own. */
export interface Process {
  readonly child: ChildProcess;
  readonly url: string;
  /** What it has logged until now. */
  log(): string;
  /** The value of a sample, 0 where there is none. */
  sample(name: string): Promise<number>;
  /** Ends it, and resolves to its exit status; `null` where it was killed. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts the service and resolves once it listens; rejects with its log where it ends before. */
export async function startProcess(env: Readonly<Record<string, string>>, main = MAIN): Promise<Process> {
  const child = spawn(process.execPath, [main, 'serve'], {
    env: { ...PLAIN_ENVIRONMENT, PORT: '0', PROBE_INTERVAL_SECONDS: '0', SHUTDOWN_WAIT_SECONDS: '0', ...env },
    // The fourth is for what a test loads into the service.
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let log = '';
  for (const output of [child.stdout, child.stderr]) {
    output?.on('data', (chunk) => {
      log += chunk;
    });
  }
  const listening = /listening at (http:[^"]+)"/;
  await until('it listens', () => listening.test(log) || hasEnded(child));
  const url = listening.exec(log)?.[1];
  if (url === undefined) {
    // What it said last may still be on its way.
    await setTimeout(100);
    throw new Error(`sipwhy ended with ${child.exitCode}: ${log}`);
  }
  return {
    child,
    url,
    log: () => log,
    async sample(name) {
      const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
      const line = lines.find((one) => one.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1) ?? 0);
    },
    async end(signal) {
      if (hasEnded(child)) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
}

/** The same, and resolves once it is ready: from then on a signal stops it in order. */
export async function startReady(env: Readonly<Record<string, string>>, main = MAIN): Promise<Process> {
  const service = await startProcess(env, main);
  await until('it is ready', async () => (await fetch(`${service.url}/readyz`)).status === 200);
  return service;
}

export function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Waits until a condition holds, however slow the machine is. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await holds())) {
    const waitedMs = performance.now() - began;
    if (waitedMs > PATIENCE_MS) throw new Error(`still not so after ${PATIENCE_MS} ms: ${what}`);
    // Asking costs processor time, which the other tests need.
    await setTimeout(Math.min(10 + waitedMs / 20, 100));
  }
}

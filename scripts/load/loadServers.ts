import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeDirectory, removeDirectory, startChild, stopChild } from './children.ts';
import { CONFIGURATION } from './statusWebhooks.ts';

const BARE_ROUTE = fileURLToPath(new URL('bareRoute.ts', import.meta.url));
const READY_WITHIN_MS = 30_000;
/** Linux' unit of processor time, independent of the kernel's clock. */
const TICKS_PER_SECOND = 100;

/** A server to be measured. */
export interface Kind {
  readonly name: string;
  /** Whether it counts calls. sipwhy does; a bare route doesn't. */
  readonly counts: boolean;
  /** Settings of sipwhy that differ from those of the benchmark. */
  readonly env?: Readonly<Record<string, string>>;
  /** To be run in the server's own working directory. */
  command(port: number): {
    readonly node: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  };
}

export interface Server {
  readonly url: string;
  /** Resident memory in bytes; `undefined` if the system doesn't report it. */
  residentBytes(): number | undefined;
  /** Processor time of all threads since the start, in seconds; `undefined` if the system doesn't report it. */
  cpuSeconds(): number | undefined;
  /** Processor time of each thread since its start, in seconds, by its id; the main thread's comes first. */
  threadSeconds(): ReadonlyMap<string, number>;
  stop(): Promise<void>;
  /** Ends it as a power failure would, with what it has in its own directory. */
  kill(): Promise<void>;
}

/** The server that the others are compared with. */
export const BARE: Kind = {
  name: 'bare route',
  counts: false,
  command: (port) => ({ node: process.execPath, args: [BARE_ROUTE, `--port=${port}`] }),
};

export const BARE_WITH_LOG: Kind = {
  name: 'bare route, synced log',
  counts: false,
  command: (port) => ({ node: process.execPath, args: [BARE_ROUTE, `--port=${port}`, '--log=bodies.log'] }),
};

/** sipwhy from a checkout, with the Node.js that it has installed. */
export function treeOf(name: string, checkout: string): Kind {
  const root = resolve(checkout);
  const node = join(root, 'node_modules/.bin/node');
  const main = join(root, 'bin/sipwhy.js');
  if (!existsSync(main)) throw new Error(`--tree ${name}: ${root} is no checkout of sipwhy`);
  if (!existsSync(node)) throw new Error(`--tree ${name}: run npm ci in ${root}`);
  // As `npm start` of that checkout runs it.
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const words = String(scripts.start).split(' ');
  const flags = words.filter((word) => word.startsWith('--'));
  const env = Object.fromEntries(words.slice(0, words.indexOf('exec')).map((word) => word.split('=', 2)));
  return { name, counts: true, command: () => ({ node, args: [...flags, main, 'serve'], env }) };
}

/** Starts a server in a new directory, and resolves once it is ready. */
export async function startServer(kind: Kind, secret: string, configuration: object = CONFIGURATION): Promise<Server> {
  const directory = makeDirectory();
  writeFileSync(join(directory, 'livekit.json'), JSON.stringify(configuration));
  const port = await freePort();
  const { node, args, env } = kind.command(port);
  const child = startChild(node, args, { cwd: directory, env: { ...env, ...environment(port, secret), ...kind.env } });
  let log = '';
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (chunk) => {
      log = (log + chunk).slice(-10_000);
    });
  }
  const url = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`${kind.name} ended with ${child.exitCode}: ${log}`);
    if (performance.now() > deadline) throw new Error(`${kind.name} was not ready in ${READY_WITHIN_MS} ms: ${log}`);
    await setTimeout(50);
  }
  return {
    url,
    residentBytes: () => residentBytes(child.pid),
    cpuSeconds: () => cpuSeconds(readProc(child.pid, 'stat')),
    threadSeconds: () => threadSeconds(child.pid),
    async stop() {
      await stopChild(child);
      removeDirectory(directory);
    },
    async kill() {
      child.kill('SIGKILL');
      await stopChild(child);
      removeDirectory(directory);
    },
  };
}

/** Environment of sipwhy; the bare routes read only the secret. */
function environment(port: number, secret: string): NodeJS.ProcessEnv {
  return {
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: 'sipwhy.db',
    JAMBONZ_WEBHOOK_SECRET: secret,
    // The requests are signed once, before the first measurement.
    JAMBONZ_SIGNATURE_TOLERANCE_SECONDS: '86400',
    LIVEKIT_CONFIG_FILE: 'livekit.json',
    PROBE_INTERVAL_SECONDS: '0',
    SHUTDOWN_WAIT_SECONDS: '0',
    LOG_LEVEL: 'error',
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('no free port was found');
  return address.port;
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/readyz`);
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    // The server doesn't listen yet.
    return false;
  }
}

function residentBytes(pid: number | undefined): number | undefined {
  const [, kilobytes] = /^VmRSS:\s*(\d+) kB$/m.exec(readProc(pid, 'status')) ?? [];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function threadSeconds(pid: number | undefined): ReadonlyMap<string, number> {
  const tasks = `/proc/${pid}/task`;
  const ids = existsSync(tasks) ? readdirSync(tasks) : [];
  // A thread may end meanwhile.
  return new Map(ids.map((id) => [id, cpuSeconds(readProc(pid, `task/${id}/stat`)) ?? 0]));
}

function cpuSeconds(stat: string): number | undefined {
  // The command, in parentheses, may contain spaces. The state, ten numbers and the two times follow it.
  const [, user, system] = /\) \S+(?: -?\d+){10} (\d+) (\d+) /.exec(stat) ?? [];
  return user === undefined ? undefined : (Number(user) + Number(system)) / TICKS_PER_SECOND;
}

/** Empty if the system has no such file. */
function readProc(pid: number | undefined, file: string): string {
  const path = `/proc/${pid}/${file}`;
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

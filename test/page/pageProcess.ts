import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freshProgram } from '../../bin/freshProgram.js';
import { buildPageIfStale } from '../../scripts/buildPage.ts';
import type { RecordedCase } from '../../src/core/replay/replay.ts';
import { PATIENCE_MS } from '../machineSpeed.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';

const MAIN = freshProgram();

export interface Service {
  readonly origin: string;
  /** Posts the webhooks of a call in real time: how soon an answer came is evidence. */
  post(webhooks: RecordedCase['webhooks']): Promise<void>;
  /** Changes LiveKit's configuration, as somebody does who mends it. */
  configure(livekit: object): Promise<void>;
  /** Asks the API until the answer is as wanted. */
  until<T>(path: string, isWanted: (answer: T) => boolean): Promise<T>;
  stop(): Promise<void>;
}

/** Starts the service as `npm start` does: the page built if need be, then the process; resolves once it listens. */
export async function startService(options: {
  readonly livekit?: object;
  readonly env?: Readonly<Record<string, string>>;
  readonly prepare?: (database: string) => Promise<void>;
}): Promise<Service> {
  await buildPageIfStale();
  const folder = await mkdtemp(join(tmpdir(), 'sipwhy-page-'));
  const database = join(folder, 'sipwhy.db');
  await options.prepare?.(database);
  const configuration = join(folder, 'livekit.json');
  if (options.livekit) await writeFile(configuration, JSON.stringify(options.livekit));
  const env = {
    ...PLAIN_ENVIRONMENT,
    PORT: '0',
    DATABASE_URL: database,
    ...(options.livekit && { LIVEKIT_CONFIG_FILE: configuration }),
    ...options.env,
  };
  const child = spawn(process.execPath, [MAIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const origin = await listening(child);
  const headers: Record<string, string> = options.env?.API_TOKEN
    ? { authorization: `Bearer ${options.env.API_TOKEN}` }
    : {};
  return {
    origin,
    async post(webhooks) {
      const began = performance.now() - (webhooks[0]?.at_ms ?? 0);
      for (const { path, body, at_ms } of webhooks) {
        await setTimeout(Math.max(0, began + at_ms - performance.now()));
        const answer = await fetch(origin + path, { method: 'POST', body: body ?? '' });
        if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
      }
    },
    configure: (livekit) => writeFile(configuration, JSON.stringify(livekit)),
    async until<T>(path: string, isWanted: (answer: T) => boolean) {
      const deadline = Date.now() + PATIENCE_MS;
      for (;;) {
        const answer = await fetch(`${origin}/api/v1/${path}`, { headers });
        const json = answer.ok ? ((await answer.json()) as T) : undefined;
        if (json && isWanted(json)) return json;
        if (Date.now() > deadline)
          throw new Error(`${path} was not as wanted: ${answer.status} ${JSON.stringify(json)}`);
        await setTimeout(100);
      }
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output = (output + chunk).slice(-100_000);
      const found = /listening at (http:[^"]+)"/.exec(output)?.[1];
      if (found) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`sipwhy ended with ${code}: ${output}`)));
  });
}

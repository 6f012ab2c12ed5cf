import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freshProgram } from '../../bin/freshProgram.js';
import { PATIENCE_MS } from '../machineSpeed.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';

const MAIN = freshProgram();

export interface Server {
  readonly url: string;
  /** `SIGTERM` unless told otherwise; resolves once it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Waits for a condition, which may be asynchronous; what it is that was waited for is the error's text. */
export async function until<T>(
  what: string,
  condition: () => T | false | Promise<T | false>,
  seconds = PATIENCE_MS / 1000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s in vain: ${what}`);
    await setTimeout(50);
  }
}

/** Starts sipwhy as its operator does. */
export function startSipwhy(env: Readonly<Record<string, string>>): Promise<Server> {
  return start(process.execPath, [MAIN, 'serve'], /listening at http:\/\/([^"]+)"/, {
    PORT: '0',
    PROBE_INTERVAL_SECONDS: '0',
    ...env,
  });
}

export interface PrometheusOptions {
  readonly directory: string;
  /** Seconds between two scrapes. */
  readonly scrapeSeconds: number;
  /** `host:port` by job. */
  readonly jobs: Readonly<Record<string, string>>;
  /** The rule file's text. */
  readonly rules?: string;
  readonly alertmanager?: string;
}

/** Starts Debian's Prometheus on a port and in a folder of its own. */
export async function startPrometheus(options: PrometheusOptions): Promise<Server> {
  const { directory, scrapeSeconds, jobs, rules, alertmanager } = options;
  mkdirSync(directory, { recursive: true });
  if (rules !== undefined) writeFileSync(join(directory, 'rules.yml'), rules);
  const interval = `${scrapeSeconds * 1000}ms`;
  const config = {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    scrape_configs: Object.entries(jobs).map(([job_name, target]) => ({
      job_name,
      static_configs: [{ targets: [target] }],
    })),
    ...(rules !== undefined && { rule_files: ['rules.yml'] }),
    ...(alertmanager !== undefined && {
      alerting: { alertmanagers: [{ static_configs: [{ targets: [hostOf(alertmanager)] }] }] },
    }),
  };
  writeFileSync(join(directory, 'prometheus.yml'), stringify(config));
  const server = await start(
    'prometheus',
    [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
      '--enable-feature=exemplar-storage',
    ],
    /msg="Listening on" address=(\S+)/,
  );
  // It listens before it has read its own storage.
  await until('prometheus is ready', async () => (await fetch(`${server.url}/-/ready`)).ok);
  return server;
}

/** Starts Debian's Alertmanager on a port and in a folder of its own. */
export function startAlertmanager(directory: string, config: string): Promise<Server> {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'alertmanager.yml'), config);
  return start(
    'prometheus-alertmanager',
    [
      `--config.file=${join(directory, 'alertmanager.yml')}`,
      `--storage.path=${join(directory, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
      '--cluster.listen-address=',
    ],
    /msg="Listening on" address=(\S+)/,
  );
}

export function hostOf(url: string): string {
  return new URL(url).host;
}

/** Starts a process and resolves once its output names the address that it listens on. */
async function start(
  command: string,
  args: readonly string[],
  listening: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const child = spawn(command, args, {
    env: { ...PLAIN_ENVIRONMENT, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output = (output + chunk).slice(-20_000);
    });
  }
  const address = await until(`${command} listens`, () => {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${output}`);
    return listening.exec(output)?.[1];
  });
  return {
    url: `http://${address}`,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    },
  };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { freshProgram } from '../../../bin/freshProgram.js';
import { PLAIN_ENVIRONMENT } from '../../plainEnvironment.ts';
import { RECORDED_SECRET, type RecordedCase, recorded } from '../service.ts';
import { freshIds, jambonzSignature } from '../signing.ts';

const MAIN = freshProgram();

/** A replica as a process. */
export class ReplicaProcess {
  readonly env: Record<string, string>;
  url = '';
  /** What the process calls itself in `settled_by`. */
  replica = '';
  output = '';
  #child: ChildProcess | undefined;

  constructor(env: Record<string, string>) {
    this.env = env;
  }

  /** Resolves once it listens. */
  async start(): Promise<this> {
    this.output = '';
    const child = spawn(process.execPath, [MAIN, 'serve'], {
      env: { ...PLAIN_ENVIRONMENT, PORT: '0', JAMBONZ_WEBHOOK_SECRET: RECORDED_SECRET, ...this.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (chunk) => {
        this.output += chunk;
        const [, url] = /listening at (http:[^"]+)"/.exec(this.output) ?? [];
        const [, replica] = /"replica":"([^"]+)"/.exec(this.output) ?? [];
        if (url === undefined || replica === undefined) return;
        this.url = url;
        this.replica = replica;
        resolve();
      });
      child.once('exit', (code) => reject(new Error(`sipwhy ended with ${code}: ${this.output}`)));
    });
    return this;
  }

  /** Resolves to its exit status once it has ended; `null` where the signal ended it. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child?.exitCode ?? null);
    return new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill(signal);
    });
  }

  /** The sum of a metric's samples whose labels hold a text. */
  async sum(metric: string, labels = ''): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return text
      .split('\n')
      .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
      .filter((line) => line.includes(labels))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }
}

/** A webhook as it is to be posted. */
export interface SignedWebhook {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A recorded call made anew: other ids, and signed as if it had begun at a time in epoch milliseconds. */
export function callLike({ webhooks }: RecordedCase, began: number): { callSid: string; webhooks: SignedWebhook[] } {
  const renew = freshIds();
  const signed = webhooks.map(({ path, headers, body, at_ms }) => {
    const renewed = renew(body);
    const signature = jambonzSignature(renewed, RECORDED_SECRET, began + at_ms);
    const { 'content-type': type = '' } = headers;
    return { path, headers: { 'content-type': type, 'jambonz-signature': signature }, body: renewed };
  });
  const dialled = webhooks.map(({ body }) => JSON.parse(body)).find(({ direction }) => direction === 'outbound');
  return { callSid: renew(dialled.call_sid), webhooks: signed };
}

/** LiveKit's configuration that holds the trunks and rules of several recorded cases. */
export function configurationOf(ids: readonly string[]) {
  const all = ids.map((id) => recorded(id).livekit);
  return {
    inbound_trunks: all.flatMap(({ inbound_trunks }) => inbound_trunks),
    dispatch_rules: all.flatMap(({ dispatch_rules }) => dispatch_rules),
  };
}

/** Random, but the same in each run. */
export function shuffled<T>(things: readonly T[], seed = 1): T[] {
  let state = seed;
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state;
  };
  return things
    .map((thing) => ({ thing, at: next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ thing }) => thing);
}

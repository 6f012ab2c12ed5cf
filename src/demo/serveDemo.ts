import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { request } from 'undici';
import { CALLERS, demoCall } from './demoCalls.ts';
import { configurationWith, PHASES, type Phase } from './demoPhases.ts';
import { incident } from './firstIncident.ts';
import type { DemoWebhook } from './jambonzWebhooks.ts';

export interface DemoOptions {
  readonly callsPerMinute: number;
  readonly minutes: number;
  /** Tells a person what happens. */
  readonly say: (line: string) => void;
}

/** Starts the service with these settings; resolves with its address, such as `http://127.0.0.1:8080`. */
export type StartService = (env: NodeJS.ProcessEnv) => Promise<string>;

const REFRESH_SECONDS = 5;
const REFRESH_MS = 1000 * (REFRESH_SECONDS + 1);

/** Runs the service on a store of its own, and sends it the webhooks of calls. It goes on when the calls have ended. */
export async function serveDemo(start: StartService, { callsPerMinute, minutes, say }: DemoOptions): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'sipwhy-demo-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'livekit.json');
  configure(file, []);
  const origin = await start(settingsOf(directory, file));
  say(`page     ${origin}/\nmetrics  ${origin}/metrics\nstop     Ctrl+C, which also deletes what the demo stored\n`);

  const began = performance.now();
  let pausedMs = 0;
  const elapsedMs = () => performance.now() - began;
  const tell = (what: string) => say(`${clock(elapsedMs())}  ${what}`);
  const share = () => (elapsedMs() - pausedMs) / (minutes * 60_000);
  let phase: Phase | undefined;
  for (let n = 0; share() < 1; n += 1) {
    const now = PHASES.findLast(({ from }) => from <= share());
    if (now !== undefined && now !== phase) {
      tell(now.what);
      if (phase && `${now.allowedNumbers}` !== `${phase.allowedNumbers}`) {
        configure(file, now.allowedNumbers);
        // No call comes until the service has read the change, and the phase still has its whole time.
        await setTimeout(REFRESH_MS);
        pausedMs += REFRESH_MS;
      }
      phase = now;
    }
    const ending = phase?.endings[n % phase.endings.length] ?? 'connects';
    // Nothing waits for a call, and the service tells of its own faults.
    send(origin, demoCall(ending, CALLERS[n % CALLERS.length] ?? '')).catch(() => {});
    await setTimeout(60_000 / callsPerMinute);
  }
  tell('no more calls; the service goes on until it is stopped');
}

/** Settings of the demo. Nothing of the person's own store or LiveKit is used. */
function settingsOf(directory: string, file: string): NodeJS.ProcessEnv {
  const { PORT, LOG_LEVEL = 'error' } = process.env;
  return {
    ...(PORT !== undefined && { PORT }),
    LOG_LEVEL,
    DATABASE_URL: join(directory, 'sipwhy.db'),
    LIVEKIT_CONFIG_FILE: file,
    LIVEKIT_URL: incident.livekit_url,
    LIVEKIT_REFRESH_SECONDS: `${REFRESH_SECONDS}`,
    JAMBONZ_SBC_ADDRESSES: '54.236.168.131',
  };
}

/** Replaces the file in one step, so that the service never reads half of it. */
function configure(file: string, allowedNumbers: readonly string[]): void {
  writeFileSync(`${file}.new`, JSON.stringify(configurationWith(allowedNumbers)));
  renameSync(`${file}.new`, file);
}

/** Sends the webhooks of a call in real time, because the time between them is evidence. */
async function send(origin: string, webhooks: readonly DemoWebhook[]): Promise<void> {
  const began = performance.now();
  for (const { path, body, at_ms } of webhooks) {
    await setTimeout(Math.max(0, began + at_ms - performance.now()), undefined, { ref: false });
    const { body: answer } = await request(origin + path, { method: 'POST', body: body ?? '' });
    await answer.dump();
  }
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, '0')}`;
}

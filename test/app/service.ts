import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { pino } from 'pino';
import { createApp } from '../../src/app.ts';
import { readSettings } from '../../src/settings/settings.ts';

/** Secret with which the recorded webhooks are signed. */
export const RECORDED_SECRET = 'whsec_lab_jambonz';

export interface RecordedCase {
  readonly id: string;
  readonly invite: { readonly source_ip: string };
  readonly livekit: { readonly inbound_trunks: object[]; readonly dispatch_rules: object[] };
  readonly expected: { readonly outcome: string; readonly blocking: readonly string[] };
  readonly webhooks: readonly {
    readonly method: 'POST';
    readonly path: string;
    readonly headers: Record<string, string>;
    readonly body: string;
    readonly at_ms: number;
  }[];
}

export const RECORDED: readonly RecordedCase[] = gunzipSync(
  readFileSync(new URL('../recorded/livekit-sip-cases.jsonl.gz', import.meta.url)),
)
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as RecordedCase);

export function recorded(id: string): RecordedCase {
  const found = RECORDED.find((recordedCase) => recordedCase.id === id);
  if (!found) throw new Error(`no recorded case ${id}`);
  return found;
}

/** Epoch milliseconds at which a recorded call began, from its first signature. */
export function startOf({ webhooks }: RecordedCase): number {
  return Number(/t=(\d+)/.exec(webhooks[0]?.headers['jambonz-signature'] ?? '')?.[1]) * 1000;
}

/** Virtual time goes by without a turn of the event loop, which looks like an overload. */
const NEVER = { delayMs: Number.POSITIVE_INFINITY, heap: 1 };

/** A service with a clock of its own, started. `env` as an operator would set it. */
export async function startService(env: Record<string, string>, startAt = 1_795_387_200_000, pressure = NEVER) {
  const clock = { now: startAt };
  let jumpedBy = 0;
  const reading = readSettings({ DATABASE_URL: ':memory:', LOG_LEVEL: 'silent', ...env });
  if (!reading.ok) throw new Error(reading.faults.join('\n'));
  const warnings: object[] = [];
  const logger = pino(
    { level: 'warn', base: null, timestamp: false },
    { write: (line) => void warnings.push(JSON.parse(line)) },
  );
  const app = await createApp(reading.settings, logger, {
    now: () => clock.now,
    elapsed: () => clock.now - jumpedBy,
    pressure,
  });
  await app.start();
  return {
    app,
    clock,
    /** What the log has from the level of warnings on. */
    warnings,
    /** Posts recorded webhooks at their times; answers with their status codes. */
    async post(webhooks: RecordedCase['webhooks'], began: number): Promise<number[]> {
      const codes: number[] = [];
      for (const { path, headers, body, at_ms } of webhooks) {
        clock.now = began + at_ms;
        await app.settle();
        codes.push((await app.http.inject({ method: 'POST', url: path, headers, payload: body })).statusCode);
      }
      return codes;
    },
    /** Sets the wall clock forward or back. No time passes. */
    jump(milliseconds: number): void {
      clock.now += milliseconds;
      jumpedBy += milliseconds;
    },
    /** Lets time pass in small steps, as it does. */
    async pass(milliseconds: number): Promise<void> {
      const until = clock.now + milliseconds;
      while (clock.now < until) {
        clock.now = Math.min(until, clock.now + 250);
        await app.settle();
      }
    },
    /** The samples of a metric that are not zero, as `labels` → value. */
    async samples(metric: string): Promise<Record<string, number>> {
      const { body } = await app.http.inject('/metrics');
      const lines = body.split('\n').filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `));
      const pairs = lines.map((line): [string, number] => {
        const space = line.lastIndexOf(' ');
        return [line.slice(metric.length, space), Number(line.slice(space + 1))];
      });
      return Object.fromEntries(pairs.filter(([, value]) => value !== 0));
    },
  };
}

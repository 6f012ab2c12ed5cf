import { setTimeout } from 'node:timers/promises';
import type { Consent } from '../cli/applyOptions.ts';
import type { FoundFix } from '../cli/calls/fixCommand.ts';
import { userPartOf } from '../core/call/sipUri.ts';

const EVERY_MS = 2_000;

interface NextCall {
  readonly call_sid: string;
  readonly outcome: string;
  readonly cause: string | null;
}

interface Wait {
  /** Epoch milliseconds. Only calls that began later count. */
  readonly since: number;
  readonly seconds: number;
  /** How often to look, in milliseconds. */
  readonly everyMs?: number;
}

/**
 * Waits for the next call to the same number, and says whether it connected. Resolves to `undefined` if none came in time;
 * Ctrl-C ends the waiting.
 */
export async function waitForNextCall(
  { ask, current, to }: FoundFix,
  { since, seconds, everyMs = EVERY_MS }: Wait,
  { say }: Pick<Consent, 'say'>,
): Promise<NextCall | undefined> {
  const digits = to === null ? '' : userPartOf(to).replaceAll(/\D/g, '');
  if (seconds === 0 || digits === '') return undefined;
  say(`Waiting up to ${seconds} s for the next call to ${digits}; Ctrl-C ends it …\n`);
  const ended = new AbortController();
  const stop = () => ended.abort();
  process.once('SIGINT', stop);
  try {
    const until = Date.now() + seconds * 1000;
    while (Date.now() < until && !ended.signal.aborted) {
      const next = await firstSince(ask, digits, since);
      if (next) {
        const how = next.outcome === 'connected' ? 'connected' : `${next.outcome}, cause ${next.cause}`;
        say(`The next call, ${next.call_sid}: ${how}.\n`);
        return next;
      }
      await setTimeout(Math.min(everyMs, Math.max(until - Date.now(), 0)), undefined, { signal: ended.signal }).catch(
        () => {},
      );
    }
    const where = ended.signal.aborted ? 'Stopped waiting' : 'No call came';
    say(`${where}. See sipwhy calls --to ${digits}, or the incident of ${current.cause}.\n`);
    return undefined;
  } finally {
    process.off('SIGINT', stop);
  }
}

async function firstSince(ask: FoundFix['ask'], to: string, since: number): Promise<NextCall | undefined> {
  const query = { to, since: new Date(since).toISOString(), limit: 20, fields: 'summary' };
  // The cast: the API describes its answer so.
  const { calls } = (await ask('/calls', query)) as { calls: readonly (NextCall & { started_at: string })[] };
  const next = calls.filter(({ started_at }) => Date.parse(started_at) >= since).at(-1);
  return next && { call_sid: next.call_sid, outcome: next.outcome, cause: next.cause };
}

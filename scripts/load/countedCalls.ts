import { setTimeout } from 'node:timers/promises';

const POLL_MS = 250;
/** How long the count must be stable: longer than sipwhy ever waits for a late webhook. */
const STILL_MS = 15_000;
/** The same once every call is counted. Only a call counted twice could still follow. */
const STILL_WHEN_COMPLETE_MS = 2_000;

export interface Counted {
  readonly calls: number;
  /** From the start of the wait to the last change of the count. */
  readonly afterSeconds: number;
}

/** Waits until the count of call attempts is stable. */
export async function countedCalls(url: string, expected: number): Promise<Counted> {
  const startedAt = performance.now();
  let calls = -1;
  let changedAt = startedAt;
  for (;;) {
    const count = await readCount(url);
    const now = performance.now();
    if (count !== calls) changedAt = now;
    calls = count;
    if (now - changedAt >= (calls >= expected ? STILL_WHEN_COMPLETE_MS : STILL_MS)) break;
    await setTimeout(POLL_MS);
  }
  return { calls, afterSeconds: (changedAt - startedAt) / 1000 };
}

async function readCount(url: string): Promise<number> {
  const answer = await fetch(`${url}/metrics`);
  if (!answer.ok) throw new Error(`/metrics answered ${answer.status}`);
  return sumOf('sipwhy_call_attempts_total', await answer.text());
}

/** The sum of a counter's samples in Prometheus' text format. */
export function sumOf(name: string, metrics: string): number {
  return metrics
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { RECORDED_SECRET, type RecordedCase } from '../app/service.ts';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Posts a recorded call in real time as a new one: with ids of its own, signed now. Resolves to its dialled leg. */
export async function call(url: string, { webhooks }: RecordedCase): Promise<string> {
  const ids = new Map<string, string>();
  const fresh = (id: string) => {
    const known = ids.get(id) ?? randomUUID();
    ids.set(id, known);
    return known;
  };
  const began = performance.now() - (webhooks[0]?.at_ms ?? 0);
  let dialled = '';
  for (const { path, body: recorded, at_ms } of webhooks) {
    await setTimeout(Math.max(0, began + at_ms - performance.now()));
    const body = recorded.replaceAll(UUID, fresh);
    const t = Math.floor(Date.now() / 1000);
    const v1 = createHmac('sha256', RECORDED_SECRET).update(`${t}.${body}`).digest('hex');
    const headers = { 'content-type': 'application/json', 'jambonz-signature': `t=${t},v1=${v1}` };
    const answer = await fetch(url + path, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    const { call_sid, direction } = JSON.parse(body) as { call_sid: string; direction: string };
    if (direction === 'outbound') dialled = call_sid;
  }
  return dialled;
}

/** Makes the same call again and again until it is told to stop, which resolves to all dialled legs. */
export function keepCalling(url: string, recordedCase: RecordedCase, everySeconds: number) {
  const stopped = new AbortController();
  const calls: Promise<string>[] = [];
  const running = (async () => {
    while (!stopped.signal.aborted) {
      calls.push(call(url, recordedCase));
      await setTimeout(everySeconds * 1000, undefined, { signal: stopped.signal }).catch(() => {});
    }
  })();
  return {
    async stop(): Promise<string[]> {
      stopped.abort();
      await running;
      return Promise.all(calls);
    },
  };
}

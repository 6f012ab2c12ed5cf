import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { AccessToken } from 'livekit-server-sdk';
import { RECORDED_SECRET, type RecordedCase } from '../app/service.ts';
import { freshIds, jambonzSignature } from '../app/signing.ts';

/** With which LiveKit's recorded webhooks were signed. */
export const LIVEKIT_KEYS = {
  LIVEKIT_API_KEY: 'devkey',
  LIVEKIT_API_SECRET: 'secret-secret-secret-secret-secret-1234',
};

/** What a sender puts beside a body that it sends now. */
async function headersNow(path: string, body: string): Promise<Record<string, string>> {
  if (path === '/livekit/webhook') {
    const token = new AccessToken(LIVEKIT_KEYS.LIVEKIT_API_KEY, LIVEKIT_KEYS.LIVEKIT_API_SECRET);
    token.sha256 = createHash('sha256').update(body).digest('base64');
    return { 'content-type': 'application/webhook+json', authorization: await token.toJwt() };
  }
  const signature = jambonzSignature(body, RECORDED_SECRET, Date.now());
  return { 'content-type': 'application/json', 'jambonz-signature': signature };
}

/** Posts a recorded call in real time as a new one: with ids of its own, signed now. Resolves to its dialled leg. */
export async function call(url: string, { webhooks }: Pick<RecordedCase, 'webhooks'>): Promise<string> {
  const fresh = freshIds();
  const began = performance.now() - (webhooks[0]?.at_ms ?? 0);
  let dialled = '';
  for (const { path, body: recorded, at_ms } of webhooks) {
    await setTimeout(Math.max(0, began + at_ms - performance.now()));
    const body = fresh(recorded);
    const headers = await headersNow(path, body);
    const answer = await fetch(url + path, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    const { call_sid, direction } = JSON.parse(body) as { call_sid: string; direction?: string };
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

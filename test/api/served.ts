import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService } from '../app/service.ts';
import { SBC, type Webhook, WITH_PASSWORD } from '../core/scenario.ts';

/** A service with LiveKit's configuration from a file, and its API. */
export async function served(
  env: Record<string, string> = {},
  livekit: object | null = WITH_PASSWORD,
  pressure?: { delayMs: number; heap: number },
) {
  const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
  const file = join(directory, 'livekit.json');
  if (livekit) writeFileSync(file, JSON.stringify(livekit));
  const service = await startService(
    { ...(livekit && { LIVEKIT_CONFIG_FILE: file }), JAMBONZ_SBC_ADDRESSES: SBC, ...env },
    undefined,
    pressure,
  );
  const get = (path: string, headers: Record<string, string> = {}) =>
    service.app.http.inject({ url: `/api/v1${path}`, headers });
  const send = async (webhooks: readonly Webhook[], headers: Record<string, string> = {}) => {
    const began = service.clock.now;
    for (const { path, body = '', at_ms } of webhooks) {
      service.clock.now = began + at_ms;
      await service.app.settle();
      const answer = await service.app.http.inject({ method: 'POST', url: path, headers, payload: body });
      if (answer.statusCode >= 300) throw new Error(`${path}: ${answer.body}`);
    }
  };
  return {
    service,
    get,
    json: async (path: string) => (await get(path)).json(),
    send,
    /** Changes LiveKit's configuration, which is then read. */
    async configure(changed: object) {
      writeFileSync(file, JSON.stringify(changed));
      await service.pass(30_000);
      await service.app.refresh();
    },
    /** Sends the webhooks of a call, and lets time pass until it is over. */
    async make(webhooks: readonly Webhook[]) {
      await send(webhooks);
      await service.pass(10_000);
    },
    async close() {
      await service.app.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** The server itself. */
export function apiOf({ service }: Awaited<ReturnType<typeof served>>) {
  return service.app.http;
}

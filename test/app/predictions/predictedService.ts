import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { A_LEG, B_LEG, CALLED, CALLER, type Dial, SBC, webhooksOf } from '../../core/scenario.ts';
import { type LiveKitConfiguration, startLiveKitApi } from '../livekit/livekitApi.ts';
import { startService } from '../service.ts';

const BEGAN = 1_795_387_200_000;
const CONNECTS: Dial = { ringing: [100], response: [200, 'OK', 1_000] };

/** What the tests read of a predicted incident. */
export interface Predicted {
  readonly id: string;
  readonly state: string;
  readonly effect: string;
  readonly cause: string | null;
  readonly trunk: string;
  readonly title: string;
  readonly certain: boolean;
  readonly summary: string;
  readonly closed_because: string | null;
  readonly change: { readonly changes: readonly string[] };
  readonly kinds: readonly { readonly to: string; readonly caller: string | null; readonly now: object | null }[];
  readonly kinds_hit: number;
  readonly kinds_seen: number;
  readonly calls_per_day: number;
  readonly traffic_share: number;
  readonly fix: { readonly action: string } | null;
  readonly take_back: { readonly steps: readonly string[]; readonly by_hand: readonly string[] } | null;
  readonly command: string | null;
}

/** A service that follows a fake LiveKit, with calls that connect. */
export async function startPredicting(
  fields: Pick<LiveKitConfiguration, 'inbound_trunks' | 'dispatch_rules'>,
  env: Record<string, string> = {},
  startAt = BEGAN,
) {
  const configuration: LiveKitConfiguration = { ...structuredClone(fields), state: 'up' };
  const api = await startLiveKitApi(configuration);
  const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
  const given = {
    DATABASE_URL: join(directory, 'store.db'),
    LIVEKIT_URL: api.url,
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 'secret',
    LIVEKIT_SIP_HOST: 'lab.sip.livekit.cloud',
    JAMBONZ_SBC_ADDRESSES: SBC,
    ...env,
  };
  let service = await startService(given, startAt);
  let calls = 0;
  const read = async () => {
    await service.pass(30_000);
    await service.app.refresh();
  };
  const predicted = async (state = 'open'): Promise<Predicted[]> =>
    (await service.app.http.inject(`/api/v1/incidents/predicted?state=${state}`)).json().incidents;
  return {
    /** What the service was started with. */
    env: given,
    get app() {
      return service.app;
    },
    samples: (metric: string) => service.samples(metric),
    /** A call from a caller to a number, which connects. */
    async connect({ from = CALLER, to = CALLED }: { from?: string; to?: string } = {}): Promise<void> {
      calls += 1;
      const webhooks = webhooksOf(CONNECTS).map(({ path, body = '', at_ms }) => ({
        method: 'POST' as const,
        path,
        headers: { 'content-type': 'application/json' },
        body: body
          .replaceAll(A_LEG, `a-${calls}`)
          .replaceAll(B_LEG, `b-${calls}`)
          .replaceAll('@192', `-${calls}@192`)
          .replaceAll(CALLER, from)
          .replaceAll(CALLED, to),
        at_ms,
      }));
      for (const code of await service.post(webhooks, service.clock.now)) assert.ok(code < 300);
      await service.pass(3_000);
    },
    /** Changes LiveKit's configuration, which is then read; resolves to the predicted incidents that are open. */
    async change(edit: (configuration: LiveKitConfiguration) => void): Promise<Predicted[]> {
      edit(configuration);
      await read();
      return predicted();
    },
    predicted,
    /** Stops the service and starts it again over the same store. */
    async restart(): Promise<void> {
      const { now } = service.clock;
      await service.app.close();
      service = await startService(given, now);
    },
    async close(): Promise<void> {
      await service.app.close();
      await api.close();
      await rm(directory, { recursive: true });
    },
  };
}

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { RECORDED, type RecordedCase, recorded, startService } from './service.ts';

const EPOCH = 1_795_387_200_000;
const LATEST_MS = 120_000;

/** Webhooks that arrive so much later than they were sent, in the order of their arrival. */
function delayed(webhooks: RecordedCase['webhooks'], delays: readonly number[]): RecordedCase['webhooks'] {
  return webhooks
    .map((webhook, i) => ({ ...webhook, at_ms: webhook.at_ms + (delays[i] ?? 0) }))
    .sort((a, b) => a.at_ms - b.at_ms);
}

/** Lets them arrive, before one of them in a service that was started anew; what was counted, and what is kept. */
async function live(env: Record<string, string>, webhooks: RecordedCase['webhooks'], restartBefore: number) {
  let counted = 0;
  let service = await startService(env, EPOCH);
  const end = async () => {
    for (const value of Object.values(await service.samples('sipwhy_call_attempts_total'))) counted += value;
    await service.app.close();
  };
  for (const [i, webhook] of webhooks.entries()) {
    if (i === restartBefore) {
      await end();
      service = await startService(env, service.clock.now);
    }
    await service.pass(EPOCH + webhook.at_ms - service.clock.now);
    await service.post([webhook], EPOCH);
  }
  await service.pass(300_000);
  const { calls } = (await service.app.http.inject('/api/v1/calls')).json();
  const { incidents } = (await service.app.http.inject('/api/v1/incidents?state=all')).json();
  await end();
  return {
    counted,
    calls: calls.map(({ call_sid, cause }: Record<string, string>) => `${call_sid} ${cause}`),
    inIncidents: incidents.reduce((sum: number, incident: { calls: number }) => sum + incident.calls, 0),
  };
}

test('an attempt is kept, counted and explained once, however late each of its webhooks comes', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
  let runs = 0;
  const late = fc.asyncProperty(
    fc.constantFrom(...RECORDED.map(({ id }) => id)),
    fc.array(fc.oneof(fc.constant(0), fc.nat(10_000), fc.nat(LATEST_MS)), { minLength: 30, maxLength: 30 }),
    fc.nat(12),
    async (id, delays, restartBefore) => {
      runs += 1;
      const { webhooks, livekit, invite, expected } = recorded(id);
      const file = join(directory, 'livekit.json');
      await writeFile(file, JSON.stringify(livekit));
      const env = {
        DATABASE_URL: join(directory, `${runs}.db`),
        LIVEKIT_CONFIG_FILE: file,
        JAMBONZ_SBC_ADDRESSES: invite.source_ip,
      };
      const dialled = webhooks.map(({ body }) => JSON.parse(body)).find((body) => body.parent_call_sid);
      const found = await live(env, delayed(webhooks, delays), restartBefore);
      const [cause] = expected.blocking;
      assert.deepEqual(found, { counted: 1, calls: [`${dialled.call_sid} ${cause}`], inIncidents: 1 });
    },
  );
  try {
    await fc.assert(late, { numRuns: 60, seed: 20_261_123, endOnFailure: true });
  } finally {
    await rm(directory, { recursive: true });
  }
});

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { PATIENCE_MS } from '../../machineSpeed.ts';
import { postgresSchema } from '../../store/schema/databases.ts';
import { startReceiver } from '../noticeReceiver.ts';
import { recorded, startService } from '../service.ts';

const CASE = recorded('caller_not_allowed-101-0');
const CALLS = 10;

type Service = Awaited<ReturnType<typeof startService>>;

it('replicas hold one incident of the calls that fail on all of them, and tell of each event once', async () => {
  const place = await postgresSchema();
  const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
  const receiver = await startReceiver(204);
  const services: Service[] = [];
  try {
    const file = join(directory, 'livekit.json');
    await writeFile(file, JSON.stringify(CASE.livekit));
    for (const replica of [1, 2]) {
      const env = {
        DATABASE_URL: place.url,
        JOURNAL_DIR: join(directory, `journal-${replica}`),
        LIVEKIT_CONFIG_FILE: file,
        JAMBONZ_SBC_ADDRESSES: CASE.invite.source_ip,
        INCIDENT_WEBHOOK_URL: receiver.url,
        INCIDENT_WEBHOOK_SECRET: 'c2VjcmV0LW9mLXRoZS10ZXN0LTI0LWJ5dGVz',
      };
      services.push(await startService(env, Date.now()));
    }
    const [one, other] = services;
    assert.ok(one && other);

    // Each webhook to the other replica than the one before.
    for (let i = 0; i < CALLS; i += 1) {
      for (const [j, { path, body, at_ms }] of CASE.webhooks.entries()) {
        const to = services[(i + j) % 2] ?? one;
        for (const { clock } of services) clock.now += j === 0 ? 1_000 : at_ms - (CASE.webhooks[j - 1]?.at_ms ?? 0);
        const payload = body.replace(/"[0-9a-f]{8}-(?=[0-9a-f]{4}-)/g, `"${String(i).padStart(8, '0')}-`);
        const headers = { 'content-type': 'application/json' };
        assert.ok((await to.app.http.inject({ method: 'POST', url: path, headers, payload })).statusCode < 300);
      }
    }

    const incidentsOf = async ({ app }: Service) => (await app.http.inject('/api/v1/incidents')).json().incidents;
    await until(services, async () => (await incidentsOf(one))[0]?.calls === CALLS);
    assert.equal((await incidentsOf(other)).length, 1);
    const openAt = async ({ samples }: Service) => Object.values(await samples('sipwhy_incidents_open'));
    await until(services, async () => [...(await openAt(one)), ...(await openAt(other))].join() === '1,1');
    const events = new Map<string, number>();
    for (const { samples } of services) {
      for (const [labels, value] of Object.entries(await samples('sipwhy_incidents_total'))) {
        events.set(labels, (events.get(labels) ?? 0) + value);
      }
    }
    assert.deepEqual(Object.fromEntries(events), {
      '{cause="caller_not_allowed",event="opened"}': 1,
      '{cause="caller_not_allowed",event="worsened"}': 1,
    });
    await until(services, async () => receiver.received.length >= 2);
    const delivered = receiver.received.map(({ body }) => JSON.parse(body).type);
    assert.deepEqual(delivered.sort(), ['incident.opened', 'incident.worsened']);

    const [{ id }] = await incidentsOf(one);
    const resolve = { method: 'POST', url: `/api/v1/incidents/${id}/resolve`, payload: { by: 'Ann' } } as const;
    assert.equal((await one.app.http.inject(resolve)).statusCode, 200);
    // The other replica learns of it with its next refresh.
    await until(services, async () => (await openAt(other)).length === 0);
    assert.equal((await incidentsOf(other))[0].state, 'closed');
  } finally {
    for (const { app } of services) await app.close();
    await receiver.close();
    await place.remove();
    await rm(directory, { recursive: true });
  }
});

/** Lets time pass on all replicas until something holds. */
async function until(services: readonly Service[], holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; ) {
    if (await holds()) return;
    for (const { clock, app } of services) {
      clock.now += 250;
      await app.settle();
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail('it never held');
}

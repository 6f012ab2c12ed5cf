import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { startReady, until } from '../../durable/serviceProcess.ts';
import { startReceiver } from '../noticeReceiver.ts';
import { recorded, startService } from '../service.ts';

const CASE = recorded('caller_not_allowed-101-0');
const SECRET = 'c2VjcmV0LW9mLXRoZS10ZXN0LTI0LWJ5dGVz';
const JSON_HEADERS = { 'content-type': 'application/json' };

describe('an incident that people handle', () => {
  let directory: string;
  let env: Record<string, string>;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    receiver = await startReceiver(204);
    env = {
      DATABASE_URL: join(directory, 'store.db'),
      LIVEKIT_CONFIG_FILE: join(directory, 'livekit.json'),
      JAMBONZ_SBC_ADDRESSES: CASE.invite.source_ip,
      INCIDENT_WEBHOOK_URL: receiver.url,
      INCIDENT_WEBHOOK_SECRET: SECRET,
    };
    await writeFile(join(directory, 'livekit.json'), JSON.stringify(CASE.livekit));
  });
  afterEach(async () => {
    await receiver.close();
    await rm(directory, { recursive: true });
  });

  const renamed = (body: string, i: number) =>
    body.replace(/"[0-9a-f]{8}-(?=[0-9a-f]{4}-)/g, `"${String(i).padStart(8, '0')}-`);
  const told = () =>
    receiver.received.map(({ body }) => {
      const { type, data, text } = JSON.parse(body);
      return { type, text, closedText: data.closed_text };
    });

  it('sends no notification while it is muted, and one with who closed it otherwise', async () => {
    const service = await startService(env, Date.now());
    const fail = async (i: number) => {
      const webhooks = CASE.webhooks.map((sent) => ({ ...sent, headers: JSON_HEADERS, body: renamed(sent.body, i) }));
      await service.post(webhooks, service.clock.now);
      await service.pass(3_000);
    };
    const incidents = async () => (await service.app.http.inject('/api/v1/incidents')).json().incidents;
    const handle = async (id: string, verb: string, payload: object) => {
      const answer = await service.app.http.inject({ method: 'POST', url: `/api/v1/incidents/${id}/${verb}`, payload });
      assert.equal(answer.statusCode, 200, answer.body);
      await service.pass(1_000);
    };
    const open = async () => Object.values(await service.samples('sipwhy_incidents_open'))[0] ?? 0;
    try {
      await fail(1);
      await until('the opening is told', () => receiver.received.length === 1);
      const [{ id }] = await incidents();
      await handle(id, 'mute', { until: '+1h' });
      await handle(id, 'resolve', { by: 'Ann' });
      assert.equal(await open(), 0, 'the metrics know it without a refresh');
      await fail(2);
      assert.deepEqual([(await incidents())[0].state, await open()], ['open', 1], 'it reopened');
      for (let i = 3; i <= 10; i += 1) await fail(i);
      assert.equal((await incidents())[0].calls, 10);
      assert.notEqual((await incidents())[0].worsened_at, null);
      const events = await service.samples('sipwhy_incidents_total');
      assert.deepEqual(Object.values(events), [1, 1, 1, 1], 'all are counted');

      await handle(id, 'mute', { until: null });
      await handle(id, 'resolve', { by: 'Bob +1 555 555 0100' });
      await until('the closing is told', () => receiver.received.length >= 2);
      await service.pass(5_000);
      const [, closing, ...more] = told();
      assert.deepEqual(more, []);
      assert.deepEqual(
        [closing?.type, closing?.closedText],
        ['incident.closed', 'Closed by hand, by Bob +1 ••• ••• ••00.'],
      );
      assert.match(
        closing?.text ?? '',
        /^Incident closed: caller_not_allowed .* Closed by hand, by Bob \+1 ••• ••• ••00\./,
      );
    } finally {
      await service.app.close();
    }
  });

  it('tells of what happens once its mute is over', async () => {
    const service = await startService(env, Date.now());
    try {
      const webhooks = CASE.webhooks.map((sent) => ({ ...sent, headers: JSON_HEADERS }));
      await service.post(webhooks, service.clock.now);
      await service.pass(3_000);
      await until('the opening is told', () => receiver.received.length === 1);
      const [{ id }] = (await service.app.http.inject('/api/v1/incidents')).json().incidents;
      const url = `/api/v1/incidents/${id}`;
      await service.app.http.inject({ method: 'POST', url: `${url}/mute`, payload: { until: '+1m' } });
      const muted = async () => Object.values(await service.samples('sipwhy_incident_muted'));
      await service.pass(2_000);
      assert.deepEqual(await muted(), [1]);
      // The metric follows with the next refresh.
      await service.pass(70_000);
      assert.deepEqual(await muted(), []);
      await service.app.http.inject({ method: 'POST', url: `${url}/resolve`, payload: {} });
      await until('the closing is told', () => receiver.received.length === 2);
      assert.equal(told()[1]?.closedText, 'Closed by hand.');
    } finally {
      await service.app.close();
    }
  });

  it('is handled by a service whose engine is a thread, and its metrics follow', async () => {
    const service = await startReady(env);
    try {
      for (const { path, body } of CASE.webhooks)
        assert.ok((await fetch(`${service.url}${path}`, { method: 'POST', headers: JSON_HEADERS, body })).ok);
      const incidents = async (): Promise<{ id: string; state: string }[]> => {
        // The cast: the API describes it so. A service that has just started may answer 503 on a busy machine.
        const answer = (await (await fetch(`${service.url}/api/v1/incidents`)).json()) as { incidents?: [] };
        return answer.incidents ?? [];
      };
      await until('it opened', async () => (await incidents()).length === 1);
      const [{ id } = assert.fail()] = await incidents();
      const openMetric = 'sipwhy_incidents_open{cause="caller_not_allowed",party="livekit_config"}';
      await until('it is counted', async () => (await service.sample(openMetric)) === 1);
      const resolved = await fetch(`${service.url}/api/v1/incidents/${id}/resolve`, {
        method: 'POST',
        headers: JSON_HEADERS,
        body: JSON.stringify({ by: 'Ann' }),
      });
      assert.equal(resolved.status, 200);
      assert.deepEqual(
        (await incidents()).map(({ state }) => state),
        ['closed'],
      );
      const began = Date.now();
      await until('it is counted', async () => (await service.sample(openMetric)) === 0);
      assert.ok(Date.now() - began < 8_000, 'sooner than the next refresh');
      await until('it is told', () => told().some(({ closedText }) => closedText === 'Closed by hand, by Ann.'));
      const again = await fetch(`${service.url}/api/v1/incidents/${id}/resolve`, {
        method: 'POST',
        headers: JSON_HEADERS,
        body: '{}',
      });
      assert.equal(again.status, 409);
    } finally {
      await service.end('SIGTERM');
    }
  });
});

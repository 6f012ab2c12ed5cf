import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { IncidentJson } from '../../../src/core/explain/incidentJson.ts';
import { webhooksOf } from '../../core/scenario.ts';
import { type RecordedCase, recorded, startOf, startService } from '../service.ts';

const CASE = recorded('caller_not_allowed-101-0');
const CALLER = '14030957704';
const TRUNK = 'ST_nJXiMowJ7FZC';
const MINUTE = 60_000;
const CAUSE = 'caller_not_allowed';

describe('an incident', () => {
  const began = startOf(CASE);
  let directory: string;
  let env: Record<string, string>;
  let service: Awaited<ReturnType<typeof startService>>;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    env = {
      DATABASE_URL: join(directory, 'store.db'),
      LIVEKIT_CONFIG_FILE: join(directory, 'livekit.json'),
      JAMBONZ_SBC_ADDRESSES: CASE.invite.source_ip,
    };
    await configure(() => ({}));
    service = await startService(env, began);
  });
  afterEach(async () => {
    await service.app.close();
    await rm(directory, { recursive: true });
  });

  /** Writes LiveKit's configuration with something else in the trunk. */
  async function configure(change: (trunk: { allowed_numbers: string[] }) => object): Promise<void> {
    // The cast is what was recorded.
    const inbound_trunks = (CASE.livekit.inbound_trunks as { sip_trunk_id: string; allowed_numbers: string[] }[]).map(
      (trunk) => (trunk.sip_trunk_id === TRUNK ? { ...trunk, ...change(trunk) } : trunk),
    );
    await writeFile(join(directory, 'livekit.json'), JSON.stringify({ ...CASE.livekit, inbound_trunks }));
  }

  /** The recorded call once more under other identifiers, so many minutes after the first. */
  async function failAt(minute: number): Promise<string> {
    const id = `${String(minute).padStart(8, '0')}-`;
    const webhooks = CASE.webhooks.map((webhook) => ({
      ...webhook,
      headers: JSON_HEADERS,
      body: renamed(webhook.body, id),
    }));
    await deliver(webhooks, minute);
    return `${id}${DIALLED.slice(9)}`;
  }

  async function connectAt(minute: number): Promise<void> {
    const to = 'sip:1788544436@lab.sip.livekit.cloud';
    const webhooks = webhooksOf({ to, from: CALLER, ringing: [100], response: [200, 'OK', 1_000] });
    await deliver(
      webhooks.map(({ path, body = '', at_ms }) => ({
        method: 'POST' as const,
        path,
        headers: JSON_HEADERS,
        body: body
          .replaceAll('5bd6b0c', `5bd6${String(minute).padStart(3, '0')}`)
          .replaceAll('-leg@', `-leg-${minute}@`),
        at_ms,
      })),
      minute,
    );
  }

  async function deliver(webhooks: RecordedCase['webhooks'], minute: number): Promise<void> {
    const codes = await service.post(webhooks, began + minute * MINUTE);
    assert.ok(codes.every((code) => code < 300));
    await service.pass(3_000);
  }

  const get = async (path: string) => (await service.app.http.inject(`/api/v1/incidents${path}`)).json();
  const incidents = async (): Promise<IncidentJson[]> => (await get('?state=all')).incidents;
  const events = () => service.samples('sipwhy_incidents_total');
  const open = () => service.samples('sipwhy_incidents_open');

  it('opens, worsens, survives a restart, is closed by the re-check and proven by the next call', async () => {
    const first = await failAt(0);
    const [opened] = await incidents();
    assert.equal(opened?.state, 'open');
    assert.deepEqual(
      [opened.cause, opened.party, opened.trunk, opened.trunk_name, opened.calls, opened.callers],
      [CAUSE, 'livekit_config', TRUNK, 'trunk-3300', 1, 1],
    );
    assert.deepEqual(opened.first_call, { call_sid: first, at: new Date(began + 160).toISOString() });
    assert.equal(opened.fix?.proof, 'connects');
    assert.deepEqual(await open(), { [`{cause="${CAUSE}",party="livekit_config"}`]: 1 });
    const [series = ''] = Object.keys(await service.samples('sipwhy_incident_info'));
    for (const label of [`incident="${opened.id}"`, `trunk="${TRUNK}"`, 'trunk_name="trunk-3300"']) {
      assert.ok(series.includes(label), series);
    }
    const key = `{cause="${CAUSE}",trunk="${TRUNK}"}`;
    assert.deepEqual(await service.samples('sipwhy_incident_first_call_timestamp_seconds'), {
      [key]: (began + 160) / 1000,
    });
    await service.app.http.inject({
      method: 'POST',
      url: `/api/v1/incidents/${opened.id}/mute`,
      payload: { until: new Date(began + 10 * MINUTE).toISOString() },
    });
    await service.pass(15_000);
    assert.deepEqual(await service.samples('sipwhy_incident_muted'), { [key]: 1 });

    for (let minute = 1; minute < 10; minute += 1) await failAt(minute);
    assert.deepEqual(await events(), { [count('opened')]: 1, [count('worsened')]: 1 });

    await service.app.close();
    service = await startService(env, began + 12 * MINUTE);
    assert.deepEqual(await open(), { [`{cause="${CAUSE}",party="livekit_config"}`]: 1 });
    assert.deepEqual(await events(), {}, 'nothing is counted again');

    await configure(({ allowed_numbers }) => ({ allowed_numbers: [...allowed_numbers, CALLER] }));
    await service.app.refresh();
    await service.app.settle();
    const [closed, ...others] = await incidents();
    assert.deepEqual(others, []);
    assert.deepEqual([closed?.id, closed?.state, closed?.closed_because], [opened.id, 'closed', 'recheck_passes']);
    assert.equal(closed?.calls, 10);
    assert.equal(closed?.after_fix?.state, 'recheck_passes');
    assert.match(closed?.after_fix?.text ?? '', /caller_not_allowed is gone\.$/);
    assert.deepEqual(await open(), {});
    assert.deepEqual(await events(), { [count('closed')]: 1 });

    await connectAt(15);
    const [proven] = await incidents();
    assert.equal(proven?.after_fix?.state, 'next_call_connected');
    assert.deepEqual(await events(), { [count('closed')]: 1 });
  });

  it('stays open where the new configuration does not help, and says so', async () => {
    await failAt(0);
    await configure(({ allowed_numbers }) => ({ allowed_numbers: [...allowed_numbers, '+15550100'] }));
    await service.pass(MINUTE);
    await service.app.refresh();
    await service.app.settle();
    const [incident] = await incidents();
    assert.deepEqual([incident?.state, incident?.after_fix?.state], ['open', 'recheck_fails']);
    const failed = await failAt(5);
    const [again] = await incidents();
    assert.deepEqual([again?.calls, again?.after_fix?.state], [2, 'next_call_failed']);
    assert.match(again?.after_fix?.text ?? '', new RegExp(failed));
  });

  it('opens again where the fault comes back', async () => {
    await failAt(0);
    await configure(() => ({ allowed_numbers: [] }));
    await service.pass(MINUTE);
    await service.app.refresh();
    await configure(() => ({}));
    await service.pass(MINUTE);
    await service.app.refresh();
    await failAt(10);
    const [incident, ...others] = await incidents();
    assert.deepEqual(others, []);
    assert.deepEqual([incident?.state, incident?.calls, incident?.closed_because], ['open', 2, null]);
    assert.deepEqual(await events(), { [count('opened')]: 1, [count('closed')]: 1, [count('reopened')]: 1 });
    const [page, none] = [await get('?state=open'), await get('?state=closed')];
    assert.deepEqual([page.incidents.length, none.incidents.length], [1, 0]);
  });

  it('tells of its example calls', async () => {
    const first = await failAt(0);
    const [{ id } = assert.fail()] = await incidents();
    const found = await get(`/${id}`);
    assert.deepEqual(
      found.example_calls.map(({ call_sid, cause }: Record<string, string>) => [call_sid, cause]),
      [[first, CAUSE]],
    );
    assert.equal((await get('/no-such')).status, 404);
  });

  it('is put away after a week without a call, and is quiet until then', async () => {
    await failAt(0);
    service.clock.now += 6 * 24 * 60 * MINUTE;
    await service.pass(1_000);
    const [quiet] = await incidents();
    assert.deepEqual([quiet?.state, quiet?.quiet_since], ['open', new Date(began + 160).toISOString()]);
    service.clock.now += 24 * 60 * MINUTE;
    await service.pass(11_000);
    assert.equal((await incidents())[0]?.closed_because, 'no_calls');
  });
});

const JSON_HEADERS = { 'content-type': 'application/json' };
const DIALLED: string = JSON.parse(CASE.webhooks[2]?.body ?? '').call_sid;

function renamed(body: string, prefix: string): string {
  return body.replace(/"[0-9a-f]{8}-(?=[0-9a-f]{4}-)/g, `"${prefix}`);
}

function count(event: string): string {
  return `{cause="${CAUSE}",event="${event}"}`;
}

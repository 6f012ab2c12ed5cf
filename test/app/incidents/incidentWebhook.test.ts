import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { readSettings } from '../../../src/settings/settings.ts';
import { until } from '../../store/storedEvents.ts';
import { startReceiver } from '../noticeReceiver.ts';
import { recorded, startService } from '../service.ts';

const CASE = recorded('caller_not_allowed-101-0');
const SECRET = `whsec_${randomBytes(32).toString('base64')}`;

describe('who is told of incidents', () => {
  let directory: string;
  let env: Record<string, string>;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let service: Awaited<ReturnType<typeof startService>> | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    env = {
      DATABASE_URL: join(directory, 'store.db'),
      LIVEKIT_CONFIG_FILE: join(directory, 'livekit.json'),
      JAMBONZ_SBC_ADDRESSES: CASE.invite.source_ip,
      INCIDENT_WEBHOOK_SECRET: SECRET,
    };
    await writeFile(join(directory, 'livekit.json'), JSON.stringify(CASE.livekit));
  });
  afterEach(async () => {
    await service?.app.close();
    service = undefined;
    await receiver.close();
    await rm(directory, { recursive: true });
  });

  /** A service whose clock is the real one at first, since signatures are of their time. */
  async function start(more: Record<string, string> = {}, url = receiver.url) {
    service = await startService({ ...env, INCIDENT_WEBHOOK_URL: url, ...more }, Date.now());
    return service;
  }

  async function failOnce(): Promise<void> {
    assert.ok(service);
    const json = { 'content-type': 'application/json' };
    await service.post(
      CASE.webhooks.map((webhook) => ({ ...webhook, headers: json })),
      service.clock.now,
    );
    await service.pass(3_000);
  }

  const results = async () => (await service?.samples('sipwhy_incident_notifications_total')) ?? {};

  it('gets a signed message with the numbers masked, once', async () => {
    receiver = await startReceiver(204);
    await start();
    await failOnce();
    await until(async () => (await results())['{result="delivered"}'] === 1);
    const [{ headers, body, path } = assert.fail()] = receiver.received;
    assert.equal(path, '/hook');
    assert.equal(headers['content-type'], 'application/json');
    // The cast is Node's: these headers come once.
    const message = new Webhook(SECRET).verify(body, headers as Record<string, string>) as Record<string, never>;
    assert.throws(() => new Webhook(SECRET).verify(`${body} `, headers as Record<string, string>));
    const { type, timestamp, data, text } = message as unknown as Record<string, string> & {
      data: Record<string, unknown>;
    };
    assert.equal(type, 'incident.opened');
    assert.ok(Math.abs(Date.parse(timestamp ?? '') - Date.now()) < 300_000);
    assert.deepEqual(
      [data.cause, data.state, data.calls, data.trunk],
      ['caller_not_allowed', 'open', 1, 'ST_nJXiMowJ7FZC'],
    );
    assert.match(
      text ?? '',
      /^Calls are failing: caller_not_allowed on trunk ST_nJXiMowJ7FZC "trunk-3300": .*\nOwner: LiveKit config\./,
    );
    assert.match(text ?? '', /Fix \(proven\): Add 1•+04 to allowed_numbers/);
    for (const number of ['14030957704', '33503463733', '1788544436']) assert.ok(!body.includes(number), number);
    // Time passes, and nothing is sent again.
    service?.pass(120_000);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    assert.equal(receiver.received.length, 1);
  });

  it('gets it again after a failure, under the same id, also after a restart', async () => {
    receiver = await startReceiver(500, 503, 200);
    await start();
    await failOnce();
    await until(async () => (await results())['{result="error_status"}'] === 1);
    service?.pass(7_000);
    await until(() => receiver.received.length === 2);
    const { now } = service?.clock ?? { now: 0 };
    await service?.app.close();
    service = undefined;
    await start();
    assert.ok(service);
    // Both of the waits so far, and more than the third, are over.
    (service as Awaited<ReturnType<typeof startService>>).clock.now = now + 60_000;
    await until(async () => (await results())['{result="delivered"}'] === 1);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    assert.equal(ids.length, 3);
    assert.equal(new Set(ids).size, 1);
    assert.equal(new Set(receiver.received.map(({ body }) => body)).size, 1);
    const signatures = receiver.received.map(({ headers, body }) =>
      new Webhook(SECRET).sign(
        String(headers['webhook-id']),
        new Date(Number(headers['webhook-timestamp']) * 1000),
        body,
      ),
    );
    assert.deepEqual(
      receiver.received.map(({ headers }) => headers['webhook-signature']),
      signatures,
    );
  });

  it('is given up after a day, and at once where it wants no more', async () => {
    receiver = await startReceiver(500);
    await start();
    await failOnce();
    await until(async () => (await results())['{result="error_status"}'] === 1);
    assert.ok(service);
    service.clock.now += 24.5 * 3_600_000;
    await until(async () => (await results())['{result="given_up"}'] === 1);
    await receiver.close();
    receiver = await startReceiver(410);
    await service.app.close();
    await rm(join(directory, 'store.db'));
    await start();
    await failOnce();
    await until(async () => (await results())['{result="given_up"}'] === 1);
    assert.equal(receiver.received.length, 1);
  });

  it('holds nothing up where it never answers', async () => {
    receiver = await startReceiver('never');
    await start();
    await failOnce();
    await until(() => receiver.received.length === 1);
    assert.ok(service);
    const began = performance.now();
    await failOnce();
    assert.equal(Object.keys(await service.samples('sipwhy_call_failures_total')).length, 1);
    await service.app.close();
    service = undefined;
    assert.ok(performance.now() - began < 9_000, 'less than the time that an endpoint has');
  });

  it('gets only text where it is Slack', async () => {
    receiver = await startReceiver(200);
    await start({ INCIDENT_WEBHOOK_FORMAT: 'slack', INCIDENT_WEBHOOK_SECRET: '' });
    await failOnce();
    await until(() => receiver.received.length === 1);
    const [{ body, headers } = assert.fail()] = receiver.received;
    assert.deepEqual(Object.keys(JSON.parse(body)), ['text']);
    assert.equal(headers['webhook-signature'], undefined);
  });

  it('is nobody unless told so', async () => {
    receiver = await startReceiver(204);
    service = await startService({ ...env }, Date.now());
    await failOnce();
    assert.deepEqual(await results(), {});
    assert.equal(receiver.received.length, 0);
  });
});

describe('INCIDENT_WEBHOOK_URL', () => {
  const url = 'https://example.com/hook?token=hidden';
  const rows: [string, Record<string, string>, RegExp | undefined][] = [
    ['needs a secret', { INCIDENT_WEBHOOK_URL: url }, /INCIDENT_WEBHOOK_SECRET must be set too/],
    ['needs none for Slack', { INCIDENT_WEBHOOK_URL: 'https://hooks.slack.com/services/T0/B0/x' }, undefined],
    [
      'must be http',
      { INCIDENT_WEBHOOK_URL: 'ftp://example.com', INCIDENT_WEBHOOK_SECRET: SECRET },
      /must be http:\/\/ or https:\/\/ URLs/,
    ],
    [
      'takes several',
      { INCIDENT_WEBHOOK_URL: `${url}, https://example.net/`, INCIDENT_WEBHOOK_SECRET: SECRET },
      undefined,
    ],
    [
      'wants the secret as base64',
      { INCIDENT_WEBHOOK_URL: url, INCIDENT_WEBHOOK_SECRET: 'not base64!' },
      /INCIDENT_WEBHOOK_SECRET must be base64/,
    ],
  ];
  for (const [what, env, fault] of rows) {
    it(what, () => {
      const reading = readSettings(env);
      assert.equal(reading.ok, fault === undefined, JSON.stringify(reading));
      if (reading.ok) return;
      assert.match(reading.faults.join('\n'), fault ?? /^$/);
      assert.doesNotMatch(reading.faults.join('\n'), /hidden|not base64!/);
    });
  }
  it('warns of a weak secret', () => {
    const reading = readSettings({ INCIDENT_WEBHOOK_URL: url, INCIDENT_WEBHOOK_SECRET: 'c2hvcnQ=' });
    assert.ok(
      reading.ok && reading.settings.warnings.some((warning) => warning.startsWith('INCIDENT_WEBHOOK_SECRET is weak')),
    );
  });
});

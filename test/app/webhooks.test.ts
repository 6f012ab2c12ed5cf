import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { recorded, startOf, startService } from './service.ts';
import { jambonzSignature } from './signing.ts';

const SECRET = 'a-long-enough-secret-for-tests';
const BODY = JSON.stringify({ call_sid: 'c1', direction: 'inbound', call_status: 'trying', sip_status: 100 });

describe('a webhook', () => {
  const signed = (body: string, now: number, secret = SECRET) => ({
    'jambonz-signature': jambonzSignature(body, secret, now),
  });
  const withService = async (
    env: Record<string, string>,
    test: (service: Awaited<ReturnType<typeof startService>>) => Promise<void>,
  ) => {
    const service = await startService(env);
    try {
      await test(service);
    } finally {
      await service.app.close();
    }
  };

  it('is none where somebody asks with HEAD', () =>
    withService({}, async ({ app }) => {
      const url = '/jambonz/call-status?call_sid=c1&call_status=trying';
      assert.equal((await app.http.inject({ method: 'HEAD', url })).statusCode, 405);
      assert.equal((await app.http.inject('/api/v1/calls/c1')).statusCode, 404);
      assert.equal((await app.http.inject(url)).statusCode, 204);
      assert.equal((await app.http.inject('/api/v1/calls/c1')).statusCode, 200);
    }));

  it('signed with either of two secrets is taken', () =>
    withService({ JAMBONZ_WEBHOOK_SECRET: `another-secret-being-rotated-out,${SECRET}` }, async ({ app, clock }) => {
      const headers = signed(BODY, clock.now);
      const answer = await app.http.inject({ method: 'POST', url: '/jambonz/call-status', headers, payload: BODY });
      assert.equal(answer.statusCode, 204);
    }));

  it('that is forged, late or unsigned is refused with the remedy, and nothing of it is stored', () =>
    withService({ JAMBONZ_WEBHOOK_SECRET: SECRET }, async ({ app, clock, samples }) => {
      const forged = signed(BODY, clock.now, 'not the secret');
      const late = signed(BODY, clock.now - 301_000);
      for (const [headers, code] of [
        [forged, 'bad_signature'],
        [late, 'stale_signature'],
        [{}, 'missing_signature'],
      ] as const) {
        // Not JSON: it would be 400 if anything were parsed before the signature is verified.
        const answer = await app.http.inject({ method: 'POST', url: '/jambonz/call-status', headers, payload: BODY });
        assert.equal(answer.statusCode, 401);
        assert.match(String(answer.headers['content-type']), /application\/problem\+json/);
        assert.equal(answer.json().type, `urn:sipwhy:problem:${code}`);
      }
      assert.equal((await app.http.inject('/api/v1/calls/c1')).statusCode, 404);
      assert.deepEqual(await samples('sipwhy_webhooks_total'), {
        '{source="jambonz",event="call_status",result="bad_signature"}': 1,
        '{source="jambonz",event="call_status",result="stale_signature"}': 1,
        '{source="jambonz",event="call_status",result="missing_signature"}': 1,
      });
    }));

  it('that is refused because of its time is told of in the log, once, with how far the clocks differ', () =>
    withService({ JAMBONZ_WEBHOOK_SECRET: SECRET }, async ({ app, clock, warnings }) => {
      for (const secondsAhead of [3_600, -3_600]) {
        const headers = signed(BODY, clock.now + secondsAhead * 1_000);
        const answer = await app.http.inject({ method: 'POST', url: '/jambonz/call-status', headers, payload: BODY });
        assert.equal(answer.statusCode, 401);
      }
      assert.deepEqual(warnings, [
        {
          level: 40,
          source: 'jambonz',
          seconds_ahead: 3_600,
          times: 1,
          msg: 'a webhook with a right signature was refused because of its time. seconds_ahead is how far that is ahead of this host’s clock, or behind if negative: check NTP on this host and on the sender',
        },
      ]);
    }));

  it('that fails verification is never parsed', () =>
    withService({ JAMBONZ_WEBHOOK_SECRET: SECRET }, async ({ app }) => {
      const answer = await app.http.inject({ method: 'POST', url: '/jambonz/call-status', payload: '{not json' });
      assert.equal(answer.statusCode, 401);
    }));

  it('of wrong types is answered with every field that is wrong', () =>
    withService({}, async ({ app }) => {
      const payload = JSON.stringify({ call_sid: 7, call_status: 'failed', sip_status: 'many' });
      const answer = await app.http.inject({ method: 'POST', url: '/jambonz/call-status', payload });
      assert.equal(answer.statusCode, 400);
      const fields = (answer.json() as { errors: { field: string }[] }).errors.map(({ field }) => field);
      assert.deepEqual(fields, ['call_sid', 'sip_status']);
    }));

  it('that is too large is refused and counted', () =>
    withService({}, async ({ app, samples }) => {
      const payload = `{"call_sid": "${'x'.repeat(300_000)}"}`;
      const answer = await app.http.inject({ method: 'POST', url: '/jambonz/dial-action', payload });
      assert.equal(answer.statusCode, 413);
      assert.deepEqual(await samples('sipwhy_webhooks_total'), {
        '{source="jambonz",event="dial_action",result="too_large"}': 1,
      });
    }));

  it('by GET carries the same keys, and needs credentials as soon as a secret is set', () =>
    withService({ JAMBONZ_WEBHOOK_SECRET: SECRET, JAMBONZ_BASIC_AUTH: 'jambonz:pass word' }, async ({ app }) => {
      const url = '/jambonz/call-status?call_sid=c2&direction=inbound&call_status=failed&sip_status=503';
      assert.equal((await app.http.inject(url)).statusCode, 401);
      const authorization = `Basic ${Buffer.from('jambonz:pass word').toString('base64')}`;
      assert.equal((await app.http.inject({ url, headers: { authorization } })).statusCode, 204);
      assert.equal((await app.http.inject('/api/v1/calls/c2')).json().timeline[0].sip_status, 503);
      const wrong = `Basic ${Buffer.from('jambonz:password').toString('base64')}`;
      assert.equal((await app.http.inject({ url, headers: { authorization: wrong } })).statusCode, 401);
    }));

  it('by GET is refused where a secret is set and no credentials are', () =>
    withService({ JAMBONZ_WEBHOOK_SECRET: SECRET }, async ({ app }) => {
      const answer = await app.http.inject('/jambonz/call-status?call_sid=c2&call_status=failed');
      assert.equal(answer.statusCode, 401);
    }));

  it('keeps keys that are not known and other content types', () =>
    withService({}, async ({ app }) => {
      const payload = JSON.stringify({ ...JSON.parse(BODY), some_new_key: { nested: true } });
      const headers = { 'content-type': 'text/plain' };
      const answer = await app.http.inject({ method: 'POST', url: '/jambonz/call-status', headers, payload });
      assert.equal(answer.statusCode, 204);
    }));

  it('with half a character in its call_sid is counted as any other, and not twice after a restart', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    const env = { DATABASE_URL: join(directory, 'store.db') };
    const attempts = async ({ pass, samples }: Awaited<ReturnType<typeof startService>>) => {
      await pass(60_000);
      return Object.values(await samples('sipwhy_call_attempts_total'));
    };
    await withService(env, async (service) => {
      const payload = '{"call_sid":"lone\\ud800","direction":"outbound","call_status":"failed","sip_status":486}';
      const answer = await service.app.http.inject({ method: 'POST', url: '/jambonz/call-status', payload });
      assert.equal(answer.statusCode, 204);
      assert.deepEqual(await attempts(service), [1]);
      const call = await service.app.http.inject(`/api/v1/calls/${encodeURIComponent('lone\ufffd')}`);
      assert.equal(call.json().call_sid, 'lone\ufffd');
      assert.equal(call.json().settled, true);
    });
    await withService(env, async (service) => assert.deepEqual(await attempts(service), []));
    await rm(directory, { recursive: true });
  });

  it('of a dial is answered with an empty list of verbs', () =>
    withService({}, async ({ app }) => {
      const payload = JSON.stringify({ ...JSON.parse(BODY), dial_call_status: 'failed', dial_sip_status: 503 });
      const answer = await app.http.inject({ method: 'POST', url: '/jambonz/dial-action', payload });
      assert.equal(answer.statusCode, 200);
      assert.deepEqual(answer.json(), []);
    }));

  it('is readable as soon as it is acknowledged', () =>
    withService({}, async ({ app }) => {
      await app.http.inject({ method: 'POST', url: '/jambonz/call-status', payload: BODY });
      const call = (await app.http.inject('/api/v1/calls/c1')).json();
      assert.equal(call.settled, false);
      assert.equal(call.timeline.length, 1);
    }));

  it('delivered twice changes nothing', async () => {
    const recordedCase = recorded('none-101-0');
    const began = startOf(recordedCase);
    const webhooks = recordedCase.webhooks.flatMap((webhook) => [webhook, webhook]);
    const service = await startService({ JAMBONZ_SBC_ADDRESSES: recordedCase.invite.source_ip }, began);
    try {
      await service.post(webhooks, began);
      await service.pass(1_000);
      const dialled = JSON.parse(recordedCase.webhooks[2]?.body ?? '').call_sid;
      const call = (await service.app.http.inject(`/api/v1/calls/${dialled}`)).json();
      assert.equal(call.timeline.length, recordedCase.webhooks.length);
      const attempts = Object.values(await service.samples('sipwhy_call_attempts_total'));
      assert.deepEqual(attempts, [1]);
    } finally {
      await service.app.close();
    }
  });
});

describe('the tokens', () => {
  it('guard the metrics and the API, and nothing else', async () => {
    const service = await startService({ API_TOKEN: 'api token', METRICS_TOKEN: 'metrics token' });
    try {
      const get = async (url: string, token?: string) => {
        const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
        return (await service.app.http.inject({ url, headers })).statusCode;
      };
      assert.equal(await get('/metrics'), 401);
      assert.equal(await get('/metrics', 'api token'), 401);
      assert.equal(await get('/metrics', 'metrics token'), 200);
      assert.equal(await get('/api/v1/causes'), 401);
      assert.equal(await get('/api/v1/causes', 'api token'), 200);
      assert.equal(await get('/healthz'), 200);
      assert.equal(await get('/readyz'), 200);
    } finally {
      await service.app.close();
    }
  });
});

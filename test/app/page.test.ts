import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { incident } from '../../src/demo/incident.ts';
import { recorded, startOf, startService } from './service.ts';

describe('the page and the API before a call', () => {
  let directory: string;
  let service: Awaited<ReturnType<typeof startService>>;
  const recordedCase = recorded('caller_not_allowed-101-0');
  const dialled: string = JSON.parse(recordedCase.webhooks[2]?.body ?? '').call_sid;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    const file = join(directory, 'livekit.json');
    writeFileSync(file, JSON.stringify(recordedCase.livekit));
    const env = { LIVEKIT_CONFIG_FILE: file, JAMBONZ_SBC_ADDRESSES: recordedCase.invite.source_ip };
    service = await startService(env, startOf(recordedCase));
    await service.post(recordedCase.webhooks, startOf(recordedCase));
    await service.pass(1_000);
  });
  after(async () => {
    await service.app.close();
    await rm(directory, { recursive: true });
  });
  const get = (url: string) => service.app.http.inject(url);

  it('lists what failed, and explains it one click on', async () => {
    const list = await get('/');
    assert.match(list.body, new RegExp(`<a href="/\\?call=${dialled}">caller_not_allowed</a>`));
    assert.match(String(list.headers['content-security-policy']), /^default-src 'none'/);
    const call = await get(`/?call=${dialled}`);
    assert.match(call.body, /the trunk’s allowed_numbers does not hold the caller/);
    assert.match(call.body, /of the last 1 calls 1 more would get in/);
  });

  it('answers the form', async () => {
    assert.match((await get('/?view=check')).body, /<form>/);
    const answer = await get('/?view=check&to=1788544436&caller=%2B33503463733');
    assert.match(answer.body, /It would connect\.|depends on what is not known/);
    const refused = await get('/?view=check&to=1788544436&caller=%2B15550100&source=');
    assert.match(refused.body, /caller_not_allowed/);
    assert.match((await get('/?view=check&dial=nonsense')).body, /no verb &#34;dial&#34;/);
  });

  it('shows trunks and rules with their audit', async () => {
    const { body } = await get('/?view=audit');
    assert.match(body, /ST_nJXiMowJ7FZC/);
    assert.match(body, /trunk_without_rule/);
  });

  it('shows the versions of the configuration', async () => {
    assert.match((await get('/?view=history')).body, /Version 1, first read/);
    assert.match((await get('/?view=history&from=1&to=99')).body, /Version 1 or 99 is not kept/);
  });

  it('keeps what comes from a webhook text', async () => {
    const evil = '<script>alert(1)</script>"\'&';
    const payload = JSON.stringify({
      call_sid: evil,
      direction: 'outbound',
      to: `sip:${evil}@example.com`,
      from: evil,
      call_status: 'failed',
      sip_status: 503,
      sip_reason: evil,
    });
    await service.app.http.inject({ method: 'POST', url: '/jambonz/call-status', payload });
    await service.pass(10_000);
    for (const url of ['/', `/?call=${encodeURIComponent(evil)}`, `/?view=check&to=${encodeURIComponent(evil)}`]) {
      const { body } = await get(url);
      assert.doesNotMatch(body, /<script/);
      assert.match(body, /&#60;script&#62;/);
    }
  });

  it('checks a dial over the API, and names what is wrong with the question', async () => {
    const post = (payload: object) => service.app.http.inject({ method: 'POST', url: '/api/v1/check', payload });
    const dial = JSON.parse(
      '{"verb": "dial", "target": [{"type": "sip", "sipUri": "sip:1788544436@lab.sip.livekit.cloud"}]}',
    );
    const answer = await post({ dial, caller: '+15550100' });
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.json().answers[0].would_connect, false);
    assert.deepEqual(answer.json().answers[0].blocking, ['caller_not_allowed']);
    assert.equal((await post({ caller: '+15550100' })).statusCode, 400);
    assert.match((await post({ to: 5 })).json().detail, /^to must be string/);
  });

  it('counts the findings of the audit', async () => {
    const found = await service.samples('sipwhy_audit_findings');
    assert.equal(found['{finding="trunk_without_rule",severity="critical",trunk="ST_khzeZKXqtoVF"}'], 1);
    const api = (await get('/api/v1/trunks')).json();
    assert.equal(api.trunks.length, 2);
    assert.ok(api.findings.some(({ id }: { id: string }) => id === 'trunk_without_rule'));
  });
});

describe('the page with API_TOKEN set', () => {
  it('asks for it as a password', async () => {
    const service = await startService({ API_TOKEN: 'token' });
    try {
      const denied = await service.app.http.inject('/');
      assert.equal(denied.statusCode, 401);
      assert.match(String(denied.headers['www-authenticate']), /^Basic/);
      const authorization = `Basic ${Buffer.from('anybody:token').toString('base64')}`;
      assert.equal((await service.app.http.inject({ url: '/', headers: { authorization } })).statusCode, 200);
      assert.match(
        (await service.app.http.inject({ url: '/?view=audit', headers: { authorization } })).body,
        /LIVEKIT_URL/,
      );
    } finally {
      await service.app.close();
    }
  });
});

it('the incident of the demo has its recorded values', () => {
  assert.match(incident.webhooks[2]?.body ?? '', /call-afd968a1ba780364@vocieagentpipelinetest-1z3kctsj/);
});

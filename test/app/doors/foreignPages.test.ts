import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isOwnHost } from '../../../src/http/door/origins.ts';
import { startService } from '../service.ts';

const LOOPBACK = { isLoopback: true, hostNames: ['sipwhy.example.com'] };
const OUTSIDE = { isLoopback: false, hostNames: ['sipwhy.example.com'] };
const ANY = { isLoopback: false, hostNames: [] };

describe('a name', () => {
  for (const [host, onLoopback, outside] of [
    ['localhost', true, true],
    ['LOCALHOST:8080', true, true],
    ['127.0.0.1', true, true],
    ['127.0.0.1:8080', true, true],
    ['127.9.9.9:80', true, true],
    ['[::1]', true, true],
    ['[::1]:8080', true, true],
    ['sipwhy.example.com', true, true],
    ['SIPWHY.example.com:443', true, true],
    ['192.0.2.1:8080', false, true],
    ['[2001:db8::1]:8080', false, true],
    ['evil.example', false, false],
    ['localhost.evil.example', false, false],
    ['127.0.0.1.evil.example', false, false],
    ['evil.example:127.0.0.1', false, false],
    ['sipwhy.example.com.evil.example', false, false],
    ['127.1', false, false],
    ['0x7f000001', false, false],
    ['', false, false],
  ] as const) {
    it(`${JSON.stringify(host)} is ${onLoopback ? '' : 'not '}the service’s own on loopback, and ${outside ? '' : 'not '}elsewhere`, () => {
      assert.deepEqual([isOwnHost(LOOPBACK, host), isOwnHost(OUTSIDE, host)], [onLoopback, outside]);
      assert.equal(isOwnHost(ANY, host), true);
    });
  }
});

const ROUTES = [
  ['POST', '/jambonz/call-status'],
  ['GET', '/jambonz/call-status?call_sid=a&call_status=trying'],
  ['POST', '/jambonz/dial-action'],
  ['POST', '/livekit/webhook'],
  ['GET', '/api/v1/causes'],
  ['GET', '/metrics'],
] as const;
const FOREIGN = [
  { origin: 'http://evil.example' },
  { origin: 'http://localhost:3000' },
  { origin: 'null' },
  { origin: 'chrome-extension://abc' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'cross-site', origin: 'http://localhost:80' },
  { 'sec-fetch-site': 'whatever' },
];
const OWN = [
  {},
  { 'sec-fetch-site': 'same-origin' },
  { 'sec-fetch-site': 'none' },
  { origin: 'http://localhost:80' },
  { origin: 'https://LOCALHOST:80' },
  { origin: 'https://sipwhy.example.com' },
  { origin: 'https://sipwhy.example.com:8443' },
  { origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' },
];

describe('a request', () => {
  let service: Awaited<ReturnType<typeof startService>>;
  before(async () => {
    service = await startService({ ALLOWED_HOSTS: 'sipwhy.example.com' });
  });
  after(() => service.app.close());
  const ask = (method: 'GET' | 'POST', url: string, headers: Record<string, string>) =>
    service.app.http.inject({
      method,
      url,
      headers,
      ...(method === 'POST' && { payload: '{"event":"room_started"}' }),
    });
  const refused = async () => service.samples('sipwhy_requests_refused_total');

  for (const headers of FOREIGN) {
    it(`of another website’s page gets 403: ${JSON.stringify(headers)}`, async () => {
      for (const [method, url] of ROUTES) {
        const answer = await ask(method, url, headers);
        assert.deepEqual([answer.statusCode, answer.json().type], [403, 'urn:sipwhy:problem:foreign_origin'], url);
      }
      assert.equal((await ask('GET', '/healthz', headers)).statusCode, 200);
    });
  }

  for (const headers of OWN) {
    it(`of no page, or of the service’s own, does not: ${JSON.stringify(headers)}`, async () => {
      for (const [method, url] of ROUTES) assert.notEqual((await ask(method, url, headers)).statusCode, 403, url);
    });
  }

  it('for a foreign name gets 421 on every route with data, and is counted', async () => {
    for (const [method, url] of [...ROUTES, ['GET', '/'], ['GET', '/nowhere']] as const) {
      const answer = await ask(method, url, { host: 'evil.example' });
      assert.deepEqual([answer.statusCode, answer.json().type], [421, 'urn:sipwhy:problem:foreign_host'], url);
    }
    for (const url of ['/healthz', '/readyz'])
      assert.equal((await ask('GET', url, { host: 'evil.example' })).statusCode, 200);
    assert.deepEqual(await refused(), {
      '{reason="foreign_host"}': 8,
      '{reason="foreign_origin"}': FOREIGN.length * ROUTES.length,
    });
  });

  it('tells browsers that no other website may have its answer', async () => {
    for (const [method, url] of [...ROUTES, ['GET', '/'], ['GET', '/nowhere']] as const) {
      const { headers } = await ask(method, url, {});
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin', url);
      assert.equal(headers['access-control-allow-origin'], undefined, url);
    }
  });
});

describe('a request that a proxy passed on', () => {
  const FORWARDED = { 'x-forwarded-for': '203.0.113.9' };
  for (const [what, env, wanted] of [
    ['a service without secrets', {}, [401, 401, 401]],
    ['a service that a proxy guards', { ALLOW_OPEN_API: 'true' }, [401, 200, 200]],
    ['a service with basic credentials', { JAMBONZ_BASIC_AUTH: 'a:b' }, [204, 401, 401]],
  ] as const) {
    it(`is not from this machine: ${what}`, async () => {
      const service = await startService(env);
      const payload = { call_sid: 'a', call_status: 'trying' };
      const headers = { ...FORWARDED, authorization: `Basic ${Buffer.from('a:b').toString('base64')}` };
      const { http } = service.app;
      const answers = [
        await http.inject({ method: 'POST', url: '/jambonz/call-status', headers, payload }),
        await http.inject({ url: '/api/v1/causes', headers: FORWARDED }),
        await http.inject({ url: '/metrics', headers: FORWARDED }),
      ];
      assert.deepEqual(
        answers.map(({ statusCode }) => statusCode),
        wanted,
      );
      await service.app.close();
    });
  }

  it('needs the token where one is set, whatever guards it', async () => {
    const service = await startService({ ALLOW_OPEN_API: 'true', API_TOKEN: 'a-token-of-this-test' });
    assert.equal((await service.app.http.inject({ url: '/api/v1/causes', headers: FORWARDED })).statusCode, 401);
    await service.app.close();
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startService } from '../service.ts';

const TOKEN = 'a-token-of-this-test';
const DAY_MS = 24 * 60 * 60 * 1000;

type Service = Awaited<ReturnType<typeof startService>>;

const signIn = (service: Service, token: string, headers: Record<string, string> = {}) =>
  service.app.http.inject({ method: 'POST', url: '/api/v1/session', payload: { token }, headers });
const statusOf = async (service: Service, cookie: string, url = '/api/v1/causes') =>
  (await service.app.http.inject({ url, headers: { cookie } })).statusCode;
const cookieOf = async (service: Service) =>
  String((await signIn(service, TOKEN)).headers['set-cookie']).split(';')[0] ?? '';

describe('a session of the page', () => {
  let service: Service;
  let cookie: string;
  before(async () => {
    service = await startService({ API_TOKEN: TOKEN });
    cookie = await cookieOf(service);
  });
  after(() => service.app.close());

  it('begins with the token, in a cookie without it', async () => {
    const answer = await signIn(service, TOKEN);
    assert.deepEqual(answer.json(), { signed_in: true });
    const set = String(answer.headers['set-cookie']);
    assert.match(set, /^sipwhy_session=\d{10}\.[\w-]{43}; Path=\/; Max-Age=86400; HttpOnly; SameSite=Strict$/);
    assert.ok(!set.includes(TOKEN));
  });

  it('has a secure cookie behind a proxy with HTTPS', async () => {
    const set = async (proto: string) =>
      (await signIn(service, TOKEN, { 'x-forwarded-proto': proto })).headers['set-cookie'];
    assert.match(String(await set('https')), /; Secure$/);
    assert.doesNotMatch(String(await set('http')), /Secure/);
  });

  for (const token of ['wrong', TOKEN.slice(0, -1), `${TOKEN} `]) {
    it(`does not begin with ${JSON.stringify(token)}`, async () => {
      const answer = await signIn(service, token);
      assert.deepEqual([answer.statusCode, answer.json().type], [401, 'urn:sipwhy:problem:wrong_token']);
      assert.equal(answer.headers['set-cookie'], undefined);
    });
  }

  it('opens the API, also beside other cookies, and not the metrics', async () => {
    assert.equal(await statusOf(service, cookie), 200);
    assert.equal(await statusOf(service, `a=b; ${cookie}; c=d`), 200);
    assert.equal(await statusOf(service, cookie, '/metrics'), 401);
  });

  it('opens nothing where a letter of it differs', async () => {
    const [name, end = '', digest = ''] = cookie.split(/[=.]/);
    for (const forged of [
      `${name}=${Number(end) + 1}.${digest}`,
      `${name}=${end}.${digest[0] === 'a' ? 'b' : 'a'}${digest.slice(1)}`,
      `${name}=${end}.${digest}x`,
      `${name}=${end}.`,
      `${name}=${end}`,
      `${name}=`,
      `token=${TOKEN}`,
      `${name}=${TOKEN}`,
    ]) {
      assert.equal(await statusOf(service, forged), 401, forged);
    }
  });

  it('ends after a day', async () => {
    const began = service.clock.now;
    try {
      service.clock.now = began + DAY_MS - 1000;
      assert.equal(await statusOf(service, cookie), 200);
      service.clock.now = began + DAY_MS;
      assert.equal(await statusOf(service, cookie), 401);
    } finally {
      service.clock.now = began;
    }
  });

  it('is one of every replica with the same token, and of no other', async () => {
    const replica = await startService({ API_TOKEN: TOKEN });
    const other = await startService({ API_TOKEN: `${TOKEN}-changed` });
    assert.deepEqual([await statusOf(replica, cookie), await statusOf(other, cookie)], [200, 401]);
    await replica.app.close();
    await other.app.close();
  });

  it('is told of, and is ended by signing out', async () => {
    const signedIn = async (headers: Record<string, string>) =>
      (await service.app.http.inject({ url: '/api/v1/session', headers })).json().signed_in;
    assert.equal(await signedIn({ cookie }), true);
    assert.equal(await signedIn({ authorization: `Bearer ${TOKEN}` }), false);
    const answer = await service.app.http.inject({ method: 'DELETE', url: '/api/v1/session', headers: { cookie } });
    assert.match(String(answer.headers['set-cookie']), /^sipwhy_session=; Path=\/; Max-Age=0; /);
  });

  it('is not offered where there is no token', async () => {
    const open = await startService({});
    assert.equal((await signIn(open, TOKEN)).json().type, 'urn:sipwhy:problem:no_sessions');
    await open.app.close();
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { authority, certificate } from '../probe/certificates.ts';
import { runConnect } from './connectProcess.ts';
import { ACCOUNT, ACCOUNT_KEY, APPLICATION, someJambonz, startJambonzApi } from './jambonzApiServer.ts';

const SECRET_WORDS = 'words of a proxy';
const HTML = `<html><title>${SECRET_WORDS}</title></html>`;

const send =
  (status: number, body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  (response: ServerResponse) => {
    response.writeHead(status, headers).end(body);
  };

describe('Jambonz’s API', { concurrency: 2 }, () => {
  const ROWS: [what: string, answer: (response: ServerResponse) => void, message: string][] = [
    [
      '401',
      send(401, 'Unauthorized', {}),
      'can’t list the accounts: Jambonz answered 401: set JAMBONZ_API_KEY to a valid API key of the account',
    ],
    [
      '403 of its source',
      send(403, '{"status":"fail","message":"insufficient privileges"}'),
      'can’t list the accounts: Jambonz answered 403 "insufficient privileges": JAMBONZ_API_KEY may not do this; use a key of the account that owns the application',
    ],
    [
      '404 without a body',
      send(404, '', {}),
      'can’t list the accounts: Jambonz answered 404: check the sid, and that JAMBONZ_API_URL is the base of the API, such as https://api.jambonz.cloud/v1',
    ],
    ['422', send(422, '{"msg":"unprocessable"}'), 'can’t list the accounts: Jambonz answered 422 "unprocessable"'],
    [
      '429 of its limiter',
      send(429, 'Too many requests, please try again later.', { 'retry-after': '17' }),
      'can’t list the accounts: Jambonz answered 429: it limits requests; try again in 17 s',
    ],
    [
      '429 without a time',
      send(429, ''),
      'can’t list the accounts: Jambonz answered 429: it limits requests; try again in a few minutes',
    ],
    [
      '500 that repeats the key',
      send(500, `{"msg":"no row for ${ACCOUNT_KEY}"}`),
      'can’t list the accounts: Jambonz answered 500 "no row for …"',
    ],
    [
      '502 of a proxy',
      send(502, HTML, { 'content-type': 'text/html' }),
      'can’t list the accounts: Jambonz answered 502',
    ],
    [
      'a redirect',
      send(301, '', { location: 'http://192.0.2.1/' }),
      'can’t list the accounts: Jambonz answered 301: a redirect is not followed; set JAMBONZ_API_URL to the address itself',
    ],
    [
      'HTML with 200, as the portal has it',
      send(200, HTML, { 'content-type': 'text/html' }),
      "can’t list the accounts: the answer of API is not JSON: Unexpected token '<'; check that JAMBONZ_API_URL is the API, not the portal",
    ],
    [
      'JSON of another kind',
      send(200, '{"accounts":[]}'),
      'can’t list the accounts: the answer of API is not what Jambonz’s API returns; check that JAMBONZ_API_URL is the API, not the portal',
    ],
    ['no account', send(200, '[]'), 'the API key sees no account; use a key of the account'],
    [
      'more than 8 MiB',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.on('error', () => {});
        const part = Buffer.alloc(1024 * 1024, ' ');
        for (let i = 0; i < 9; i += 1) response.write(part);
        response.end('[]');
      },
      'can’t list the accounts: API can’t be asked: the answer is larger than 8 MiB',
    ],
    ['nothing for 10 s', () => {}, 'can’t list the accounts: API can’t be asked: no full answer within 10 s'],
    [
      'a byte each second',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 1_000);
        response.on('close', () => clearInterval(timer));
      },
      'can’t list the accounts: API can’t be asked: no full answer within 10 s',
    ],
  ];
  for (const [what, answer, message] of ROWS) {
    it(`answers with ${what}: status 2, one line, and no secret`, async () => {
      const api = await startJambonzApi({
        ...someJambonz(),
        instead: (_, response) => {
          answer(response);
          return true;
        },
      });
      const { status, stdout, stderr } = await runConnect([], { JAMBONZ_API_URL: api.url });
      await api.close();
      assert.deepEqual([status, stdout], [2, '']);
      assert.equal(stderr.replaceAll(api.url, 'API'), `sipwhy: ${message}\n`);
      for (const secret of [ACCOUNT_KEY, SECRET_WORDS]) assert.ok(!stderr.includes(secret));
    });
  }

  it('is asked with the key, and under /v1 where the URL has no version', async () => {
    const api = await startJambonzApi(someJambonz());
    const base = api.url.replace(/\/v1$/, '');
    for (const url of [base, `${base}/`, `${base}/v1/`]) {
      const { status } = await runConnect(['--jambonz-url', url]);
      assert.equal(status, 0, url);
    }
    const { stderr } = await runConnect([], { JAMBONZ_API_URL: api.url, JAMBONZ_API_KEY: 'wrong' });
    await api.close();
    assert.match(stderr, /answered 401/);
    assert.ok(api.requests.every(({ url }) => url.startsWith('/v1/')));
    assert.ok(!api.requests.some(({ url }) => url.includes('regenerate')));
  });

  it('is not reachable', async () => {
    const api = await startJambonzApi(someJambonz());
    await api.close();
    const { status, stderr } = await runConnect([], { JAMBONZ_API_URL: api.url });
    assert.equal(status, 2);
    assert.match(stderr, /^sipwhy: can’t list the accounts: .* can’t be asked: .*ECONNREFUSED/);
  });

  it('is trusted over TLS by an authority of its own only with TLS_CA_FILE', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'sipwhy-'));
    const file = join(directory, 'authority.pem');
    writeFileSync(file, authority.cert);
    const api = await startJambonzApi(someJambonz(), certificate());
    const untrusted = await runConnect([], { JAMBONZ_API_URL: api.url });
    assert.deepEqual([untrusted.status, api.requests], [2, []]);
    assert.match(untrusted.stderr, /set TLS_CA_FILE if your own authority signed the certificate/);
    const trusted = await runConnect([], { JAMBONZ_API_URL: api.url, TLS_CA_FILE: file });
    await api.close();
    rmSync(directory, { recursive: true });
    assert.equal(trusted.status, 0);
  });

  const WRONG: [args: string[], env: Record<string, string>, message: RegExp][] = [
    [[], {}, /set JAMBONZ_API_URL, or give --jambonz-url; jambonz\.cloud’s is https:\/\/api\.jambonz\.cloud\/v1/],
    [
      [],
      { JAMBONZ_API_URL: 'http://127.0.0.1:9', JAMBONZ_API_KEY: '' },
      /set JAMBONZ_API_KEY, or JAMBONZ_API_KEY_FILE/,
    ],
    [
      [],
      { JAMBONZ_API_URL: 'http://u:p@127.0.0.1' },
      /JAMBONZ_API_URL must be an http:\/\/ or https:\/\/ URL without credentials/,
    ],
    [['--sipwhy-url', 'ftp://x'], {}, /'--sipwhy-url <url>' argument 'ftp:\/\/x' is invalid\. It must be an http/],
    [['--sipwhy-url', 'https://x?a=b'], {}, /--sipwhy-url/],
    [['--application', '../Users'], {}, /'--application <sid>'.*It must be a sid/],
    [['--account', 'acme'], {}, /'--account <sid>'.*It must be a sid/],
    [['--wait', '-1'], {}, /It must be 0 to 3600/],
    [['--wait', '3601'], {}, /It must be 0 to 3600/],
  ];
  for (const [args, env, message] of WRONG) {
    it(`is not asked with ${[...args, ...Object.keys(env)].join(' ') || 'nothing set'}`, async () => {
      const { status, stderr } = await runConnect(args, env);
      assert.equal(status, 2);
      assert.match(stderr, message);
    });
  }

  it('refuses an application of another account', async () => {
    const api = await startJambonzApi({ ...someJambonz(), applications: [] });
    const { status, stderr } = await runConnect(['--application', APPLICATION], { JAMBONZ_API_URL: api.url });
    const none = await runConnect(['--account', ACCOUNT], { JAMBONZ_API_URL: api.url });
    await api.close();
    assert.equal(status, 2);
    assert.match(stderr, new RegExp(`can’t read the application ${APPLICATION}: Jambonz answered 404`));
    assert.match(none.stderr, /has no application/);
  });
});

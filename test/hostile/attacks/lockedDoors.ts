import assert from 'node:assert/strict';
import { join } from 'node:path';
import { startProcess } from '../../durable/serviceProcess.ts';
import type { Attack, Ground } from '../attack.ts';
import { handshake } from '../jambonzPeer.ts';
import { sendInCalm } from '../sendInCalm.ts';

const API = 'the-API-token-of-these-attacks';
const METRICS = 'the-metrics-token-of-them';
const SECRET = 'the-webhook-secret-of-them';
const CREDENTIALS = 'jambonz:pass:with:colons';
const LOCKED = {
  API_TOKEN: API,
  METRICS_TOKEN: METRICS,
  JAMBONZ_WEBHOOK_SECRET: SECRET,
  JAMBONZ_BASIC_AUTH: CREDENTIALS,
};

const READS = [
  '/api/v1/calls',
  '/api/v1/calls/x',
  '/api/v1/incidents',
  '/api/v1/incidents/x',
  '/api/v1/trunks',
  '/api/v1/trunks/history',
  '/api/v1/trunks/history/1/2',
  '/api/v1/causes',
  '/api/v1/setup',
  '/api/v1/session',
  '/api/v1/stats',
  '/api/v1/events?poll=1',
  '/api/v1/events',
  '/api/v1/nowhere',
];

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** What is sent to the API instead of its token. */
const NO_TOKEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  nothing: {},
  'a wrong token': bearer('nope'),
  'the token of the metrics': bearer(METRICS),
  'the token as a password': basic(`x:${API}`),
  'an empty token': { authorization: 'Bearer ' },
  'the token without its last letter': bearer(API.slice(0, -1)),
  'the token and more': bearer(`${API} x`),
  'the token twice': bearer(`${API}, Bearer ${API}`),
  'the token in capitals': bearer(API.toUpperCase()),
  'the token without a scheme': { authorization: API },
  'the token in a cookie': { cookie: `token=${API}; sipwhy_session=${API}` },
  'a session without an end': { cookie: `sipwhy_session=9999999999.${'A'.repeat(43)}` },
  'a session of a thousand digits': { cookie: `sipwhy_session=${'9'.repeat(1000)}.${'A'.repeat(43)}` },
  'the token in another header': {
    'x-api-key': API,
    'x-authorization': `Bearer ${API}`,
    'proxy-authorization': `Bearer ${API}`,
  },
  'the word of a proxy': { 'x-forwarded-user': 'admin', 'x-real-ip': '127.0.0.1', 'x-forwarded-for': '127.0.0.1' },
};

const locked = Object.entries(NO_TOKEN).map(
  ([name, headers]): Attack => ({
    what: `reads with ${name}`,
    async run(ground) {
      const service = await ground.service(LOCKED);
      const answers = await Promise.all(READS.map((path) => sendInCalm(service, path, { headers })));
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [401]);
      assert.ok(answers.every(({ text }) => !text.includes(API)));
    },
  }),
);

/** Other ways to write the path of a read. */
const PATHS: Readonly<Record<string, (path: string) => string>> = {
  'the token in the address': (path) => `${path}${path.includes('?') ? '&' : '?'}token=${API}&access_token=${API}`,
  'two slashes first': (path) => path.replace('/api', '//api'),
  'an escaped letter': (path) => path.replace('/api', '/%61pi'),
  'letters escaped twice': (path) => path.replace('/api', '/%2561pi'),
  'a dot': (path) => path.replace('/api/v1', '/api/v1/.'),
  'two dots': (path) => path.replace('/api/v1', '/x/../api/v1'),
  'escaped dots': (path) => path.replace('/api/v1', '/x/%2e%2e/api/v1'),
  capitals: (path) => path.toUpperCase(),
  'two slashes within': (path) => path.replace('/v1/', '/v1//'),
  'a backslash': (path) => path.replace('/api/', '/api\\'),
  'a semicolon': (path) => path.replace('/api', '/;/api'),
  'a slash last': (path) => path.replace(/(\?|$)/, '/$1'),
  'a host before it': (path) => `http://localhost${path}`,
};

const paths = Object.entries(PATHS).map(
  ([name, written]): Attack => ({
    what: `reads by a path with ${name}, without a token`,
    async run(ground) {
      const service = await ground.service(LOCKED);
      const answers = await Promise.all(READS.map((path) => sendInCalm(service, written(path))));
      for (const { status, text } of answers) assert.ok([400, 401, 404].includes(status), `${status} ${text}`);
    },
  }),
);

const methods = ['HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY'].map(
  (method): Attack => ({
    what: `reads by ${method}, without a token`,
    async run(ground) {
      const service = await ground.service(LOCKED);
      const answers = await Promise.all(READS.map((path) => sendInCalm(service, path, { method })));
      for (const { status, text } of answers)
        assert.ok([400, 401, 404, 405, 415].includes(status), `${status} ${text}`);
    },
  }),
);

const STATUS = JSON.stringify({ call_sid: 'a', call_status: 'trying' });
const QUERY = '/jambonz/call-status?call_sid=a&call_status=trying';

/** Requests to the locked service, and the right answers. */
const REQUESTS: Readonly<
  Record<
    string,
    readonly [path: string, sent: { method?: string; headers?: Record<string, string>; body?: string }, status: number]
  >
> = {
  'the metrics without a token': ['/metrics', {}, 401],
  'the metrics with the token of the API': ['/metrics', { headers: bearer(API) }, 401],
  'the metrics with the token in the address': [`/metrics?token=${METRICS}`, {}, 401],
  'a check without a token': [
    '/api/v1/check',
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"to":"+49"}' },
    401,
  ],
  ...Object.fromEntries(
    ['acknowledge', 'note', 'mute', 'resolve', 'put-away'].map((deed) => [
      `${deed} of an incident without a token`,
      [
        `/api/v1/incidents/x/${deed}`,
        { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' },
        401,
      ] as const,
    ]),
  ),
  'a status without a signature': ['/jambonz/call-status', { method: 'POST', body: STATUS }, 401],
  'a dial hook without a signature': ['/jambonz/dial-action', { method: 'POST', body: STATUS }, 401],
  'a status with credentials alone': [
    '/jambonz/call-status',
    { method: 'POST', body: STATUS, headers: basic(CREDENTIALS) },
    401,
  ],
  'a status with a method override': [
    '/jambonz/call-status',
    { method: 'POST', body: STATUS, headers: { ...basic(CREDENTIALS), 'x-http-method-override': 'GET' } },
    401,
  ],
  'a status with a signature of nothing': [
    '/jambonz/call-status',
    {
      method: 'POST',
      body: STATUS,
      headers: { 'jambonz-signature': `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}` },
    },
    401,
  ],
  'a status with a signature of 10 KB': [
    '/jambonz/call-status',
    { method: 'POST', body: STATUS, headers: { 'jambonz-signature': 'v1=0,'.repeat(2_000) } },
    401,
  ],
  'a status by GET without credentials': [QUERY, {}, 401],
  'a status by GET with a part of the password': [QUERY, { headers: basic('jambonz:pass') }, 401],
  'a status by GET with the credentials in the address': [`${QUERY}&user=jambonz&password=pass:with:colons`, {}, 401],
  'a status by HEAD': [QUERY, { method: 'HEAD', headers: basic(CREDENTIALS) }, 405],
  'a status by PUT': ['/jambonz/call-status', { method: 'PUT', body: STATUS }, 405],
  'a LiveKit webhook without a key': [
    '/livekit/webhook',
    { method: 'POST', body: '{"event":"room_started"}', headers: { 'x-forwarded-for': '203.0.113.9' } },
    401,
  ],
  'a sign-in with the token of the metrics': [
    '/api/v1/session',
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token: METRICS }) },
    401,
  ],
  'a sign-in with an object for a token': [
    '/api/v1/session',
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token: { a: API } }) },
    400,
  ],
  'a sign-in with the token in the address': [
    `/api/v1/session?token=${API}`,
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' },
    400,
  ],
  'a sign-out without a session': ['/api/v1/session', { method: 'DELETE' }, 401],
};

const requests = Object.entries(REQUESTS).map(
  ([name, [path, sent, wanted]]): Attack => ({
    what: `${name} is refused`,
    async run(ground) {
      const service = await ground.service(LOCKED);
      const { status, text, headers } = await sendInCalm(service, path, sent);
      assert.equal(status, wanted, text);
      assert.equal(headers['set-cookie'], undefined);
    },
  }),
);

const sockets: readonly Attack[] = [
  {
    what: 'a WebSocket without credentials',
    run: async (ground) => assert.equal(await handshake(await ground.service(LOCKED), '/jambonz/ws'), 401),
  },
  {
    what: 'a WebSocket with a signature alone',
    async run(ground) {
      const headers = { 'jambonz-signature': `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}` };
      assert.equal(await handshake(await ground.service(LOCKED), '/jambonz/ws', { headers }), 401);
    },
  },
];

/** Settings with which the service must not be reachable for everyone. */
const OPEN_DOORS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'on every address with basic credentials alone': { HOST: '0.0.0.0', JAMBONZ_BASIC_AUTH: CREDENTIALS },
  'on every address with a webhook secret alone': { HOST: '0.0.0.0', JAMBONZ_WEBHOOK_SECRET: SECRET },
  'on every address of IPv6 with a webhook secret alone': { HOST: '::', JAMBONZ_WEBHOOK_SECRET: SECRET },
  'on every address with a token for the metrics alone': {
    HOST: '0.0.0.0',
    JAMBONZ_WEBHOOK_SECRET: SECRET,
    METRICS_TOKEN: METRICS,
  },
};

const starts: readonly Attack[] = [
  ...Object.entries(OPEN_DOORS).map(
    ([name, env]): Attack => ({
      what: `a start ${name}`,
      faults: [6],
      run: (ground) =>
        assert.rejects(
          start(ground, env),
          /ended with 2: .*API_TOKEN must be set with HOST=.*set it, or set ALLOW_OPEN_API=true/s,
        ),
    }),
  ),
  ...['0.0.0.0', '::'].map(
    (HOST): Attack => ({
      what: `a start on ${HOST} without any secret`,
      faults: [6],
      async run(ground) {
        const service = await start(ground, { HOST });
        await service.end('SIGKILL');
        assert.match(service.url, /^http:\/\/127\.0\.0\.1:/);
      },
    }),
  ),
  {
    what: 'reads through a proxy on the same machine, without a token',
    faults: [6],
    async run(ground) {
      const service = await ground.service();
      for (const path of ['/api/v1/calls', '/metrics'])
        assert.equal(
          (await sendInCalm(service, path, { headers: { 'x-forwarded-for': '203.0.113.9' } })).status,
          401,
          path,
        );
    },
  },
  {
    what: 'webhooks through a proxy on the same machine, without a secret',
    faults: [6],
    async run(ground) {
      const service = await ground.service();
      for (const path of ['/jambonz/call-status', '/jambonz/dial-action', '/livekit/webhook']) {
        const sent = await sendInCalm(service, path, {
          method: 'POST',
          headers: { forwarded: 'for=203.0.113.9' },
          body: STATUS,
        });
        assert.equal(sent.status, 401, path);
      }
    },
  },
];

function start(ground: Ground, env: Readonly<Record<string, string>>) {
  return startProcess({ DATABASE_URL: join(ground.directory(), 'sipwhy.db'), ...env });
}

const floods: readonly Attack[] = [
  {
    what: '300 wrong tokens at once',
    faults: [22],
    async run(ground) {
      const service = await ground.ownService(LOCKED);
      const guesses = Promise.all(
        Array.from({ length: 300 }, (_, i) => sendInCalm(service, '/api/v1/causes', { headers: bearer(`guess-${i}`) })),
      );
      // Others with the same address are not locked out.
      assert.equal((await sendInCalm(service, '/api/v1/causes', { headers: bearer(API) })).status, 200);
      const codes = Object.groupBy(await guesses, ({ status }) => status);
      assert.deepEqual(Object.keys(codes), ['401', '429']);
      const { text } = await sendInCalm(service, '/metrics', { headers: bearer(METRICS) });
      assert.match(text, /^sipwhy_auth_failures_total\{door="api",reason="wrong"\} 300$/m);
      assert.equal(service.log().split('a request with a wrong token').length, 2);
      assert.doesNotMatch(service.log(), /guess-/);
    },
  },
  {
    what: '200 forged webhooks at once',
    async run(ground) {
      const service = await ground.ownService({ JAMBONZ_WEBHOOK_SECRET: SECRET });
      const before = service.log().length;
      const forged = Array.from({ length: 200 }, () => service.post('/jambonz/call-status', {}));
      assert.deepEqual([...new Set((await Promise.all(forged)).map(({ status }) => status))], [401]);
      assert.equal(service.log().length, before);
    },
  },
  {
    what: 'event streams without end',
    async run(ground) {
      const service = await ground.ownService();
      const abort = new AbortController();
      // An answer that nobody holds is closed when memory is collected.
      const open: Response[] = [];
      for (let problem = ''; !problem.includes('too_many_listeners'); ) {
        assert.ok(open.length <= 100, 'more than 100 are open');
        const answer = await fetch(`${service.url}/api/v1/events`, { signal: abort.signal });
        problem = answer.ok ? '' : await answer.text();
        if (answer.ok) open.push(answer);
      }
      assert.equal(open.length, 100);
      abort.abort();
    },
  },
  {
    what: 'headers of foreign names fill the log',
    async run(ground) {
      const service = await ground.ownService();
      const host = `${'x'.repeat(10_000)}.evil.example`;
      const sent = Array.from({ length: 100 }, () => sendInCalm(service, '/', { headers: { host } }));
      assert.deepEqual([...new Set((await Promise.all(sent)).map(({ status }) => status))], [421]);
      assert.equal(service.log().split('foreign name was refused').length, 2);
      assert.ok(service.log().length < 10_000);
    },
  },
];

export const lockedDoors: readonly Attack[] = [
  ...locked,
  ...paths,
  ...methods,
  ...requests,
  ...sockets,
  ...starts,
  ...floods,
];

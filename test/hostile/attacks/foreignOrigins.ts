import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { until } from '../../durable/serviceProcess.ts';
import type { Attack } from '../attack.ts';
import { handshake } from '../jambonzPeer.ts';
import { sendInCalm } from '../sendInCalm.ts';

const STATUS = JSON.stringify({ call_sid: 'a', call_status: 'trying' });
const QUERY = '/jambonz/call-status?call_sid=a&call_status=trying';

const upgrades: readonly Attack[] = [
  ...['/api/v1/events', '/api/v1/calls', '/', '/metrics', '//jambonz/ws', '/jambonz/call-status', '/JAMBONZ/WS'].map(
    (path): Attack => ({
      what: `a WebSocket on ${path}`,
      run: async (ground) => assert.notEqual(await handshake(await ground.service(), path).catch(() => 0), 101),
    }),
  ),
  ...['http://evil.example', 'http://localhost:3000', 'null', 'https://127.0.0.1'].map(
    (origin): Attack => ({
      what: `a WebSocket of a page of ${origin}`,
      faults: [4],
      run: async (ground) => assert.equal(await handshake(await ground.service(), '/jambonz/ws', { origin }), 403),
    }),
  ),
  {
    what: 'a WebSocket for a foreign name',
    faults: [4],
    run: async (ground) =>
      assert.equal(await handshake(await ground.service(), '/jambonz/ws', { headers: { host: 'evil.example' } }), 421),
  },
];

/** WebSockets that are refused before their route, and at their route. */
const REFUSED: Readonly<Record<string, readonly [options: Parameters<typeof handshake>[2], status: number]>> = {
  'of a page of another website': [{ origin: 'http://evil.example' }, 403],
  'for a foreign name': [{ headers: { host: 'evil.example' } }, 421],
  'that a proxy passed on': [{ headers: { 'x-forwarded-for': '192.0.2.1' } }, 401],
};

const leftovers: readonly Attack[] = Object.entries(REFUSED).map(
  ([what, [options, status]]): Attack => ({
    what: `30 WebSockets ${what} leave no connection, and the service stops in order`,
    async run(ground) {
      const target = await ground.ownService();
      const open = () => readdirSync(`/proc/${target.child.pid}/fd`).length;
      assert.equal(await handshake(target, '/jambonz/ws', options), status);
      const before = open();
      for (let i = 0; i < 30; i += 1) assert.equal(await handshake(target, '/jambonz/ws', options), status);
      // The prober of the suite may have a connection more or less.
      await until('they are closed', () => open() <= before + 3);
      assert.equal(await target.end('SIGTERM'), 0);
    },
  }),
);

const DATA = ['/api/v1/calls', '/api/v1/trunks', '/api/v1/events?poll=1', '/metrics', '/'];

const hosts = [
  'evil.example',
  'evil.example:8080',
  'localhost.evil.example',
  '127.0.0.1.evil.example:8080',
  'localhost@evil.example',
  'evil.example#localhost',
  'localhost:8080.evil.example',
  '[::1].evil.example',
  '192.0.2.1:8080',
  'localhost\u00e4',
  '2130706433',
].map(
  (host): Attack => ({
    what: `a name that leads to loopback: ${host}`,
    faults: [4],
    async run(ground) {
      const service = await ground.service();
      const origin = `http://${host.replaceAll(/[^\w.:-]/g, '')}`;
      for (const path of DATA)
        assert.equal((await sendInCalm(service, path, { headers: { host, origin } })).status, 421, path);
      const sent = await service.send('/jambonz/call-status', { method: 'POST', headers: { host }, body: STATUS });
      assert.equal(sent.status, 421);
    },
  }),
);

const SIMPLE = { 'content-type': 'text/plain', 'sec-fetch-mode': 'no-cors' };
const FOREIGN_PAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'another website': { ...SIMPLE, origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' },
  'another website of an old browser': { ...SIMPLE, origin: 'http://evil.example' },
  'another port of localhost': { ...SIMPLE, origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' },
  'a file': { ...SIMPLE, origin: 'null' },
  'another website without a referrer': { ...SIMPLE, 'sec-fetch-site': 'cross-site', referer: '' },
};

const pages = Object.entries(FOREIGN_PAGES).flatMap(([from, headers]): Attack[] =>
  (
    [
      ['/jambonz/call-status', 'POST', STATUS],
      ['/jambonz/dial-action', 'POST', STATUS],
      [QUERY, 'GET', undefined],
      ['/livekit/webhook', 'POST', '{"event":"room_started","room":{"name":"r"}}'],
      ['/api/v1/calls', 'GET', undefined],
      ['/api/v1/incidents/x/resolve', 'POST', '{}'],
      ['/metrics', 'GET', undefined],
    ] as const
  ).map(([path, method, body]) => ({
    what: `a page of ${from} sends ${method} ${path.split('?')[0]}`,
    faults: [4],
    async run(ground) {
      const service = await ground.service();
      // Without JSON a deed is refused for its media type, before its origin.
      const type = path.startsWith('/api/v1/incidents') ? { 'content-type': 'application/json' } : {};
      const sent = await sendInCalm(service, path, { method, headers: { ...headers, ...type }, ...(body && { body }) });
      assert.equal(sent.status, 403, sent.text);
      assert.equal(sent.headers['access-control-allow-origin'], undefined);
      assert.equal(sent.headers['cross-origin-resource-policy'], 'same-origin');
    },
  })),
);

const cors: readonly Attack[] = [
  {
    what: 'a page of another website asks whether it may read',
    faults: [4],
    async run(ground) {
      const service = await ground.service();
      const headers = { origin: 'http://evil.example', 'access-control-request-method': 'GET' };
      const { headers: answered } = await sendInCalm(service, '/api/v1/calls', { method: 'OPTIONS', headers });
      assert.deepEqual(
        Object.keys(answered).filter((name) => name.startsWith('access-control')),
        [],
      );
    },
  },
  {
    what: 'another website frames the page',
    async run(ground) {
      const { headers } = await sendInCalm(await ground.service(), '/');
      assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/);
      assert.equal(headers['x-frame-options'], 'DENY');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    },
  },
];

export const foreignOrigins: readonly Attack[] = [...upgrades, ...leftovers, ...hosts, ...pages, ...cors];

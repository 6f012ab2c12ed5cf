import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { type Forwarder, type Lost, sipwhyForwarder } from '../../src/client/sipwhyClient.ts';
import { verify } from '../../src/core/receive/verifyJambonz.ts';
import { until } from '../durable/serviceProcess.ts';

interface Request {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}
/** The path under which these tests pretend that sipwhy is. */
const PREFIX = `/of-${process.pid}`;
const TRUST = { basicAuth: undefined, toleranceSeconds: 300 };

describe('the forwarder', () => {
  let server: Server;
  let url: string;
  let requests: Request[];
  let statusCode: number;
  let lost: Lost[];
  before(async () => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      // A port that another program used before may still get its requests.
      if (!request.url?.startsWith(PREFIX)) {
        response.destroy();
        return;
      }
      requests.push({ path: request.url.slice(PREFIX.length), headers: request.headers, body: Buffer.concat(chunks) });
      if (statusCode > 0) response.writeHead(statusCode, { location: '/elsewhere' }).end('[]');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${PREFIX}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    requests = [];
    lost = [];
    statusCode = 204;
  });
  const start = (options = {}): Forwarder =>
    sipwhyForwarder({ url, env: {}, onLost: (loss) => lost.push(loss), ...options });
  const bodies = () => requests.map(({ path, body }) => [path, JSON.parse(body.toString())]);

  it('forwards statuses and dial results to their hooks, with or without the frame', async () => {
    const forwarder = start({ url: `${url}/sipwhy?a=1` });
    forwarder.forwardStatus({ call_sid: 'a', call_status: 'trying' });
    forwarder.forwardStatus({ type: 'call:status', msgid: 'm', data: { call_sid: 'b' } });
    forwarder.forwardDialAction({ call_sid: 'c', dial_call_status: 'failed' });
    forwarder.forwardDialAction({ type: 'verb:hook', hook: '/dial', data: { call_sid: 'd' } });
    await forwarder.close();
    assert.deepEqual(bodies(), [
      ['/sipwhy/jambonz/call-status', { call_sid: 'a', call_status: 'trying' }],
      ['/sipwhy/jambonz/call-status', { call_sid: 'b' }],
      ['/sipwhy/jambonz/dial-action', { call_sid: 'c', dial_call_status: 'failed' }],
      ['/sipwhy/jambonz/dial-action', { call_sid: 'd' }],
    ]);
    assert.equal(requests[0]?.headers['content-type'], 'application/json');
    assert.equal(requests[0]?.headers['jambonz-signature'], undefined);
    const none = { unreadable: 0, too_large: 0, queue_full: 0, rejected: 0, expired: 0, closed: 0 };
    assert.deepEqual(forwarder.counts(), { delivered: 4, waiting: 0, lost: none });
  });

  it('follows a session from the first call on, once', async () => {
    const session = new EventEmitter();
    const forwarder = start();
    forwarder.forwardStatus(session);
    forwarder.forwardStatus(session);
    session.emit('call:status', { call_sid: 'a', call_status: 'failed' });
    session.emit('verb:status', { call_sid: 'a' });
    await forwarder.close();
    assert.deepEqual(bodies(), [['/jambonz/call-status', { call_sid: 'a', call_status: 'failed' }]]);
  });

  it('signs as Jambonz does, with every secret', async () => {
    const forwarder = start({ env: { JAMBONZ_WEBHOOK_SECRET: 'old, new' } });
    forwarder.forwardStatus({ call_sid: 'ä' });
    await forwarder.close();
    const [{ headers, body } = assert.fail()] = requests;
    const signature = headers['jambonz-signature'] as string;
    const delivery = { method: 'POST', body, signature, authorization: undefined } as const;
    for (const secret of ['old', 'new']) {
      assert.deepEqual(verify({ ...TRUST, secrets: [secret] }, delivery, Date.now()), { ok: true });
    }
    assert.equal(verify({ ...TRUST, secrets: ['other'] }, delivery, Date.now()).ok, false);
  });

  it('sends basic credentials', async () => {
    const forwarder = start({ basicAuth: 'jambonz:secret' });
    forwarder.forwardStatus({ call_sid: 'a' });
    await forwarder.close();
    assert.equal(requests[0]?.headers.authorization, 'Basic amFtYm9uejpzZWNyZXQ=');
  });

  for (const [code, detail] of [
    [401, 'sipwhy answered 401: webhookSecret must be its JAMBONZ_WEBHOOK_SECRET, or basicAuth its JAMBONZ_BASIC_AUTH'],
    [404, 'sipwhy answered 404: url must be the address of sipwhy itself'],
    [302, 'sipwhy answered 302: url must be the address of sipwhy itself'],
    [400, 'sipwhy answered 400'],
  ] as const) {
    it(`does not repeat what sipwhy answers with ${code}`, async () => {
      statusCode = code;
      const forwarder = start();
      forwarder.forwardStatus({ call_sid: 'a' });
      await forwarder.close();
      assert.equal(requests.length, 1);
      assert.deepEqual(lost, [{ hook: 'call-status', reason: 'rejected', detail }]);
    });
  }

  for (const code of [408, 425, 429, 500, 503]) {
    it(`repeats what sipwhy answers with ${code}, with the same signature`, async () => {
      statusCode = code;
      const forwarder = start({ webhookSecret: 'secret' });
      forwarder.forwardStatus({ call_sid: 'a' });
      await until('it has tried', () => requests.length > 0);
      statusCode = 200;
      await forwarder.close(10_000);
      assert.equal(requests.length, 2);
      assert.equal(requests[0]?.headers['jambonz-signature'], requests[1]?.headers['jambonz-signature']);
      assert.deepEqual(lost, []);
    });
  }

  it('does not wait longer than its time for a silent sipwhy, and never in a call', async () => {
    statusCode = 0;
    const forwarder = start({ timeoutMs: 100 });
    forwarder.forwardStatus({ call_sid: 'a' });
    await until('it has tried twice', () => requests.length === 2);
    assert.equal(forwarder.counts().waiting, 1);
    await forwarder.close(1);
    assert.equal(lost[0]?.reason, 'closed');
  });

  it('counts what can’t be sent, and throws nothing', async () => {
    const circular: Record<string, unknown> = { call_sid: 'a' };
    circular.self = circular;
    const forwarder = start({
      onLost: (loss: Lost) => {
        lost.push(loss);
        throw new Error('of the application');
      },
    });
    // The casts stand for an application in JavaScript.
    for (const odd of [circular, { n: 1n }, [], 'text' as never, undefined as never, null as never]) {
      forwarder.forwardStatus(odd);
    }
    assert.deepEqual(new Set(lost.map(({ reason }) => reason)), new Set(['unreadable']));
    assert.equal(forwarder.counts().lost.unreadable, 6);
    const frame = JSON.stringify({ a: '' }).length;
    forwarder.forwardDialAction({ a: 'x'.repeat(256 * 1024 - frame) });
    assert.equal(forwarder.counts().lost.too_large, 0);
    forwarder.forwardDialAction({ a: 'x'.repeat(256 * 1024 - frame + 1) });
    assert.equal(forwarder.counts().lost.too_large, 1);
    await forwarder.close();
  });

  it('warns once a minute unless it is told otherwise', async () => {
    const warn = mock.method(console, 'warn', () => {});
    mock.timers.enable({ apis: ['Date'], now: 1_000 });
    try {
      const forwarder = start({ onLost: undefined });
      for (const now of [1_000, 60_999, 61_000]) {
        mock.timers.setTime(now);
        forwarder.forwardStatus([]);
      }
      const told = (count: number) =>
        `sipwhy: ${count} lost webhooks, the last one of call-status (unreadable): it must be the object that Jambonz sent`;
      assert.deepEqual(
        warn.mock.calls.map((call) => call.arguments),
        [[told(1)], [told(2)]],
      );
    } finally {
      mock.timers.reset();
      warn.mock.restore();
    }
  });
});

describe('a forwarder', () => {
  for (const [what, options, message] of [
    ['without an address', {}, 'SIPWHY_URL must be set to the address of sipwhy, such as http://127.0.0.1:8080'],
    ['of another protocol', { url: 'ws://127.0.0.1' }, /^url \(SIPWHY_URL\) must be an http:\/\/ or https:\/\/ URL/],
    [
      'of no URL',
      { env: { SIPWHY_URL: '127.0.0.1:8080' } },
      /^url \(SIPWHY_URL\) must be an http:\/\/ or https:\/\/ URL/,
    ],
    ['with a password in its URL', { url: 'http://a:b@127.0.0.1' }, /^url \(SIPWHY_URL\) must not contain credentials/],
    [
      'with half of the credentials',
      { url: 'http://a', basicAuth: 'a' },
      /^basicAuth .* must have the form user:password$/,
    ],
    ['with too short a time', { url: 'http://a', timeoutMs: 99 }, 'timeoutMs must be 100 to 30000, got 99'],
    ['with too long a time', { url: 'http://a', timeoutMs: 30_001 }, 'timeoutMs must be 100 to 30000, got 30001'],
  ] as const) {
    it(`is refused at the start ${what}`, () => {
      assert.throws(() => sipwhyForwarder({ env: {}, ...options }), { name: 'ClientFault', message });
    });
  }
  it('accepts the limits', () => {
    for (const timeoutMs of [100, 30_000]) sipwhyForwarder({ env: { SIPWHY_URL: 'https://a' }, timeoutMs });
  });
});

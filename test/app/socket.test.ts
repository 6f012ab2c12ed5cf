import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import Fastify from 'fastify';
import { WebSocket } from 'ws';
import { jambonzSocketRoutes } from '../../src/http/jambonzSocket.ts';
import type { StatusSocketIntake } from '../../src/http/statusSockets.ts';
import { until } from '../forward/fakeApplication.ts';
import { startService } from './service.ts';

const STATUS = {
  call_sid: 'c1',
  direction: 'inbound',
  call_status: 'trying',
  sip_status: 100,
  customer_data: { x: 1 },
};
const frame = (msgid: string, data: object = STATUS) =>
  JSON.stringify({ type: 'call:status', msgid, call_sid: 'c1', data, b3: 'a-b-1' });

type Service = Awaited<ReturnType<typeof startService>>;

async function withSocketService(
  env: Record<string, string>,
  test: (service: Service, url: string) => Promise<void>,
): Promise<void> {
  const service = await startService(env);
  try {
    const url = (await service.app.http.listen({ port: 0 })).replace(/^http/, 'ws');
    await test(service, `${url}/jambonz/ws`);
  } finally {
    await service.app.close();
  }
}

/** Connects as Jambonz does. */
async function connect(url: string, auth?: string, protocol = 'ws.jambonz.org'): Promise<WebSocket> {
  const socket = new WebSocket(url, [protocol], auth === undefined ? {} : { auth });
  await once(socket, 'open');
  return socket;
}

/** The status and the body with which a handshake is refused. */
async function refusal(url: string, auth?: string, protocols = ['ws.jambonz.org']) {
  const socket = new WebSocket(url, protocols, auth === undefined ? {} : { auth });
  const [, response] = await once(socket, 'unexpected-response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode as number, type: JSON.parse(body).type as string, headers: response.headers };
}

const counted = (service: Service) => service.samples('sipwhy_webhooks_total');
const label = (event: string, result: string) => `{source="jambonz",event="${event}",result="${result}"}`;

describe('the WebSocket', () => {
  it('takes statuses as a POST would, without an answer', () =>
    withSocketService({}, async (service, url) => {
      const socket = await connect(url);
      assert.equal(socket.protocol, 'ws.jambonz.org');
      const answers: unknown[] = [];
      socket.on('message', (data) => answers.push(data));
      for (const [i, status] of ['trying', 'ringing', 'failed'].entries()) {
        socket.send(frame(`m${i}`, { ...STATUS, call_status: status, sip_status: i === 2 ? 503 : 100 + i }));
      }
      await until('three statuses', async () => (await counted(service))[label('call_status', 'accepted')] === 3);
      const call = (await service.app.http.inject('/api/v1/calls/c1')).json();
      assert.deepEqual(
        call.timeline.map(({ call_status }: { call_status: string }) => call_status),
        ['trying', 'ringing', 'failed'],
      );
      assert.deepEqual(await service.samples('sipwhy_websocket_connections'), { '': 1 });
      assert.deepEqual(answers, []);
      socket.close();
      await until('closed', async () => Object.keys(await service.samples('sipwhy_websocket_closes_total')).length > 0);
      assert.deepEqual(await service.samples('sipwhy_websocket_closes_total'), { '{reason="peer"}': 1 });
      assert.deepEqual(await service.samples('sipwhy_websocket_connections'), {});
    }));

  it('knows a frame that is said again after a reconnect, and tells equal statuses apart by their msgid', () =>
    withSocketService({}, async (service, url) => {
      const first = await connect(url);
      first.send(frame('m1'));
      first.send(frame('m2'));
      await until('two statuses', async () => (await counted(service))[label('call_status', 'accepted')] === 2);
      first.terminate();
      service.clock.now += 60_000;
      const second = await connect(url);
      second.send(frame('m1'));
      await until('a repeat', async () => (await counted(service))[label('call_status', 'repeated')] === 1);
      assert.equal((await service.app.http.inject('/api/v1/calls/c1')).json().timeline.length, 2);
      second.close();
    }));

  it('acknowledges a reconnect, since Jambonz holds its statuses back until then', () =>
    withSocketService({}, async (_service, url) => {
      const socket = await connect(url);
      const answer = once(socket, 'message');
      socket.send(JSON.stringify({ type: 'session:reconnect', msgid: 'r1', call_sid: 'c1', data: {} }));
      assert.deepEqual(JSON.parse(String((await answer)[0])), { type: 'ack', msgid: 'r1' });
      socket.close();
    }));

  it('counts other types and ignores them, and bears frames that it cannot read up to a limit', () =>
    withSocketService({}, async (service, url) => {
      const socket = await connect(url);
      for (const type of [
        'session:new',
        'session:redirect',
        'verb:hook',
        'verb:status',
        'jambonz:error',
        'of:tomorrow',
      ]) {
        socket.send(JSON.stringify({ type, msgid: type, data: {} }));
      }
      socket.send('{not json');
      socket.send('[]');
      socket.send(Buffer.from(frame('binary')));
      socket.send(frame('bad', { call_sid: 7 }));
      socket.send(frame('good'));
      await until('the last', async () => (await counted(service))[label('call_status', 'accepted')] === 1);
      assert.deepEqual(await counted(service), {
        [label('other', 'ignored')]: 6,
        [label('other', 'invalid')]: 3,
        [label('call_status', 'invalid')]: 1,
        [label('call_status', 'accepted')]: 1,
      });
      const closed = once(socket, 'close');
      for (let i = 0; i < 17; i += 1) socket.send('{');
      assert.equal((await closed)[0], 1008);
      await until(
        'counted',
        async () => '{reason="malformed"}' in (await service.samples('sipwhy_websocket_closes_total')),
      );
    }));

  it('closes on a frame that is too large', () =>
    withSocketService({}, async (service, url) => {
      const socket = await connect(url);
      const closed = once(socket, 'close');
      socket.send(frame('large', { ...STATUS, sip_reason: 'x'.repeat(300_000) }));
      assert.equal((await closed)[0], 1009);
      assert.deepEqual(await counted(service), { [label('other', 'too_large')]: 1 });
      await until(
        'counted',
        async () => '{reason="too_large"}' in (await service.samples('sipwhy_websocket_closes_total')),
      );
    }));

  it('is refused without the sub-protocol, and to whoever speaks no WebSocket', () =>
    withSocketService({}, async (service, url) => {
      const other = await refusal(url, undefined, ['chat']);
      assert.equal(other.status, 400);
      assert.equal(other.type, 'urn:sipwhy:problem:wrong_protocol');
      assert.equal((await refusal(url, undefined, [])).status, 400);
      assert.deepEqual(await counted(service), { [label('other', 'wrong_protocol')]: 2 });
      const plain = await service.app.http.inject('/jambonz/ws');
      assert.equal(plain.statusCode, 426);
      assert.equal(plain.headers.upgrade, 'websocket');
    }));

  it('needs the credentials, also where only a secret is set, which cannot sign a socket', async () => {
    const secret = { JAMBONZ_WEBHOOK_SECRET: 'a-long-enough-secret-for-tests' };
    await withSocketService(secret, async (service, url) => {
      const { status, type, headers } = await refusal(url, 'jambonz:pass');
      assert.deepEqual([status, type], [401, 'urn:sipwhy:problem:missing_credentials']);
      assert.match(String(headers['www-authenticate']), /^Basic/);
      assert.deepEqual(await counted(service), { [label('call_status', 'missing_credentials')]: 1 });
    });
    await withSocketService({ ...secret, JAMBONZ_BASIC_AUTH: 'jambonz:pass' }, async (_service, url) => {
      assert.equal((await refusal(url)).status, 401);
      assert.equal((await refusal(url, 'jambonz:wrong')).type, 'urn:sipwhy:problem:bad_credentials');
      const socket = await connect(url, 'jambonz:pass');
      socket.close();
    });
  });

  it('says goodbye when the service stops, and keeps what was said before', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    const env = { DATABASE_URL: join(directory, 'sipwhy.db') };
    try {
      const service = await startService(env);
      const url = (await service.app.http.listen({ port: 0 })).replace(/^http/, 'ws');
      const socket = await connect(`${url}/jambonz/ws`);
      const closed = once(socket, 'close');
      for (let i = 0; i < 100; i += 1) socket.send(frame(`m${i}`));
      await service.app.close();
      const [code, reason] = await closed;
      assert.deepEqual([code, String(reason)], [1001, 'shutdown']);
      const again = await startService(env);
      assert.equal((await again.app.http.inject('/api/v1/calls/c1')).json().timeline.length, 100);
      await again.app.close();
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('leaves other offers to upgrade alone: the webhook is taken as it is', () =>
    withSocketService({}, async (_service, url) => {
      const { request } = await import('node:http');
      const target = `${url.replace(/^ws/, 'http').replace('/ws', '/call-status')}`;
      const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
      const status = await new Promise((resolve, reject) => {
        request(target, { method: 'POST', headers }, (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end(JSON.stringify(STATUS));
      });
      assert.equal(status, 204);
    }));
});

describe('a WebSocket whose surroundings fail', () => {
  /** The route alone, with a journal that behaves as told. */
  const withRoute = async (
    options: Partial<StatusSocketIntake>,
    test: (url: string, seen: { outcomes: string[]; closes: string[] }) => Promise<void>,
  ) => {
    const seen = { outcomes: [] as string[], closes: [] as string[] };
    const app = Fastify();
    await app.register(jambonzSocketRoutes, {
      trust: { secrets: [], basicAuth: undefined, toleranceSeconds: 300 },
      now: Date.now,
      isForwardingLoop: () => false,
      seal: undefined,
      take: async () => 'accepted' as const,
      onWebhook: (_event, outcome) => seen.outcomes.push(outcome),
      onSocketOpened: () => {},
      onSocketClosed: (reason) => seen.closes.push(reason),
      pingEveryMs: 30_000,
      socketsAtMost: 100,
      onFull: () => seen.outcomes.push('full'),
      ...options,
    });
    try {
      const url = (await app.listen({ port: 0 })).replace(/^http/, 'ws');
      await test(`${url}/jambonz/ws`, seen);
    } finally {
      await app.close();
    }
  };

  it('is refused where too many are open, until one is closed', () =>
    withRoute({ socketsAtMost: 1 }, async (url, seen) => {
      const socket = await connect(url);
      const { status, type, headers } = await refusal(url);
      assert.deepEqual([status, type, headers['retry-after']], [503, 'urn:sipwhy:problem:too_many_sockets', '1']);
      socket.close();
      await until('counted', () => seen.closes.length > 0);
      (await connect(url)).close();
      assert.deepEqual(seen.outcomes, ['full']);
    }));

  it('is closed with "try again later" where a status cannot be written', () =>
    withRoute({ take: () => Promise.reject(new Error('the disk is full')) }, async (url, seen) => {
      const socket = await connect(url);
      const closed = once(socket, 'close');
      socket.send(frame('m1'));
      assert.equal((await closed)[0], 1013);
      await until('counted', () => seen.closes.length > 0);
      assert.deepEqual(seen, { outcomes: ['store_failed'], closes: ['store_failed'] });
    }));

  it('is read no further while the journal is behind, and then to the end', async () => {
    const waiting: (() => void)[] = [];
    let written = 0;
    const take = () =>
      new Promise<'accepted'>((resolve) => {
        written += 1;
        waiting.push(() => resolve('accepted'));
      });
    await withRoute({ take }, async (url, seen) => {
      const socket = await connect(url);
      // Large enough that the rest does not fit into what was read at once.
      const large = { ...STATUS, sip_reason: 'x'.repeat(8_000) };
      for (let i = 0; i < 500; i += 1) socket.send(frame(`m${i}`, large));
      await until('the first ones', () => written >= 64);
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.ok(written < 300, `${written} at once`);
      await until('the last one', () => {
        for (const release of waiting.splice(0)) release();
        return seen.outcomes.length === 500;
      });
      socket.close();
    });
  });

  it('is cut where the other side shows no life', () =>
    withRoute({ pingEveryMs: 100 }, async (url, seen) => {
      const alive = await connect(url);
      const silent = new WebSocket(url, ['ws.jambonz.org'], { autoPong: false });
      await once(silent, 'open');
      await once(silent, 'close');
      await until('counted', () => seen.closes.length > 0);
      assert.deepEqual(seen.closes, ['silent']);
      assert.equal(alive.readyState, WebSocket.OPEN);
      alive.close();
    }));
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { startService } from '../app/service.ts';
import { type ReceivedRequest, startApplication, until } from './fakeApplication.ts';

type Service = Awaited<ReturnType<typeof startService>>;
type Application = Awaited<ReturnType<typeof startApplication>>;

const status = (callSid: string, n: number) =>
  `{"call_sid":"${callSid}",  "direction":"inbound","call_status":"ringing","sip_status":180,"n":${n}}`;
const nOf = ({ body }: ReceivedRequest): number => JSON.parse(body).n;
const callOf = ({ body }: ReceivedRequest): string => JSON.parse(body).call_sid;
const take = (response: ServerResponse): void => void response.writeHead(204).end();

async function withForwarding(
  answer: Parameters<typeof startApplication>[0],
  test: (service: Service, application: Application) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  const application = await startApplication(answer);
  const service = await startService({ CALL_STATUS_FORWARD_URL: `${application.url}/status?x=1`, ...env });
  try {
    await test(service, application);
  } finally {
    await service.app.close();
    await application.close();
  }
}

async function post({ app }: Service, payload: string, headers: Record<string, string> = {}): Promise<void> {
  const answer = await app.http.inject({ method: 'POST', url: '/jambonz/call-status', payload, headers });
  assert.equal(answer.statusCode, 204);
}

/** How many are still to be passed on, as the engine said it last: some 100 ms ago. */
const backlog = async ({ samples }: Service) => (await samples('sipwhy_forward_backlog_events'))[''] ?? 0;
const results = ({ samples }: Service) => samples('sipwhy_forward_requests_total');

describe('a call status with an application behind it', () => {
  it('reaches the application as it came, once', () =>
    withForwarding(take, async (service, application) => {
      const headers = {
        'content-type': 'application/json',
        'jambonz-signature': 't=1,v1=ab',
        authorization: 'Basic amFtYm9uejpwYXNz',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        connection: 'keep-alive',
      };
      await post(service, status('c1', 0), headers);
      // A repeat, and a dial hook, which has its own way.
      await post(service, status('c1', 0), headers);
      const dial = { method: 'POST', url: '/jambonz/dial-action', payload: status('c1', 9) } as const;
      assert.equal((await service.app.http.inject(dial)).body, '[]');
      await post(service, status('c1', 1));
      await until('both', () => application.received.length === 2);
      await until('no backlog', async () => (await backlog(service)) === 0);
      const [first] = application.received;
      assert.equal(first?.method, 'POST');
      assert.equal(first?.url, '/status?x=1');
      assert.equal(first?.body, status('c1', 0));
      for (const name of ['content-type', 'jambonz-signature', 'authorization', 'traceparent'] as const) {
        assert.equal(first?.headers[name], headers[name]);
      }
      assert.deepEqual(application.received.map(nOf), [0, 1]);
      assert.deepEqual(await results(service), { '{target="call_status",result="ok"}': 2 });
    }));

  it('by GET is passed on by GET, its query as it came', () =>
    withForwarding(take, async (service, application) => {
      const query = 'call_sid=c2&call_status=failed&sip_reason=Try+again%20later';
      assert.equal((await service.app.http.inject(`/jambonz/call-status?${query}`)).statusCode, 204);
      await until('it', () => application.received.length === 1);
      const [request] = application.received;
      assert.deepEqual([request?.method, request?.url, request?.body], ['GET', `/status?x=1&${query}`, '']);
    }));

  it('from a WebSocket is passed on as Jambonz would post it', () =>
    withForwarding(take, async (service, application) => {
      const url = (await service.app.http.listen({ port: 0 })).replace(/^http/, 'ws');
      const socket = new WebSocket(`${url}/jambonz/ws`, ['ws.jambonz.org'], { auth: 'jambonz:pass' });
      await once(socket, 'open');
      const data = { call_sid: 'c3', direction: 'inbound', call_status: 'trying' };
      socket.send(JSON.stringify({ type: 'call:status', msgid: 'm1', call_sid: 'c3', data, b3: 'a-b-1' }));
      await until('it', () => application.received.length === 1);
      const [request] = application.received;
      assert.deepEqual([request?.method, request?.url], ['POST', '/status?x=1']);
      assert.deepEqual(JSON.parse(request?.body ?? ''), data);
      assert.equal(request?.headers['content-type'], 'application/json');
      assert.equal(request?.headers.b3, 'a-b-1');
      assert.equal(request?.headers.authorization, `Basic ${Buffer.from('jambonz:pass').toString('base64')}`);
      socket.close();
    }));

  it('is acknowledged without waiting for the application', () =>
    withForwarding(
      () => {},
      async (service, application) => {
        for (let i = 0; i < 200; i += 1) await post(service, status(`c${i}`, i));
        await until('some', () => application.received.length > 0);
        assert.ok(application.received.length <= 16, 'no more at once than are allowed');
        await until('200 wait', async () => (await backlog(service)) === 200);
      },
    ));

  it('that fails holds up its own call, in order, and no other', async () => {
    let isFailing = true;
    await withForwarding(
      (response, request) => {
        if (isFailing && callOf(request) === 'bad') response.writeHead(503).end();
        else take(response);
      },
      async (service, application) => {
        const ofCall = (call: string) => application.received.filter((request) => callOf(request) === call).map(nOf);
        await post(service, status('bad', 0));
        await until('the first try', () => ofCall('bad').length === 1);
        for (let n = 1; n < 4; n += 1) await post(service, status('bad', n));
        for (let n = 0; n < 4; n += 1) await post(service, status('good', n));
        await until('the good ones', () => ofCall('good').length === 4);
        await until('four left', async () => (await backlog(service)) === 4);
        assert.deepEqual(ofCall('good'), [0, 1, 2, 3]);
        // Not before a second has passed.
        assert.deepEqual(ofCall('bad'), [0]);
        service.clock.now += 1_000;
        await until('the second try', () => ofCall('bad').length === 2);
        isFailing = false;
        await until('the rest', () => {
          // In small steps, because the wait begins only once the second failure is noted.
          service.clock.now += 100;
          return ofCall('bad').length === 6;
        });
        assert.deepEqual(ofCall('bad'), [0, 0, 0, 1, 2, 3]);
        await until('no backlog', async () => (await backlog(service)) === 0);
        assert.deepEqual(await service.samples('sipwhy_forward_given_up_events_total'), {});
      },
    );
  });

  it('that the application rejects is given up, and the next one goes', () =>
    withForwarding(
      (response, request) => void response.writeHead(nOf(request) === 0 ? 422 : 204).end(),
      async (service, application) => {
        await post(service, status('c1', 0));
        await post(service, status('c1', 1));
        await until('both', () => application.received.length >= 2);
        await until('no backlog', async () => (await backlog(service)) === 0);
        assert.deepEqual(application.received.map(nOf), [0, 1]);
        assert.deepEqual(await service.samples('sipwhy_forward_given_up_events_total'), { '{reason="rejected"}': 1 });
      },
    ));

  it('is tried again where the application asks for patience', () => {
    let answers = 0;
    return withForwarding(
      (response) => {
        answers += 1;
        response.writeHead(answers === 1 ? 429 : 204).end();
      },
      async (service, application) => {
        await post(service, status('c1', 0));
        await until('the first try', () => application.received.length === 1);
        await until('the wait', async () => Object.keys(await results(service)).length > 0);
        service.clock.now += 1_000;
        await until('the second try', () => application.received.length >= 2);
        await until('no backlog', async () => (await backlog(service)) === 0);
        assert.equal(application.received.length, 2);
      },
    );
  });

  it('is given up after a day', async () => {
    const gone = await startApplication(take);
    await gone.close();
    const service = await startService({ CALL_STATUS_FORWARD_URL: gone.url });
    try {
      await post(service, status('c1', 0));
      await until('a try', async () => '{target="call_status",result="refused"}' in (await results(service)));
      await until('a backlog', async () => (await backlog(service)) === 1);
      service.clock.now += 24 * 3_600_000 + 1_000;
      await until('no backlog', async () => (await backlog(service)) === 0);
      assert.deepEqual(await service.samples('sipwhy_forward_given_up_events_total'), { '{reason="expired"}': 1 });
    } finally {
      await service.app.close();
    }
  });

  it('is passed on after a restart where the application was away, and not again after it was taken', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    const application = await startApplication(take);
    await application.close();
    const env = { DATABASE_URL: join(directory, 'sipwhy.db'), CALL_STATUS_FORWARD_URL: application.url };
    try {
      const first = await startService(env);
      for (let n = 0; n < 30; n += 1) await post(first, status(`c${n % 10}`, n));
      await until('a try', async () => '{target="call_status",result="refused"}' in (await results(first)));
      await first.app.close();

      const back = await startApplication(take, application.port);
      // A minute later, so that no call waits any more.
      const second = await startService(env, first.clock.now + 60_000);
      await until('all', () => back.received.length >= 30);
      await until('no backlog', async () => (await backlog(second)) === 0);
      await second.app.close();
      assert.deepEqual(
        back.received.map(nOf).toSorted((a, b) => a - b),
        Array.from({ length: 30 }, (_, n) => n),
      );
      for (let call = 0; call < 10; call += 1) {
        const ofCall = back.received.filter((request) => callOf(request) === `c${call}`).map(nOf);
        assert.deepEqual(ofCall, [call, call + 10, call + 20]);
      }

      const third = await startService(env, first.clock.now + 120_000);
      await post(third, status('last', 99));
      await until('the last', () => back.received.some((request) => callOf(request) === 'last'));
      assert.equal(back.received.length, 31);
      await third.app.close();
      await back.close();
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

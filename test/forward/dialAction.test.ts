import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startService } from '../app/service.ts';
import { jambonzSignature } from '../app/signing.ts';
import { PATIENCE_MS } from '../machineSpeed.ts';
import { json, startApplication, until } from './fakeApplication.ts';

const SECRET = 'a-long-enough-secret-for-tests';
// Spaces, an escaped letter and an unknown key: nothing of this may be written anew on the way.
const BODY =
  '{"call_sid": "a1",  "call_status":"in-progress","dial_call_status":"failed","dial_sip_status":503,"x":"\\u00e9","y":null}';
const SAY = [{ verb: 'say', text: 'All our agents are busy.' }, { verb: 'hangup' }];
const FALLBACK = JSON.stringify(SAY);

type Service = Awaited<ReturnType<typeof startService>>;

async function withService(env: Record<string, string>, test: (service: Service) => Promise<void>): Promise<void> {
  const service = await startService(env);
  try {
    await test(service);
  } finally {
    await service.app.close();
  }
}

async function withApplication(
  answer: Parameters<typeof startApplication>[0],
  env: Record<string, string>,
  test: (service: Service, application: Awaited<ReturnType<typeof startApplication>>) => Promise<void>,
): Promise<void> {
  const application = await startApplication(answer);
  try {
    await withService({ DIAL_ACTION_FORWARD_URL: `${application.url}/dial?tenant=7`, ...env }, (service) =>
      test(service, application),
    );
  } finally {
    await application.close();
  }
}

const post = ({ app }: Service, headers: Record<string, string> = {}, payload = BODY) =>
  app.http.inject({ method: 'POST', url: '/jambonz/dial-action', headers, payload });

/** A call, once it can be read: a moment after its webhook was acknowledged. */
async function readCall({ app }: Service, callSid: string) {
  const url = `/api/v1/calls/${callSid}`;
  await until('the call can be read', async () => (await app.http.inject(url)).statusCode === 200);
  return (await app.http.inject(url)).json();
}

const results = ({ samples }: Service) => samples('sipwhy_forward_requests_total');
const counted = ({ samples }: Service) => samples('sipwhy_webhooks_total');

describe('a dial hook with an application behind it', () => {
  it('reaches the application untouched, and the verbs come back untouched', () =>
    withApplication(json([{ verb: 'hangup' }]), { JAMBONZ_WEBHOOK_SECRET: SECRET }, async (service, application) => {
      const signature = jambonzSignature(BODY, SECRET, service.clock.now);
      const answer = await service.app.http.inject({
        method: 'POST',
        url: '/jambonz/dial-action?a=b%20c',
        headers: {
          'jambonz-signature': signature,
          'content-type': 'application/json',
          b3: '80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1',
          authorization: 'Basic amFtYm9uejpwYXNz',
          connection: 'keep-alive, x-hop',
          'x-hop': 'of this connection only',
          te: 'trailers',
        },
        payload: BODY,
      });
      assert.equal(answer.statusCode, 200);
      assert.equal(answer.headers['content-type'], 'application/json');
      assert.equal(answer.body, '[{"verb":"hangup"}]');
      const [request] = application.received;
      assert.equal(application.received.length, 1);
      assert.equal(request?.method, 'POST');
      assert.equal(request?.url, '/dial?tenant=7&a=b%20c');
      assert.equal(request?.body, BODY);
      assert.equal(request?.headers['jambonz-signature'], signature);
      assert.equal(request?.headers['content-type'], 'application/json');
      assert.equal(request?.headers.b3, '80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1');
      assert.equal(request?.headers.authorization, 'Basic amFtYm9uejpwYXNz');
      assert.equal(request?.headers['x-hop'], undefined);
      assert.equal(request?.headers.te, undefined);
      assert.equal(request?.headers.host, application.url.replace('http://', ''));
      assert.ok(await readCall(service, 'a1'));
    }));

  it('that is not verified never reaches the application', () =>
    withApplication(json([]), { JAMBONZ_WEBHOOK_SECRET: SECRET }, async (service, application) => {
      assert.equal((await post(service)).statusCode, 401);
      assert.equal(application.received.length, 0);
    }));

  it('that sipwhy cannot read is passed on all the same, and counted', () =>
    withApplication(json([{ verb: 'hangup' }]), {}, async (service, application) => {
      const answer = await post(service, {}, '{"call_sid": 7}');
      assert.equal(answer.body, '[{"verb":"hangup"}]');
      assert.equal(application.received[0]?.body, '{"call_sid": 7}');
      assert.deepEqual(await service.samples('sipwhy_webhooks_total'), {
        '{source="jambonz",event="dial_action",result="invalid"}': 1,
      });
    }));

  it('delivered again is answered by the application again', () =>
    withApplication(json([]), {}, async (service, application) => {
      await post(service);
      await post(service);
      assert.equal(application.received.length, 2);
      assert.equal((await readCall(service, 'a1')).timeline.length, 1);
      assert.deepEqual(await service.samples('sipwhy_webhooks_total'), {
        '{source="jambonz",event="dial_action",result="accepted"}': 1,
        '{source="jambonz",event="dial_action",result="repeated"}': 1,
      });
    }));

  for (const [what, answer, expected] of [
    ['an empty 204', (r) => r.writeHead(204).end(), { status: 204, body: '' }],
    ['an empty 200', (r) => r.writeHead(200).end(), { status: 200, body: '' }],
    ['a bare "OK" of Express', (r) => r.writeHead(200).end('OK'), { status: 200, body: 'OK' }],
    [
      'compressed verbs',
      (r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('[]')),
      { status: 200, body: gzipSync('[]').toString() },
    ],
  ] as const satisfies readonly (readonly [string, Parameters<typeof startApplication>[0], object])[]) {
    it(`takes ${what} for the application’s answer`, () =>
      withApplication(answer, { DIAL_ACTION_FALLBACK: FALLBACK }, async (service) => {
        const { statusCode, body, headers } = await post(service, { 'accept-encoding': 'gzip' });
        assert.deepEqual({ status: statusCode, body }, expected);
        assert.equal(headers['content-encoding'], what === 'compressed verbs' ? 'gzip' : undefined);
        assert.deepEqual(await results(service), { '{target="dial_action",result="ok"}': 1 });
      }));
  }

  for (const [what, answer, result] of [
    ['a 500', json([{ verb: 'hangup' }], 500), 'error_status'],
    ['a 404', json([], 404), 'error_status'],
    ['a 201, which Jambonz takes for a failure', json([{ verb: 'hangup' }], 201), 'error_status'],
    ['a redirect, which Jambonz does not follow', (r) => r.writeHead(302, { location: '/' }).end(), 'error_status'],
    ['a page', (r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hello</h1>'), 'invalid_body'],
    ['an object', json({ verb: 'hangup' }), 'invalid_body'],
    ['JSON that is cut off', (r) => r.writeHead(200).end('[{"verb":'), 'invalid_body'],
    ['more than any verbs', (r) => r.writeHead(200).end(`[${' '.repeat(2_000_000)}]`), 'invalid_body'],
    [
      'what is not compressed as it says',
      (r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end('[]'),
      'invalid_body',
    ],
    ['a connection that breaks', (r) => r.destroy(), 'refused'],
    ['half an answer', (r) => void r.writeHead(200, { 'content-length': 99 }).write('[', () => r.destroy()), 'refused'],
    ['nothing', () => {}, 'timeout'],
    ['an answer without an end', (r) => void r.writeHead(200).write('['), 'timeout'],
  ] as const satisfies readonly (readonly [string, Parameters<typeof startApplication>[0], string])[]) {
    it(`is answered with the fallback where the application gives ${what}`, () =>
      withApplication(
        answer,
        { DIAL_ACTION_FALLBACK: FALLBACK, DIAL_ACTION_FORWARD_TIMEOUT_MS: '400' },
        async (service) => {
          const { statusCode, body, headers } = await post(service);
          assert.equal(statusCode, 200);
          assert.match(String(headers['content-type']), /^application\/json/);
          assert.deepEqual(JSON.parse(body), SAY);
          assert.deepEqual(await results(service), { [`{target="dial_action",result="${result}"}`]: 1 });
          // The event is kept all the same.
          assert.ok(await readCall(service, 'a1'));
        },
      ));
  }

  it('gets the fallback at once where nobody listens, and an empty list where no fallback is set', async () => {
    const gone = await startApplication(json([]));
    await gone.close();
    await withService({ DIAL_ACTION_FORWARD_URL: gone.url }, async (service) => {
      assert.deepEqual((await post(service)).json(), []);
      assert.deepEqual(await results(service), { '{target="dial_action",result="refused"}': 1 });
    });
  });

  it('does not cost each caller the whole timeout of a dead application, and finds out that it is back', async () => {
    let isDead = true;
    await withApplication(
      (response) => {
        if (!isDead) json([{ verb: 'hangup' }])(response);
      },
      { DIAL_ACTION_FORWARD_TIMEOUT_MS: '200', DIAL_ACTION_FALLBACK: FALLBACK },
      async (service, application) => {
        for (let i = 0; i < 5; i += 1) await post(service);
        const times: number[] = [];
        for (let i = 0; i < 20; i += 1) {
          const began = performance.now();
          assert.deepEqual((await post(service)).json(), SAY);
          times.push(performance.now() - began);
        }
        // Whatever else the machine does, most of them are answered before the timeout.
        const [median = 0] = times.sort((a, b) => a - b).slice(10);
        assert.ok(median < 200, `${median} ms`);
        assert.equal(application.received.length, 5);
        assert.deepEqual(await results(service), {
          '{target="dial_action",result="timeout"}': 5,
          '{target="dial_action",result="circuit_open"}': 20,
        });
        assert.deepEqual(await service.samples('sipwhy_forward_circuit_open'), { '{target="dial_action"}': 1 });
        isDead = false;
        const deadline = performance.now() + PATIENCE_MS;
        let answer = await post(service);
        while (answer.body !== '[{"verb":"hangup"}]' && performance.now() < deadline) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          answer = await post(service);
        }
        assert.deepEqual(answer.json(), [{ verb: 'hangup' }]);
        assert.deepEqual(await service.samples('sipwhy_forward_circuit_open'), {});
      },
    );
  });

  it('does not go in a circle', async () => {
    // The way back leads through another address, so that it cannot be seen at start.
    let target = '';
    const proxy = await startApplication(async (response, { body, headers }) => {
      const { host: _, 'content-length': __, connection: ___, ...rest } = headers;
      // The casts are what fetch takes of these headers.
      const back = await fetch(target, { method: 'POST', body, headers: rest as Record<string, string> });
      response.writeHead(back.status).end(await back.text());
    });
    try {
      await withService({ DIAL_ACTION_FORWARD_URL: proxy.url, DIAL_ACTION_FALLBACK: FALLBACK }, async (own) => {
        target = `${await own.app.http.listen({ port: 0 })}/jambonz/dial-action`;
        const answer = await fetch(target, { method: 'POST', body: BODY });
        assert.deepEqual(await answer.json(), SAY);
        assert.equal(proxy.received.length, 1);
        // The answer may come before the webhook is on disk.
        await until('both are counted', async () => Object.keys(await counted(own)).length === 2);
        assert.deepEqual(await counted(own), {
          '{source="jambonz",event="dial_action",result="accepted"}': 1,
          '{source="jambonz",event="dial_action",result="loop"}': 1,
        });
        assert.deepEqual(await results(own), { '{target="dial_action",result="error_status"}': 1 });
      });
    } finally {
      await proxy.close();
    }
  });
});

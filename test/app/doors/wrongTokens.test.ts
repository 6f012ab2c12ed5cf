import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FastifyRequest } from 'fastify';
import { WrongTokens } from '../../../src/http/door/lock.ts';
import { startService } from '../service.ts';

const TOKEN = 'a-token-of-this-test';

/** A request from an address, as far as the locks look at it. */
const from = (remoteAddress: string) => ({ socket: { remoteAddress } }) as FastifyRequest;

describe('wrong tokens', () => {
  it('are answered at once five times, and then half a second late', async () => {
    const waits: number[] = [];
    const wrongTokens = new WrongTokens(
      () => {},
      async (milliseconds) => waits.push(milliseconds),
    );
    for (let i = 0; i < 5; i += 1) assert.equal(await wrongTokens.wrong('api', from('192.0.2.1')), true);
    assert.deepEqual(waits, []);
    assert.equal(await wrongTokens.wrong('metrics', from('192.0.2.1')), true);
    assert.deepEqual(waits, [500]);
    await wrongTokens.wrong('api', from('192.0.2.2'));
    for (let i = 0; i < 10; i += 1) wrongTokens.missing('api', from('192.0.2.2'));
    assert.deepEqual(waits, [500]);
  });

  it('are refused where 256 wait, until one is answered', async () => {
    const answers: (() => void)[] = [];
    const wrongTokens = new WrongTokens(
      () => {},
      () => new Promise((resolve) => answers.push(() => resolve(undefined))),
    );
    const waiting = Array.from({ length: 261 }, () => wrongTokens.wrong('api', from('192.0.2.1')));
    assert.equal(answers.length, 256);
    assert.equal(await wrongTokens.wrong('api', from('192.0.2.1')), false);
    answers.shift()?.();
    await waiting[5];
    const next = wrongTokens.wrong('api', from('192.0.2.1'));
    assert.equal(answers.length, 256);
    for (const answer of answers) answer();
    assert.deepEqual(await Promise.all([...waiting, next]), Array(262).fill(true));
  });

  it('are late at every door, and a right one at none', async () => {
    const service = await startService({ API_TOKEN: TOKEN, METRICS_TOKEN: 'another-token-of-it' });
    const { http } = service.app;
    const get = (token: string, url = '/api/v1/causes') =>
      http.inject({ url, headers: { authorization: `Bearer ${token}` } });
    const signIn = (token: string) => http.inject({ method: 'POST', url: '/api/v1/session', payload: { token } });
    for (let i = 0; i < 5; i += 1) await get('x');
    const order: string[] = [];
    const noted = async (what: string, asked: Promise<{ statusCode: number }>) => {
      order.push(`${what} ${(await asked).statusCode}`);
    };
    await Promise.all([
      noted('wrong', get('x')),
      noted('wrong', get('x', '/metrics')),
      noted('wrong', signIn('x')),
      noted('right', get(TOKEN)),
      noted('right', signIn(TOKEN)),
      noted('none', http.inject('/api/v1/causes')),
    ]);
    assert.deepEqual(order.toSorted(), ['none 401', 'right 200', 'right 200', 'wrong 401', 'wrong 401', 'wrong 401']);
    assert.deepEqual(order.slice(3), ['wrong 401', 'wrong 401', 'wrong 401']);
    const { body } = await get('another-token-of-it', '/metrics');
    const failures = [...body.matchAll(/^sipwhy_auth_failures_total\{door="(\w+)",reason="(\w+)"\} ([1-9]\d*)$/gm)];
    assert.deepEqual(
      failures.map((found) => found.slice(1).join(' ')),
      ['api missing 1', 'api wrong 6', 'session wrong 1', 'metrics wrong 1'],
    );
    await service.app.close();
  });
});

describe('many reads of an address', () => {
  it('are 429 from some on, and webhooks are not', async () => {
    const service = await startService({});
    const read = async () => {
      const { statusCode, headers } = await service.app.http.inject('/api/v1/setup');
      return statusCode === 429 ? `429 ${headers['retry-after']}` : String(statusCode);
    };
    const beganAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 1_000 }, read));
    assert.deepEqual(answers.slice(0, 300), Array(300).fill('200'));
    const { 200: answered = [], ...refused } = Object.groupBy(answers, (answer) => answer);
    assert.deepEqual(Object.keys(refused), ['429 1']);
    // A hundred a second are answered meanwhile, so any of the others may be.
    assert.ok(answered.length <= 301 + (performance.now() - beganAt) / 10, `${answered.length} were answered`);
    const status = {
      method: 'POST',
      url: '/jambonz/call-status',
      payload: { call_sid: 'a', call_status: 'trying' },
    } as const;
    assert.equal((await service.app.http.inject(status)).statusCode, 204);
    assert.equal((await service.app.http.inject('/healthz')).statusCode, 200);
    await service.app.close();
  });
});

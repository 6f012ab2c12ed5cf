import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startService } from '../service.ts';

const TOKEN = 'a-token-of-this-test';
const RIGHT = { authorization: `Bearer ${TOKEN}` };

describe('wrong tokens', () => {
  let service: Awaited<ReturnType<typeof startService>>;
  before(async () => {
    service = await startService({ API_TOKEN: TOKEN, METRICS_TOKEN: 'another-token-of-it' });
  });
  after(() => service.app.close());
  const get = (headers: Record<string, string>, url = '/api/v1/causes') => service.app.http.inject({ url, headers });
  const failures = async () => {
    const { body } = await get({ authorization: 'Bearer another-token-of-it' }, '/metrics');
    return [...body.matchAll(/^sipwhy_auth_failures_total\{door="(\w+)",reason="(\w+)"\} ([1-9]\d*)$/gm)].map((found) =>
      found.slice(1).join(' '),
    );
  };
  const timed = async (work: () => Promise<{ statusCode: number }>) => {
    const began = performance.now();
    return [(await work()).statusCode, performance.now() - began >= 450] as const;
  };

  it('are answered at once five times, and then half a second late', async () => {
    for (let i = 0; i < 5; i += 1)
      assert.deepEqual(await timed(() => get({ authorization: `Bearer ${i}` })), [401, false]);
    assert.deepEqual(await timed(() => get({ authorization: 'Bearer 5' })), [401, true]);
    assert.deepEqual(await failures(), ['api wrong 6']);
  });

  it('are late at every door, and a right one at none', async () => {
    const late = await Promise.all([
      timed(() => get(RIGHT)),
      timed(() => get({ authorization: 'Bearer x' }, '/metrics')),
      timed(() => service.app.http.inject({ method: 'POST', url: '/api/v1/session', payload: { token: 'x' } })),
      timed(() => service.app.http.inject({ method: 'POST', url: '/api/v1/session', payload: { token: TOKEN } })),
      timed(() => get({})),
    ]);
    assert.deepEqual(late, [
      [200, false],
      [401, true],
      [401, true],
      [200, false],
      [401, false],
    ]);
    assert.deepEqual(await failures(), ['api missing 1', 'api wrong 6', 'session wrong 1', 'metrics wrong 1']);
  });

  it('are 429 where 256 wait, and a right one is still taken', async () => {
    const waiting = Promise.all(Array.from({ length: 256 }, () => get({ authorization: 'Bearer x' })));
    const answer = await get({ authorization: 'Bearer x' });
    assert.deepEqual([answer.statusCode, answer.headers['retry-after']], [429, '1']);
    assert.equal((await get(RIGHT)).statusCode, 200);
    assert.deepEqual([...new Set((await waiting).map(({ statusCode }) => statusCode))], [401]);
  });
});

describe('many reads of an address', () => {
  it('are 429 from some on, and webhooks are not', async () => {
    const service = await startService({});
    const read = async () => {
      const { statusCode, headers } = await service.app.http.inject('/api/v1/setup');
      return statusCode === 429 ? `429 ${headers['retry-after']}` : String(statusCode);
    };
    const answers = await Promise.all(Array.from({ length: 400 }, read));
    assert.deepEqual(answers.slice(0, 300), Array(300).fill('200'));
    assert.equal(answers.at(-1), '429 1');
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

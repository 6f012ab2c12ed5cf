import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { PRESSURE_LIMITS } from '../../src/http/pressure.ts';
import { webhooksOf } from '../core/scenario.ts';
import { apiOf, served } from './served.ts';

/** Keeps the event loop from turning. */
function block(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

it('an overloaded process sheds its API and page, never a webhook, and recovers', async () => {
  const api = await served({}, undefined, PRESSURE_LIMITS);
  try {
    const get = (url: string) => apiOf(api).inject(url);
    const status = async (url: string) => (await get(url)).statusCode;
    /** Asks until the answer is this one, with something between the times. */
    const until = async (wanted: number, between: () => Promise<unknown>) => {
      for (let tries = 0; (await status('/api/v1/causes')) !== wanted; tries += 1) {
        assert.ok(tries < 3_000, `never answered ${wanted}`);
        await between();
      }
    };
    await until(200, () => setTimeout(100));
    await until(503, () => {
      block(600);
      return setImmediate();
    });
    const shed = await get('/api/v1/calls');
    assert.equal(shed.statusCode, 503);
    assert.equal(shed.json().type, 'urn:sipwhy:problem:overloaded');
    assert.match(String(shed.headers['retry-after']), /^\d+$/);
    assert.equal(await status('/'), 503);
    assert.equal(await status('/healthz'), 200);
    assert.equal(await status('/readyz'), 200);
    await api.send(webhooksOf({ response: [503, 'DNS Error', 20] }));
    const counted = await api.service.samples('sipwhy_requests_shed_total');
    assert.ok((counted['{route="api"}'] ?? 0) >= 2);
    assert.equal(counted['{route="page"}'], 1);
    await until(200, () => setTimeout(200));
    await api.service.pass(10_000);
    assert.equal((await api.json('/calls')).calls.length, 1);
  } finally {
    await api.close();
  }
});

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startReady } from '../../durable/serviceProcess.ts';
import { startService } from '../service.ts';

const API = 'a-token-of-this-test';
const METRICS = 'another-token-of-it';

describe('the metrics', () => {
  for (const [env, wanted] of [
    [{}, { none: 200 }],
    [{ API_TOKEN: API }, { none: 401, [API]: 200 }],
    [{ METRICS_TOKEN: METRICS }, { none: 401, [METRICS]: 200 }],
    [
      { API_TOKEN: API, METRICS_TOKEN: METRICS },
      { none: 401, [API]: 401, [METRICS]: 200 },
    ],
  ] as const) {
    it(`need the right token: ${Object.keys(env).join(', ') || 'none is set'}`, async () => {
      const service = await startService(env);
      for (const [token, status] of Object.entries(wanted)) {
        const headers = token === 'none' ? {} : { authorization: `Bearer ${token}` };
        assert.equal((await service.app.http.inject({ url: '/metrics', headers })).statusCode, status, token);
      }
      await service.app.close();
    });
  }

  it('are served by a listener of their own alone, where one is set', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    const service = await startReady({
      DATABASE_URL: join(directory, 'sipwhy.db'),
      METRICS_LISTEN: '127.0.0.1:0',
      API_TOKEN: API,
    });
    try {
      const [, own = ''] = [...service.log().matchAll(/listening at (http:[^"]+)"/g)].map(([, url]) => url);
      const status = async (url: string, init?: RequestInit) => (await fetch(url, init)).status;
      assert.equal(await status(`${service.url}/metrics`), 404);
      assert.equal(await status(`${own}/metrics`), 200);
      assert.equal(await status(`${own}/metrics`, { method: 'POST' }), 405);
      assert.equal(await status(`${own}/metrics`, { headers: { 'sec-fetch-site': 'cross-site' } }), 403);
      for (const path of ['/', '/healthz', '/api/v1/causes', '/jambonz/call-status'])
        assert.equal(await status(own + path), 404, path);
      assert.equal(await service.end('SIGTERM'), 0);
    } finally {
      await service.end('SIGKILL');
      await rm(directory, { recursive: true });
    }
  });
});

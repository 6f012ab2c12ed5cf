import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startService } from '../app/service.ts';

describe('the reference page of the API', () => {
  let service: Awaited<ReturnType<typeof startService>>;
  const get = (url: string) => service.app.http.inject({ url });
  before(async () => {
    service = await startService({ API_TOKEN: 'a-token-of-more-than-32-characters' });
  });
  after(() => service.app.close());

  for (const path of ['/api', '/api/', '/api/static/swagger-ui.css', '/api/static/swagger-initializer.js']) {
    it(`has ${path}, which needs no token and may run its own files only`, async () => {
      const { statusCode, headers, body } = await get(path);
      assert.equal(statusCode, 200);
      assert.ok(body.length > 500);
      assert.match(String(headers['content-security-policy']), /^default-src 'none'; script-src 'self';/);
      assert.equal(headers['x-frame-options'], 'DENY');
    });
  }

  it('describes what the API describes', async () => {
    const description = JSON.parse((await get('/api/v1/openapi.json')).body);
    assert.deepEqual(JSON.parse((await get('/api/json')).body), description);
  });

  it('answers 304 to a browser that has a file', async () => {
    const url = '/api/static/swagger-ui.css';
    const { etag } = (await get(url)).headers;
    const again = await service.app.http.inject({ url, headers: { 'if-none-match': String(etag) } });
    assert.equal(again.statusCode, 304);
  });

  for (const path of ['/api/nothing', '/api/static/nothing.css', '/api/static/%2e%2e/package.json']) {
    it(`has no ${path}`, async () => {
      const { statusCode, headers } = await get(path);
      assert.equal(statusCode, 404);
      assert.match(String(headers['content-type']), /^application\/problem\+json/);
    });
  }
});

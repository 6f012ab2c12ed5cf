import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { startService } from './service.ts';

const ALLOWED: readonly (readonly [path: string, methods: string, other: string])[] = [
  ['/jambonz/call-status', 'GET, POST', 'PUT'],
  ['/jambonz/dial-action', 'POST', 'GET'],
  ['/jambonz/ws', 'GET, HEAD', 'POST'],
  ['/livekit/webhook', 'POST', 'GET'],
  ['/metrics', 'GET, HEAD', 'POST'],
  ['/healthz', 'GET, HEAD', 'DELETE'],
  ['/api/v1/calls', 'GET, HEAD', 'DELETE'],
  ['/api/v1/calls/some-call', 'GET, HEAD', 'PATCH'],
  ['/api/v1/check', 'POST', 'GET'],
  // A stream would never answer it.
  ['/api/v1/events', 'GET', 'HEAD'],
  ['/', 'GET, HEAD', 'POST'],
];

describe('a request by another method', () => {
  let service: Awaited<ReturnType<typeof startService>>;
  before(async () => {
    service = await startService({ API_TOKEN: 'a-token-of-some-length' });
  });
  after(() => service.app.close());

  for (const [path, methods, other] of ALLOWED) {
    it(`is told which there are: ${other} ${path}`, async () => {
      const answer = await service.app.http.inject({
        method: other as 'PUT',
        url: `${path}?with=a%20query`,
        headers: { 'content-type': 'text/x-of-no-kind' },
        ...(other !== 'GET' && other !== 'HEAD' && { payload: 'whatever' }),
      });
      assert.equal(answer.statusCode, 405);
      assert.equal(answer.headers.allow, methods);
      if (other === 'HEAD') return;
      assert.equal(answer.json().type, 'urn:sipwhy:problem:method_not_allowed');
      assert.equal(answer.json().detail, `${path} accepts ${methods}, not ${other}.`);
    });
  }

  it('is not documented as if it were one more answer', async () => {
    const headers = { authorization: 'Bearer a-token-of-some-length' };
    const { paths } = (await service.app.http.inject({ url: '/api/v1/openapi.json', headers })).json();
    const methods = Object.values(paths).flatMap((path) => Object.keys(path as object));
    assert.deepEqual([...new Set(methods)].sort(), ['delete', 'get', 'post']);
  });

  it('is still a 404 where there is no such path', async () => {
    assert.equal((await service.app.http.inject({ method: 'POST', url: '/livekit' })).statusCode, 404);
  });

  it('is a 404 of the server as a whole, which is no path', async () => {
    const asked = request(await service.app.http.listen({ port: 0 }), { method: 'OPTIONS', path: '*' }).end();
    const [answer] = await once(asked, 'response');
    assert.equal(answer.statusCode, 404);
    assert.equal(JSON.parse(await text(answer)).detail, 'There is no OPTIONS *.');
  });
});

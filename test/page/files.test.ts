import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import Fastify, { type FastifyInstance } from 'fastify';
import { buildPage, buildPageIfStale } from '../../scripts/buildPage.ts';
import { pageRoutes } from '../../src/http/pageFiles.ts';

/** What the whole page may weigh, compressed, in bytes. */
const LIMIT_BYTES = 60 * 1024;

describe('the built page', () => {
  let folder: string;
  let app: FastifyInstance;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sipwhy-built-'));
    await buildPage(folder);
    app = Fastify();
    await app.register(pageRoutes, { folder });
  });
  after(async () => {
    await app.close();
    rmSync(folder, { recursive: true });
  });
  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });
  const namesIn = (shell: string) => [...shell.matchAll(/"assets\/([^"]+)"/g)].map(([, name = '']) => name);

  for (const ending of ['br', 'gz']) {
    it(`weighs no more than 60 KB as ${ending}`, () => {
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(ending));
      const bytes = files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
      assert.equal(files.length, 4);
      assert.ok(bytes > 5_000 && bytes <= LIMIT_BYTES, `${bytes} bytes`);
    });
  }

  it('has a shell whose every asset is there, with nothing from elsewhere and nothing inline', async () => {
    const { body } = await get('/');
    const names = namesIn(body);
    assert.deepEqual(names.map((name) => name.replace(/-[A-Z0-9]{8}/, '')).toSorted(), [
      'main.js',
      'style.css',
      'theme.js',
    ]);
    for (const name of names) assert.equal((await get(`/assets/${name}`)).statusCode, 200);
    assert.doesNotMatch(body, /(src|href)="(https?:)?\/\//);
    assert.doesNotMatch(body, /<script(?![^>]*\bsrc=)|<style|\son\w+=|\{\{/);
  });

  it('is served in the encoding that the browser takes, and is the same in each', async () => {
    const [name = ''] = namesIn((await get('/')).body);
    const plain = readFileSync(join(folder, 'assets', name));
    const rows = [
      { accept: 'gzip, deflate, br', encoding: 'br', decoded: brotliDecompressSync },
      { accept: 'gzip;q=1.0, br;q=0', encoding: 'gzip', decoded: gunzipSync },
      { accept: 'deflate', encoding: undefined, decoded: (bytes: Buffer) => bytes },
    ];
    for (const { accept, encoding, decoded } of rows) {
      const answer = await get(`/assets/${name}`, { 'accept-encoding': accept });
      assert.equal(answer.headers['content-encoding'], encoding);
      assert.equal(answer.headers.vary, 'accept-encoding');
      assert.deepEqual(decoded(answer.rawPayload), plain);
    }
  });

  it('lets a browser keep its assets for ever', async () => {
    const url = `/assets/${namesIn((await get('/')).body)[0]}`;
    const asset = await get(url);
    assert.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(asset.headers['x-content-type-options'], 'nosniff');
    const etag = String(asset.headers.etag);
    const again = await get(url, { 'if-none-match': etag });
    assert.deepEqual([again.statusCode, again.body], [304, '']);
    assert.equal((await get(url, { 'if-none-match': etag, 'accept-encoding': 'br' })).statusCode, 200);
  });

  it('has a browser take the shell anew each time, also where another version has the same size and time', async () => {
    const shell = await get('/');
    assert.equal(shell.headers['cache-control'], 'no-cache');
    assert.deepEqual([shell.headers.etag, shell.headers['last-modified']], [undefined, undefined]);
    const since = new Date(Date.now() + 3_600_000).toUTCString();
    assert.equal((await get('/', { 'if-modified-since': since })).body, shell.body);
  });

  it('says what each file is, compressed or not', async () => {
    for (const accept of ['identity', 'gzip', 'br']) {
      const typeOf = async (url: string) => (await get(url, { 'accept-encoding': accept })).headers['content-type'];
      assert.equal(await typeOf('/'), 'text/html; charset=utf-8');
      for (const name of namesIn((await get('/')).body)) {
        const type = name.endsWith('.css') ? 'text/css' : 'application/javascript';
        assert.equal(await typeOf(`/assets/${name}`), `${type}; charset=utf-8`);
      }
    }
  });

  it('answers a HEAD with the headers alone', async () => {
    for (const url of ['/', `/assets/${namesIn((await get('/')).body)[0]}`]) {
      const [whole, head] = [await get(url), await app.inject({ method: 'HEAD', url })];
      assert.deepEqual([head.statusCode, head.body], [200, '']);
      for (const name of ['content-type', 'content-length', 'cache-control', 'vary']) {
        assert.equal(head.headers[name], whole.headers[name], name);
      }
    }
  });

  it('allows nothing but its own files, and asks for no HTTPS', async () => {
    const { headers } = await get('/');
    assert.deepEqual(String(headers['content-security-policy']).split(/;\s*/), [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "img-src 'self' data:",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    assert.equal(headers['strict-transport-security'], undefined);
  });

  it('serves no other file', async () => {
    const asset = `/assets/${namesIn((await get('/')).body)[0]}`;
    const inner = ['/index.html', '/index.html.br', `${asset}.br`, `${asset}.gz`];
    for (const url of ['/assets/nothing.js', '/assets/..%2findex.html', '/assets/', ...inner]) {
      assert.equal((await get(url)).statusCode, 404, url);
    }
  });

  it('is built anew where its sources are newer, and only then', async () => {
    const shell = join(folder, 'index.html');
    await buildPageIfStale(folder);
    const built = statSync(shell).mtimeMs;
    await buildPageIfStale(folder);
    assert.equal(statSync(shell).mtimeMs, built);
    utimesSync(shell, new Date(0), new Date(0));
    await buildPageIfStale(folder);
    assert.notEqual(statSync(shell).mtimeMs, 0);
  });
});

it('says what to do where the page is not built', async () => {
  const app = Fastify();
  await app.register(pageRoutes, { folder: '/nowhere' });
  const answer = await app.inject('/');
  assert.equal(answer.statusCode, 503);
  assert.match(answer.json().detail, /npm run build/);
  await app.close();
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import axe from 'axe-core';
import Fastify, { type FastifyInstance } from 'fastify';
import { runbookRoutes } from '../../src/http/runbooks/runbookRoutes.ts';
import { DOCUMENTATION } from '../../src/settings/installation.ts';
import { startService } from '../app/service.ts';
import { openPage, startBrowser } from './browser.ts';

const namesIn = (folder: string) =>
  readdirSync(join(DOCUMENTATION, folder))
    .filter((file) => file !== 'README.md')
    .map((file) => basename(file, '.md'));
const NAMES = ['causes', 'findings', 'runbooks'].flatMap(namesIn);
/** Where a proxy may serve sipwhy. */
const PREFIX = 'https://proxy.example.com/sipwhy';

describe('the runbooks', () => {
  let app: FastifyInstance;
  before(async () => {
    app = Fastify();
    await app.register(runbookRoutes, { folder: DOCUMENTATION });
  });
  after(() => app.close());

  it('are there for every cause, finding and alert, under its name and under that of its file', async () => {
    assert.ok(NAMES.includes('trunk_conflict') && NAMES.includes('trunk_open') && NAMES.includes('SipwhyHigh503Rate'));
    for (const name of NAMES) {
      const answer = await app.inject(`/runbooks/${name}`);
      assert.equal(answer.statusCode, 200, name);
      assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
      assert.match(answer.body, new RegExp(`<h1 id="${name.toLowerCase()}">${name}</h1>`));
      assert.equal((await app.inject(`/runbooks/${name}.md`)).body, answer.body);
    }
  });

  it('are all listed, causes and findings with what they mean', async () => {
    const { body } = await app.inject('/runbooks/');
    for (const name of NAMES) assert.match(body, new RegExp(`<a href="${name}">`));
    assert.match(body, /<td>two trunks match<\/td>/);
  });

  it('have links that lead somewhere, also under the prefix of a proxy', async () => {
    const seen = new Set<string>();
    const waiting = [`${PREFIX}/runbooks/`];
    for (const url of waiting) {
      const { statusCode, body } = await app.inject(url.slice(PREFIX.length));
      assert.equal(statusCode, 200, url);
      for (const [, href = ''] of body.matchAll(/href="([^"]+)"/g)) {
        const { href: target } = new URL(href, url);
        if (seen.has(target) || target === `${PREFIX}/` || !target.includes('proxy.example.com')) continue;
        seen.add(target);
        assert.ok(target.startsWith(`${PREFIX}/runbooks/`), `${target} in ${url}`);
        const [path = '', anchor] = target.split('#');
        if (anchor !== undefined)
          assert.ok((await app.inject(path.slice(PREFIX.length))).body.includes(`id="${anchor}"`), target);
        else waiting.push(target);
      }
    }
    assert.ok(seen.size > NAMES.length, `${seen.size}`);
  });

  it('lead from their address without a slash to the list, also under the prefix of a proxy', async () => {
    const { statusCode, headers } = await app.inject('/runbooks');
    assert.equal(statusCode, 301);
    assert.equal(new URL(String(headers.location), `${PREFIX}/runbooks`).href, `${PREFIX}/runbooks/`);
  });

  for (const path of ['nothing', 'README', '..%2f..%2fpackage.json', '..%5c..%5cpackage', '%2fetc%2fpasswd', 'a%00b']) {
    it(`are listed with a 404 for ${path}`, async () => {
      const { statusCode, body } = await app.inject(`/runbooks/${path}`);
      assert.equal(statusCode, 404);
      assert.match(body, /<h1>There is no such runbook<\/h1>[\s\S]*<a href="trunk_conflict">/);
    });
  }

  it('may load nothing and run nothing', async () => {
    for (const path of ['', 'trunk_conflict', 'nothing']) {
      const { headers, body } = await app.inject(`/runbooks/${path}`);
      const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(body) ?? [];
      assert.deepEqual(String(headers['content-security-policy']).split(';'), [
        "default-src 'none'",
        `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ]);
      assert.doesNotMatch(body, /<script|<img|\sstyle=/);
    }
  });

  it('show HTML of a document as text, and follow no link out of the documents', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sipwhy-runbooks-'));
    mkdirSync(join(folder, 'causes'));
    const markdown = [
      '<!-- a comment --><script>alert(1)</script>',
      'a <img src=x onerror=alert(1)> b ![picture](https://example.com/x.png)',
      '[script](javascript:alert(1)) [up](../../package.json) [plain](http://example.com) [rule](../src/app.ts)',
      '[web](https://example.com/?a=1&b="2") [other](../there.md#a-part) [gone](gone.md)',
      '# A "heading" <b>',
    ];
    writeFileSync(join(folder, 'causes', 'here.md'), markdown.join('\n\n'));
    writeFileSync(join(folder, 'there.md'), '# There');
    const other = Fastify();
    await other.register(runbookRoutes, { folder });
    const { body } = await other.inject('/runbooks/here');
    await other.close();
    rmSync(folder, { recursive: true });
    const [, main = ''] = /<main>([\s\S]*)<\/main>/.exec(body) ?? [];
    assert.doesNotMatch(main, /<(?!\/?(p|h1|a)[ >])/);
    assert.match(main, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
    assert.match(main, /a &lt;img src=x onerror=alert\(1\)&gt; b picture/);
    assert.deepEqual(main.match(/<a [^>]*>[^<]*/g), [
      '<a href="https://example.com/?a=1&amp;b=&quot;2&quot;">web',
      '<a href="there#a-part">other',
    ]);
    assert.match(main, /<p>script up plain rule<\/p>/);
  });

  it('need no token, and are shown for the service’s own name only', async () => {
    const { app: whole } = await startService({ API_TOKEN: 'a-token-of-this-test' });
    const ask = async (method: 'GET' | 'HEAD' | 'POST', headers = {}) =>
      (await whole.http.inject({ method, url: '/runbooks/trunk_conflict', headers })).statusCode;
    assert.deepEqual([await ask('GET'), await ask('HEAD'), await ask('POST')], [200, 200, 405]);
    assert.equal(await ask('GET', { host: 'evil.example' }), 421);
    await whole.close();
  });

  it('have nothing that axe complains about, light and dark, and fit a phone', async () => {
    const origin = await app.listen({ host: '127.0.0.1', port: 0 });
    const browser = await startBrowser();
    const { page, troubles } = await openPage(browser, origin);
    for (const path of ['', 'trunk_conflict', 'SipwhyHigh503Rate', 'nothing']) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.setViewportSize({ width: 360, height: 740 });
        await page.emulateMedia({ colorScheme });
        await page.goto(`/runbooks/${path}`);
        await page.evaluate(axe.source);
        // The cast is what axe answers.
        const { violations } = (await page.evaluate("axe.run({ resultTypes: ['violations'] })")) as axe.AxeResults;
        assert.deepEqual(
          violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`),
          [],
          path,
        );
        const dark = await page.evaluate("getComputedStyle(document.body).backgroundColor === 'rgb(16, 19, 22)'");
        assert.equal(dark, colorScheme === 'dark');
        assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), path);
      }
    }
    assert.deepEqual(troubles, []);
    await browser.close();
  });
});

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Process, startReady } from '../durable/serviceProcess.ts';
import { copyCheckout, installGlobally, pack, ROOT, run } from './packing.ts';

describe('the package', () => {
  let directory: string;
  let packed: ReturnType<typeof pack>;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'sipwhy-package-'));
    copyCheckout(join(directory, 'checkout'));
    packed = pack(join(directory, 'checkout'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it('has the compiled code, the page, alerts, dashboards, documentation and runbooks', () => {
    for (const file of [
      'bin/sipwhy.js',
      'dist/program/main.js',
      'dist/program/thread.js',
      'dist/program/licences.txt',
      'dist/client/sipwhyClient.js',
      'dist/client/sipwhyClient.d.ts',
      'dist/page/index.html',
      'alerts/sipwhy.rules.yml',
      'alerts/alertmanager.example.yml',
      'dashboards/sipwhy-overview.json',
      'dashboards/provisioning/datasources/prometheus.yml',
      'docs/alerting.md',
      'docs/causes/auth_missing.md',
      'docs/runbooks/SipwhyHigh503Rate.md',
      'README.md',
      'LICENSE',
      'sbom.cdx.json',
    ]) {
      assert.ok(packed.files.includes(file), file);
    }
  });

  it('has no tests, sources, scripts or recorded cases', () => {
    const others = packed.files.filter(
      (file) =>
        !/^(bin|dist|alerts|dashboards|docs)\/|^(README|CHANGELOG|SECURITY)\.md$|^(LICENSE|package\.json|sbom\.cdx\.json)$/.test(
          file,
        ),
    );
    assert.deepEqual(others, []);
    assert.deepEqual(
      packed.files.filter(
        (file) => /(?<!\.d)\.tsx?$|\.test\.|recorded|\.jsonl|\.gz$/.test(file) && !/^dist\/page\//.test(file),
      ),
      [],
    );
  });

  it('is the same, byte for byte, when it is packed again', () => {
    assert.equal(pack(join(directory, 'checkout')).integrity, packed.integrity);
  });

  describe('once installed, with production dependencies alone,', () => {
    let prefix: string;
    let service: Process;
    const sipwhy = (...args: string[]) => run(join(prefix, 'bin/sipwhy'), args, prefix);
    before(async () => {
      prefix = join(directory, 'installed');
      mkdirSync(prefix);
      installGlobally(packed.tarball, prefix);
      service = await startReady({ DATABASE_URL: join(prefix, 'sipwhy.db') }, join(prefix, 'bin/sipwhy'));
    });
    after(() => service?.end('SIGKILL'));
    const get = async (path: string) => {
      const response = await fetch(service.url + path);
      return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
    };

    it('names its version', () => {
      const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
      assert.equal(sipwhy('--version'), `${version}\n`);
    });

    it('explains its example, and prints the alert rules', () => {
      assert.match(
        sipwhy('demo'),
        /^4\. the trunk requires credentials, but none were sent \(owner: application\)\. Dial with auth/m,
      );
      assert.match(sipwhy('demo', '--full'), /^Cause: sip_host_wrong \(likely\), owner: application/m);
      assert.match(sipwhy('rules'), /alert: SipwhyHigh503Rate/);
    });

    it('serves the page with its assets', async () => {
      const { status, type, text } = await get('/');
      assert.equal(status, 200);
      assert.match(type ?? '', /^text\/html/);
      const [, asset = ''] = /src="(assets\/main-[^"]+\.js)"/.exec(text) ?? [];
      assert.equal((await get(`/${asset}`)).status, 200);
    });

    it('serves the API’s reference page', async () => {
      assert.equal((await get('/api')).status, 200);
    });

    it('serves the runbooks', async () => {
      const { status, text } = await get('/runbooks/trunk_conflict');
      assert.equal(status, 200);
      assert.match(text, /<p>The call failed because two trunks match\.<\/p>/);
    });

    it('serves the API, its description and the metrics', async () => {
      const description = await get('/api/v1/openapi.json');
      assert.ok('/api/v1/calls' in JSON.parse(description.text).paths);
      const calls = await get('/api/v1/calls');
      assert.equal(calls.status, 200);
      assert.deepEqual(JSON.parse(calls.text).calls, []);
      assert.match((await get('/metrics')).text, /^sipwhy_call_failures_total\{cause="auth_missing",.*\} 0$/m);
    });

    it('serves the API over sample data, and writes the dashboards', async () => {
      const sample = await get('/api/v1/sample/incidents');
      assert.equal(sample.status, 200);
      assert.ok(JSON.parse(sample.text).incidents.length > 3);
      const out = join(prefix, 'dashboards');
      assert.match(sipwhy('dashboards', '--out', out), /sipwhy-overview\.json/);
      assert.ok(existsSync(join(out, 'provisioning/dashboards/sipwhy.yml')));
    });

    it('has the client with its types for other programs', () => {
      const folder = join(prefix, 'lib');
      const code = [
        `import { type LiveKitDial, livekitTrunk, sipwhyForwarder } from 'sipwhy/client';`,
        `const dial: LiveKitDial = livekitTrunk({ host: 'a', username: 'u', password: 'p', env: {} }).dial('1');`,
        `const waiting: number = sipwhyForwarder({ url: 'http://127.0.0.1:9' }).counts().waiting;`,
        `console.log(dial.tag.sipwhy.auth_username, waiting);`,
      ].join('\n');
      writeFileSync(join(folder, 'program.mts'), code);
      const strict = ['--strict', '--module', 'nodenext', '--types', '', '--lib', 'es2024,dom'];
      run(join(ROOT, 'node_modules/.bin/tsc'), [...strict, 'program.mts'], folder);
      assert.equal(run(process.execPath, ['program.mjs'], folder), 'u 0\n');
      writeFileSync(join(folder, 'wrong.mts'), code.replace(`host: 'a'`, 'host: 1'));
      assert.throws(
        () => run(join(ROOT, 'node_modules/.bin/tsc'), [...strict, 'wrong.mts'], folder),
        ({ stdout }: { stdout: string }) => /TS2322/.test(stdout),
      );
    });

    it('stops on a signal', async () => {
      assert.equal(await service.end('SIGTERM'), 0);
    });
  });
});

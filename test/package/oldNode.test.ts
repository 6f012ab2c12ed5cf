import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'acorn';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const IN_CHECKOUT =
  'run `npm ci` without --omit=dev, which installs one for `npm start` and `npm run sipwhy`, or install a newer Node';
const IN_PACKAGE = 'install a newer Node (https://nodejs.org/en/download), and put it first on the PATH';

describe('bin/sipwhy.js', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'sipwhy-old-'));
    for (const folder of ['package', 'checkout/src']) mkdirSync(join(directory, folder), { recursive: true });
    for (const folder of ['package', 'checkout']) {
      for (const file of ['bin', 'package.json'])
        cpSync(join(ROOT, file), join(directory, folder, file), { recursive: true });
    }
  });
  after(() => rmSync(directory, { recursive: true }));

  /** Runs it as if this Node were another version. */
  const runAs = (version: string, folder: string) => {
    const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' });
      Object.defineProperty(process, 'version', { value: 'v${version}' });`;
    const args = ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, 'bin/sipwhy.js', '--version'];
    return spawnSync(process.execPath, args, { cwd: join(directory, folder), encoding: 'utf8' });
  };

  it('can be parsed by Node 14', () => {
    for (const file of ['sipwhy.js', 'nodeVersion.js', 'freshProgram.js']) {
      const text = readFileSync(join(ROOT, 'bin', file), 'utf8');
      assert.doesNotThrow(() => parse(text, { ecmaVersion: 2020, sourceType: 'module', allowHashBang: true }), file);
    }
  });

  for (const [version, folder, remedy] of [
    ['20.20.2', 'checkout', IN_CHECKOUT],
    ['20.20.2', 'package', IN_PACKAGE],
    ['24.4.1', 'package', IN_PACKAGE],
  ] as const) {
    it(`says in one line what Node ${version} lacks in a ${folder}, with status 2`, () => {
      const { status, stderr, stdout } = runAs(version, folder);
      assert.equal(stderr, `sipwhy needs Node 24.5 or newer; this is v${version}: ${remedy}\n`);
      assert.equal(stdout, '');
      assert.equal(status, 2);
    });
  }

  for (const version of ['24.5.0', '25.0.0']) {
    it(`accepts Node ${version}`, () => {
      assert.doesNotMatch(runAs(version, 'package').stderr, /needs Node/);
    });
  }

  it('says in one line that packages are missing, with status 2', () => {
    writeFileSync(join(directory, 'checkout/src/main.ts'), `import 'commander';\n`);
    const { status, stderr } = runAs('24.5.0', 'checkout');
    assert.equal(stderr, "sipwhy: Cannot find package 'commander': run `npm ci` in this checkout\n");
    assert.equal(status, 2);
    assert.match(
      runAs('24.5.0', 'package').stderr,
      /^sipwhy: Cannot find module '.*dist\/program\/main\.js': install sipwhy again\n$/,
    );
  });
});

describe('bin/sipwhy.js in a checkout, on an old Node', () => {
  it('runs the command with the Node that the checkout brings, and ends as it does', () => {
    const checkout = mkdtempSync(join(tmpdir(), 'sipwhy-own-'));
    try {
      for (const folder of ['src', 'node_modules/node/bin']) mkdirSync(join(checkout, folder), { recursive: true });
      for (const file of ['bin', 'package.json']) cpSync(join(ROOT, file), join(checkout, file), { recursive: true });
      symlinkSync(process.execPath, join(checkout, 'node_modules/node/bin/node'));
      const main = 'console.log(process.argv.slice(2).join(" ")); process.exitCode = 7;';
      writeFileSync(join(checkout, 'src/main.ts'), main);
      const pretend = `Object.defineProperty(process.versions, 'node', { value: '20.20.2' })`;
      const args = ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, 'bin/sipwhy.js', 'calls', '-x'];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: checkout, encoding: 'utf8' });
      assert.deepEqual([status, stdout, stderr], [7, 'calls -x\n', '']);
    } finally {
      rmSync(checkout, { recursive: true });
    }
  });
});

describe('npm start', () => {
  it('checks the version of Node before anything else', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    assert.equal(scripts.prestart, 'node bin/nodeVersion.js');
    assert.match(scripts.start, /^MALLOC_ARENA_MAX=2 exec node --max-semi-space-size=4 bin\/sipwhy\.js serve$/);
    assert.match(scripts.sipwhy, /^exec node bin\/sipwhy\.js$/);
  });

  it('says how to get the page, where esbuild is not installed', () => {
    const directory = mkdtempSync(join(tmpdir(), 'sipwhy-production-'));
    try {
      for (const file of ['bin', 'scripts', 'src', 'page', 'package.json', 'package-lock.json'])
        cpSync(join(ROOT, file), join(directory, file), { recursive: true });
      const { status, stderr } = spawnSync(process.execPath, ['scripts/buildPage.ts', '--if-stale'], {
        cwd: directory,
        encoding: 'utf8',
      });
      assert.equal(
        stderr,
        'The page could not be built: esbuild is not installed. This checkout has production dependencies only: run `npm ci`, or install the package.\n',
      );
      assert.equal(status, 0);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

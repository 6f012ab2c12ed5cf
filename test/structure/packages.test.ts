import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ALLOWED_LICENCES } from '../../scripts/packages/licencesPage.ts';
import { shippedPackages } from '../../scripts/packages/shippedPackages.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('the lock file', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const entries = Object.entries<{ integrity?: string; resolved?: string }>(packages).filter(([path]) => path !== '');

  it('has a digest for every package, so that none can be replaced', () => {
    assert.ok(entries.length > 200);
    const without = entries.filter(([, { integrity = '' }]) => !/^sha512-[\w+/]{86}==$/.test(integrity));
    assert.deepEqual(
      without.map(([path]) => path),
      [],
    );
  });

  it('names no place to download from, so that each user’s own registry serves', () => {
    assert.deepEqual(
      entries.filter(([, { resolved }]) => resolved !== undefined),
      [],
    );
  });
});

describe('the packages that are shipped', () => {
  const shipped = shippedPackages();

  it('include those that the page bundles, and no tool', () => {
    const names = new Set(shipped.map(({ name }) => name));
    for (const name of ['fastify', 'pg', 'pg-types', 'preact', '@preact/signals-core'])
      assert.ok(names.has(name), name);
    for (const name of ['typescript', 'esbuild', '@biomejs/biome', 'node']) assert.ok(!names.has(name), name);
  });

  it('have licences that permit it', () => {
    const refused = shipped.filter(({ licence = 'unknown' }) =>
      licence
        .replace(/^\((.*)\)$/, '$1')
        .split(' AND ')
        .some((one) => !ALLOWED_LICENCES.includes(one)),
    );
    assert.deepEqual(refused, []);
  });

  it('are all in the list that is packed, with their digests', () => {
    const directory = mkdtempSync(join(tmpdir(), 'sipwhy-pack-'));
    try {
      const copied = /^(package(-lock)?\.json|\.npmrc|scripts|SECURITY\.md|CHANGELOG\.md)$/;
      const top = (path: string) => path.slice(ROOT.length).split('/')[0] ?? '';
      cpSync(ROOT, directory, { recursive: true, filter: (path) => path === ROOT || copied.test(top(path)) });
      symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
      const run = (command: string, ...args: string[]) =>
        execFileSync(command, args, { cwd: directory, encoding: 'utf8' });
      run(process.execPath, 'scripts/packages/sbom.ts');
      const [packed] = JSON.parse(run('npm', 'pack', '--ignore-scripts', '--json'));
      const files = run('tar', 'tzf', basename(packed.filename)).split('\n');
      assert.ok(files.includes('package/SECURITY.md'));
      const sbom = JSON.parse(run('tar', 'xzOf', basename(packed.filename), 'package/sbom.cdx.json'));
      const listed = new Map<string, { hashes?: unknown[] }>(
        sbom.components.map((one: { name: string; version: string }) => [`${one.name}@${one.version}`, one]),
      );
      assert.deepEqual(
        [...listed.keys()].sort(),
        [...new Set(shipped.map(({ name, version }) => `${name}@${version}`))].sort(),
      );
      for (const [name, { hashes = [] }] of listed) assert.equal(hashes.length, 1, name);
      assert.equal(sbom.bomFormat, 'CycloneDX');
      assert.equal(sbom.metadata.component.name, 'sipwhy');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
  it('are made into the list before each packing', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    assert.match(scripts.prepack, /npm run -s sbom/);
  });
});

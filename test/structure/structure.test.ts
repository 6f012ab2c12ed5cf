import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { filesTogether } from '../together.ts';
import { circlesOf, importsOf } from './circles.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/**
 * What each folder of the shell may import beside itself and the core. Folders that do I/O do not know each other: the
 * engine, the service and app.ts put them together.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  loop: [],
  metrics: ['loop'],
  store: ['loop'],
  journal: [],
  http: ['loop', 'mcp'],
  mcp: ['loop'],
  files: [],
  livekit: ['loop', 'files'],
  probe: ['loop'],
  forward: ['loop'],
  connect: ['loop', 'files'],
  settings: [],
  cli: ['settings', 'files', 'demo', 'mcp'],
  demo: [],
  client: [],
};

/** Files that break a rule of the core, and one that breaks none. */
const FORBIDDEN_IN_CORE = {
  server: `import fastify from 'fastify';\nexport const x = fastify;\n`,
  metricsLibrary: `import { Counter } from 'prom-client';\nexport const x = Counter;\n`,
  files: `import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n`,
  shell: `import { Metrics } from '../../metrics/metrics.ts';\nexport const x = Metrics;\n`,
  engine: `import { createEngine } from '../../engine/engine.ts';\nexport const x = createEngine;\n`,
  environment: `export const x = process.env.HOST;\n`,
  timer: `export const x = setTimeout;\n`,
};
const ALLOWED = 'src/cli/allowed.ts';

describe('the core', () => {
  let directory: string;
  /** Paths of the files that the linter complains about. */
  let refused: Set<string>;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'sipwhy-'));
    copyFileSync(join(ROOT, 'biome.json'), join(directory, 'biome.json'));
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    };
    for (const [what, text] of Object.entries(FORBIDDEN_IN_CORE)) write(`src/core/diagnose/${what}.ts`, text);
    write(ALLOWED, `import { replay } from '../core/replay/replay.ts';\nexport const x = replay(process.env);\n`);
    const biome = join(ROOT, 'node_modules/.bin/biome');
    const args = ['lint', '--vcs-enabled=false', '--reporter=github', '--max-diagnostics=none'];
    const { stdout } = spawnSync(biome, args, { cwd: directory, encoding: 'utf8' });
    refused = new Set(
      [...stdout.matchAll(/noRestricted\w+,file=([^,]+),/g)].map(([, file = '']) => relative(directory, file)),
    );
  });
  after(() => rmSync(directory, { recursive: true }));

  for (const what of Object.keys(FORBIDDEN_IN_CORE)) {
    it(`may not use: ${what}`, () => assert.ok(refused.has(`src/core/diagnose/${what}.ts`)));
  }
  it('may be used by the shell', () => assert.equal(refused.has(ALLOWED), false));

  it('reads no clock and throws no dice', () => {
    const files = sourcesIn('src/core');
    assert.ok(files.length > 60);
    for (const { file, text } of files) {
      assert.doesNotMatch(text, /Date\.now\(|new Date\(\)|Math\.random\(/, file);
    }
  });
});

it('no two source files have the same name', () => {
  const folders = ['src', 'test', 'page', 'scripts', 'alerts', 'dashboards'];
  const files = folders.flatMap((folder) => sourcesIn(folder).map(({ file }) => join(folder, file)));
  assert.ok(files.length > 600);
  const same = Object.values(Object.groupBy(files, (file) => basename(file))).filter((list = []) => list.length > 1);
  assert.deepEqual(same, []);
});

it('npm test runs each test file once', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const patterns = [...scripts.test.matchAll(/"([^"]+)"/g)].map(([, pattern = '']) => pattern);
  const run = globSync(patterns, { cwd: ROOT }).flatMap((file) => {
    const folder = dirname(file);
    return file.endsWith('.group.ts') ? filesTogether(join(ROOT, folder)).map((one) => join(folder, one)) : [file];
  });
  assert.deepEqual(run.sort(), globSync('test/**/*.test.ts', { cwd: ROOT }).sort());
});

describe('folders', () => {
  it('import each other in a circle where one names a type of the other', () => {
    const files = [
      { file: 'engine/a.ts', text: `import type { B } from '../journal/b.ts';\nimport { C } from './c.ts';\n` },
      { file: 'engine/c.ts', text: '' },
      { file: 'journal/b.ts', text: `export {\n  D,\n} from '../app.ts';\nimport fs from 'node:fs';\n` },
      { file: 'app.ts', text: `const a: import('./engine/a.ts').A = 1;\n` },
      { file: 'serve.ts', text: `import './app.ts';\n` },
    ];
    const circle = ['app.ts > engine/a.ts', 'engine/a.ts > journal/b.ts', 'journal/b.ts > app.ts'];
    assert.deepEqual(circlesOf(files), [circle]);
    assert.deepEqual(circlesOf(files.filter(({ file }) => file !== 'app.ts')), []);
  });
  it('import only what they may', () => {
    const files = sourcesIn('src');
    for (const { from, to } of importsOf(files)) {
      const [folder = '', other = ''] = [from.split('/')[0], to.split('/')[0]];
      const allowed = MAY_IMPORT[folder];
      if (!allowed || folder === other || other === 'core') continue;
      assert.ok(allowed.includes(other), `${from} imports ${to}`);
    }
  });
  it('of which the client, part of other programs, imports nothing but Node’s own modules', () => {
    const files = sourcesIn('src/client');
    assert.ok(files.length > 5);
    for (const { file, text } of files) {
      for (const [, from = ''] of text.matchAll(/(?:from|import)\s*\(?'([^']+)'/g)) {
        assert.match(from, /^(\.\/\w+\.ts|node:[\w/]+)$/, file);
      }
    }
    assert.deepEqual(
      importsOf(sourcesIn('src')).filter(({ from, to }) => to.startsWith('client/') && !from.startsWith('client/')),
      [],
    );
  });
  it('of the service do not import each other in a circle', () => {
    const files = sourcesIn('src');
    assert.ok(importsOf(files).length > 1_000);
    assert.deepEqual(circlesOf(files), []);
  });
});

/** Every source in a folder and below it. */
function sourcesIn(folder: string) {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => ({ file, text: readFileSync(join(ROOT, folder, file), 'utf8') }));
}

describe('what writes to LiveKit', () => {
  const imports = importsOf(sourcesIn('src'));
  const importersOf = (isImported: (file: string) => boolean) => [
    ...new Set(imports.filter(({ from, to }) => isImported(to) && !isImported(from)).map(({ from }) => from)),
  ];

  it('is one module, which only the commands that apply changes load', () => {
    assert.deepEqual(
      importersOf((file) => file === 'livekit/sipWriter.ts'),
      ['applying/liveKitAccess.ts'],
    );
    assert.deepEqual(
      importersOf((file) => file.startsWith('applying/')),
      ['commands.ts'],
    );
    assert.deepEqual(
      importersOf((file) => file === 'commands.ts'),
      ['main.ts'],
    );
  });
  it('is the only user of the SDK’s client for SIP', () => {
    const using = sourcesIn('src').filter(({ text }) => /\bSipClient\b/.test(text));
    assert.deepEqual(
      using.map(({ file }) => file),
      ['livekit/sipWriter.ts'],
    );
  });
});

it('sip.js is behind one file', () => {
  const using = sourcesIn('src').filter(({ text }) => /'sip\.js/.test(text));
  assert.deepEqual(
    using.map(({ file }) => file),
    ['probe/sipMessages.ts'],
  );
});

it('the generator of calls takes nothing but types from the service, which only the judge of the answers runs', () => {
  const sources = sourcesIn('test/accuracy').filter(
    ({ file }) => !['measureAccuracy.ts', 'kinds/kinds.ts'].includes(file),
  );
  assert.ok(sources.length > 20);
  for (const { file, text } of sources) {
    assert.doesNotMatch(text, /^(import|export) (?!type )[^;]*?from '(\.\.\/)+src\//m, file);
  }
});

describe('the page', () => {
  it('takes nothing but types from the service', () => {
    const sources = sourcesIn('page');
    assert.ok(sources.length > 30);
    for (const { file, text } of sources) {
      assert.doesNotMatch(text, /^(import|export) (?!type )[^;]*?from '(\.\.\/)+src\//m, file);
    }
  });
  it('is not known to the service, which serves what was built', () => {
    for (const { file, text } of sourcesIn('src')) assert.doesNotMatch(text, /from '(\.\.\/)+page\//, file);
  });
});

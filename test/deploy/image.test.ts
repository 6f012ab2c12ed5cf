import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../client/jambonzApplication.ts';
import { hasEnded, until } from '../durable/serviceProcess.ts';
import { copyCheckout, run } from '../package/packing.ts';
import { DOCKERFILE, imageEnvironment, instructionsOf, NODE_VERSION, ROOT, textsOf } from './dockerfile.ts';

describe('the Dockerfile', () => {
  it('is read with continued lines and comments', () => {
    const text = '# a\nFROM a:1 AS b\nRUN x \\\n  # y\n  && z\n\nUSER 1\n';
    assert.deepEqual(instructionsOf(text), [
      { name: 'FROM', text: 'a:1 AS b' },
      { name: 'RUN', text: 'x    && z' },
      { name: 'USER', text: '1' },
    ]);
  });

  it('builds and runs with the Node that the tests run with', () => {
    const from = `node:${NODE_VERSION}-bookworm-slim`;
    assert.deepEqual(textsOf('FROM'), [`${from} AS build`, from]);
  });
  it('runs as a user with a number, who is not root', () => {
    assert.deepEqual(textsOf('USER'), ['1000:1000']);
    const names = DOCKERFILE.map(({ name }) => name);
    assert.ok(names.lastIndexOf('USER') > names.lastIndexOf('RUN'));
  });
  it('has absolute folders, and starts without a shell', () => {
    for (const folder of textsOf('WORKDIR')) assert.match(folder, /^\//);
    for (const text of [...textsOf('ENTRYPOINT'), ...textsOf('CMD')]) assert.ok(Array.isArray(JSON.parse(text)), text);
    assert.match(
      textsOf('HEALTHCHECK')[0] ?? '',
      /--timeout=\d+s .* CMD \["node", "\/opt\/sipwhy\/healthcheck\.js"\]$/,
    );
  });
  it('limits the memory of the process as npm start does', () => {
    assert.match(textsOf('ENTRYPOINT')[0] ?? '', /"--max-semi-space-size=4"/);
    assert.equal(imageEnvironment().MALLOC_ARENA_MAX, '2');
  });
  it('fetches nothing but what the lock file names', () => {
    assert.deepEqual(textsOf('ADD'), []);
    assert.deepEqual(textsOf('RUN'), ['deploy/image/install.sh /opt/sipwhy', 'install -d -o 1000 -g 1000 /data']);
  });
  it('copies what exists', () => {
    const copied = textsOf('COPY').map((text) => text.split(' '));
    assert.deepEqual(copied[0], ['.', '.']);
    assert.deepEqual(copied[1], ['--from=build', '/opt/sipwhy', '/opt/sipwhy']);
    for (const [source = ''] of copied.slice(2)) assert.ok(existsSync(join(ROOT, source)), source);
  });
});

describe('the image', () => {
  const uid = 1000;
  const isRoot = process.getuid?.() === 0;
  /** Only root may start a process as somebody else. */
  const user = isRoot ? { uid, gid: uid } : {};
  let directory: string;
  let application: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'sipwhy-image-'));
    // The unprivileged user must get to it.
    chmodSync(directory, 0o755);
    application = join(directory, 'opt/sipwhy');
    copyCheckout(join(directory, 'build'));
    run('deploy/image/install.sh', [application], join(directory, 'build'));
    cpSync(join(ROOT, 'deploy/image/healthcheck.js'), join(application, 'healthcheck.js'));
    execFileSync('chmod', ['-R', 'a+rX,a-w', application]);
    mkdirSync(join(directory, 'data'));
    if (isRoot) chownSync(join(directory, 'data'), uid, uid);
  });
  after(() => {
    execFileSync('chmod', ['-R', 'u+w', directory]);
    rmSync(directory, { recursive: true, force: true });
  });

  /** The instruction, with the paths of the image in this directory. */
  const inDirectory = (instruction: string): string[] =>
    JSON.parse(instruction).map((word: string) =>
      word === 'node' ? process.execPath : word.replace(/^\/opt/, `${directory}/opt`),
    );

  it('has production dependencies alone, in the versions of the lock file', () => {
    const installed = readdirSync(join(application, 'node_modules'));
    for (const name of ['fastify', 'pg']) assert.ok(installed.includes(name), name);
    for (const name of ['typescript', 'esbuild', '@biomejs', 'node', '@jambonz'])
      assert.ok(!installed.includes(name), name);
    for (const name of ['src', 'test', 'scripts', 'page']) assert.ok(!existsSync(join(application, name)), name);
    const listed = spawnSync('npm', ['ls', '--all', '--omit=dev'], { cwd: application, encoding: 'utf8' });
    assert.equal(listed.status, 0, listed.stdout);
  });

  it('serves as an unprivileged user who can’t write its folder, and is healthy only then', async () => {
    const [entry = '', command = ''] = [...textsOf('ENTRYPOINT'), ...textsOf('CMD')];
    const [node = '', ...args] = [...inDirectory(entry), ...inDirectory(command)];
    const data = join(directory, 'data');
    const port = await freePort();
    const env = {
      ...imageEnvironment(),
      DATABASE_URL: `${directory}${imageEnvironment().DATABASE_URL}`,
      PORT: `${port}`,
      API_TOKEN: 'a-long-enough-token-for-the-test',
      JAMBONZ_WEBHOOK_SECRET: 'a-long-enough-secret-for-the-test',
      PROBE_INTERVAL_SECONDS: '0',
    };
    const isHealthy = () => {
      const [, health = ''] = /CMD (.*)$/.exec(textsOf('HEALTHCHECK')[0] ?? '') ?? [];
      const [file = '', ...rest] = inDirectory(health);
      return spawnSync(file, rest, { cwd: data, env, ...user }).status === 0;
    };
    assert.equal(isHealthy(), false);

    const child = spawn(node, args, { cwd: data, env, ...user, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        log += chunk;
      });
    }
    try {
      await until('it listens', () => hasEnded(child) || /listening at/.test(log));
      assert.ok(!hasEnded(child), log);
      await until('it is healthy', isHealthy);
      assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200);
      // On another address than that of loopback alone, as HOST says.
      assert.equal((await fetch(`http://127.0.0.2:${port}/healthz`)).status, 200);
      assert.ok(existsSync(join(data, 'sipwhy.db')));
      // From then on a signal stops it in order.
      await until('it is ready', async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200);
      const ended = once(child, 'exit');
      child.kill(textsOf('STOPSIGNAL')[0] as NodeJS.Signals);
      assert.deepEqual(await ended, [0, null]);
    } finally {
      child.kill('SIGKILL');
    }
    if (isRoot) {
      const write = `require('node:fs').writeFileSync(${JSON.stringify(join(application, 'x'))}, '')`;
      assert.notEqual(spawnSync(process.execPath, ['-e', write], user).status, 0);
    }
  });
});

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freshProgram } from '../../bin/freshProgram.js';
import { startProcess, startReady } from '../durable/serviceProcess.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';

const MAIN = freshProgram();

const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('exit', resolve));

describe('the process', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('names every fault of its configuration and ends with status 2', async () => {
    const child = spawn(process.execPath, [MAIN, 'serve'], {
      env: { ...PLAIN_ENVIRONMENT, PORT: 'x', LIVEKIT_API_KEY: 'key' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr?.on('data', (chunk) => {
      errors += chunk;
    });
    assert.equal(await ended(child), 2);
    assert.match(errors, /PORT must be 0 to 65535, got "x"/);
    assert.doesNotMatch(errors, /at .*\.ts/);
  });

  for (const [what, env, message] of [
    [
      'its port is in use',
      (port: number) => ({ PORT: `${port}` }),
      /port \d+ on 127\.0\.0\.1 is in use; stop the other process/,
    ],
    ['the folder of its store is not there', () => ({ DATABASE_URL: 'none/a.db' }), /Its folder must exist/],
  ] as const) {
    it(`ends with status 1, and says what to do, where ${what}`, async () => {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      // The cast holds for whatever listens on a port.
      const { port } = other.address() as AddressInfo;
      const child = spawn(process.execPath, [MAIN, 'serve'], {
        cwd: directory,
        env: { ...PLAIN_ENVIRONMENT, PORT: '0', DATABASE_URL: 'busy.db', ...env(port) },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let output = '';
      child.stdout?.on('data', (chunk) => {
        output += chunk;
      });
      try {
        assert.equal(await ended(child), 1);
        assert.match(output, message);
      } finally {
        other.close();
      }
    });
  }

  it('stops where npm start is told to stop', async () => {
    const npm = spawn('npm', ['start'], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: { ...process.env, PORT: '0', DATABASE_URL: join(directory, 'npm.db'), SHUTDOWN_WAIT_SECONDS: '0' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    const url = await new Promise<string>((resolve, reject) => {
      npm.stdout.on('data', (chunk) => {
        output += chunk;
        const found = /listening at (http:[^"]+)"/.exec(output)?.[1];
        if (found) resolve(found);
      });
      npm.once('exit', () => reject(new Error(output)));
    });
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    npm.kill('SIGTERM');
    await ended(npm);
    // Where a shell stands between, it ends, and the service goes on without a parent.
    await assert.rejects(async () => {
      for (let i = 0; i < 5; i += 1) {
        await fetch(`${url}/healthz`);
        await setTimeout(200);
      }
    });
  });

  it('does not serve with a store that another process serves with, until that ends however it may', async () => {
    const env = { DATABASE_URL: join(directory, 'one.db') };
    const first = await startProcess(env);
    await assert.rejects(
      startProcess(env),
      /ended with 1: .*another process already uses the store .*one\.db: stop it/s,
    );
    await first.end('SIGKILL');
    const second = await startReady(env);
    assert.equal(await second.end('SIGTERM'), 0);
  });

  it('does not touch a store that a newer version wrote', async () => {
    const { DatabaseSync } = await import('node:sqlite');
    const path = join(directory, 'newer.db');
    const db = new DatabaseSync(path);
    db.exec('CREATE TABLE of_the_future (x); PRAGMA user_version = 9999');
    db.close();
    await assert.rejects(startProcess({ DATABASE_URL: path }), /ended with 1: .*newer version of sipwhy/s);
  });
});

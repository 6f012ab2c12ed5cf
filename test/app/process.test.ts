import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startProcess } from '../durable/process.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('exit', resolve));

describe('the process', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('names every fault of its configuration and ends with status 2', async () => {
    const child = spawn(process.execPath, [MAIN, 'serve'], {
      env: { PATH: process.env.PATH, PORT: 'x', LIVEKIT_API_KEY: 'key' },
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

  it('does not touch a store that a newer version wrote', async () => {
    const { DatabaseSync } = await import('node:sqlite');
    const path = join(directory, 'newer.db');
    const db = new DatabaseSync(path);
    db.exec('CREATE TABLE of_the_future (x); PRAGMA user_version = 9999');
    db.close();
    await assert.rejects(startProcess({ DATABASE_URL: path }), /ended with 1: .*newer version of sipwhy/s);
  });
});

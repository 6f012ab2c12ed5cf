import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Starts the service as a process and resolves once it listens. */
async function serve(env: Record<string, string>): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
      const found = /listening at (http:[^"]+)"/.exec(output)?.[1];
      if (found) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`sipwhy ended with ${code}: ${output}`)));
  });
  return { child, url };
}

const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('exit', resolve));

describe('the process', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('loses no acknowledged webhook when it is killed under load', async () => {
    const env = { DATABASE_URL: join(directory, 'killed.db') };
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const { child, url } = await serve(env);
      const post = async (callSid: string) => {
        const body = JSON.stringify({ call_sid: callSid, direction: 'inbound', call_status: 'trying' });
        const answer = await fetch(`${url}/jambonz/call-status`, { method: 'POST', body });
        if (answer.status === 204) acknowledged.push(callSid);
      };
      const killed = ended(child);
      const stream = (async () => {
        for (let i = 0; child.exitCode === null && child.signalCode === null; i += 20) {
          await Promise.all(Array.from({ length: 20 }, (_, j) => post(`r${round}-${i + j}`).catch(() => {})));
          if (i >= 200) child.kill('SIGKILL');
        }
      })();
      await Promise.all([killed, stream]);
    }
    assert.ok(acknowledged.length >= 600);
    const { child, url } = await serve(env);
    try {
      for (const callSid of acknowledged) {
        const answer = () => fetch(`${url}/api/v1/calls/${encodeURIComponent(callSid)}`);
        let { status } = await answer();
        // On a machine that is loaded enough it is shed.
        for (; status === 503; { status } = await answer()) await setTimeout(1_000);
        assert.equal(status, 200, callSid);
      }
    } finally {
      child.kill('SIGTERM');
    }
    assert.equal(await ended(child), 0);
  });

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

  it('does not touch a store that a newer version wrote', async () => {
    const { DatabaseSync } = await import('node:sqlite');
    const path = join(directory, 'newer.db');
    const db = new DatabaseSync(path);
    db.exec('CREATE TABLE of_the_future (x); PRAGMA user_version = 9999');
    db.close();
    await assert.rejects(serve({ DATABASE_URL: path }), /newer version of sipwhy/);
  });
});

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { freshProgram } from '../../bin/freshProgram.js';
import { PATIENCE_MS } from '../machineSpeed.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';

const MAIN = freshProgram();

interface Incident {
  readonly cause: string;
  readonly state: string;
  readonly closed_because: string | null;
}

describe('sipwhy demo --serve', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sipwhy-served-'));
  const ended = Promise.withResolvers<number | null>();
  let child: ChildProcess;
  let output = '';
  let origin = '';

  before(async () => {
    // The person's own store must stay as it is.
    const env = { ...PLAIN_ENVIRONMENT, TMPDIR: folder, PORT: '0', DATABASE_URL: join(folder, 'own.db') };
    const args = [MAIN, 'demo', '--serve', '--rate', '600', '--minutes', '0.5'];
    child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    child.once('exit', ended.resolve);
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    await until(() => /metrics /.test(output));
    origin = /page +(http:\S+)\//.exec(output)?.[1] ?? '';
  });
  after(() => child.kill('SIGKILL'));

  async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await isTrue())) {
      assert.ok(Date.now() < deadline && child.exitCode === null, output);
      await setTimeout(200);
    }
  }

  async function incidentOf(cause: string): Promise<Incident | undefined> {
    const answer = await fetch(`${origin}/api/v1/incidents`);
    // A busy machine refuses reads with 503 for a moment after the start.
    if (answer.status === 503) return undefined;
    const { incidents } = (await answer.json()) as { incidents: Incident[] };
    return incidents.find((one) => one.cause === cause);
  }

  it('opens the incidents that it announces', async () => {
    await until(async () => (await incidentOf('sip_host_wrong')) !== undefined);
    await until(async () => (await incidentOf('caller_not_allowed')) !== undefined);
  });
  it('closes them after the fix', async () => {
    await until(async () => (await incidentOf('sip_host_wrong'))?.closed_because === 'next_call_connected');
    await until(async () => (await incidentOf('caller_not_allowed'))?.state === 'closed');
  });
  it('shows an agent that does not answer', async () => {
    await until(async () => (await incidentOf('agent_not_joined')) !== undefined);
  });
  it('has metrics of its calls', async () => {
    const metrics = await (await fetch(`${origin}/metrics`)).text();
    assert.match(metrics, /sipwhy_call_attempts_total\{trunk="ST_GjeZjGQjrsvC",outcome="connected"\} [1-9]/);
  });
  it('goes on when the calls have ended, stops when told, and leaves nothing behind', async () => {
    await until(() => /no more calls/.test(output));
    assert.equal((await fetch(`${origin}/readyz`)).status, 200);
    child.kill('SIGINT');
    assert.equal(await ended.promise, 0);
    assert.equal(existsSync(join(folder, 'own.db')), false);
    assert.deepEqual(readdirSync(folder), []);
    rmdirSync(folder);
  });
});

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freshProgram } from '../../bin/freshProgram.js';
import { callerOf, writeHistory } from '../../scripts/bench/storedHistory.ts';
import { recorded, startOf, startService } from '../app/service.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';

const MAIN = freshProgram();
const TOKEN = 'a-token-of-the-api-1234';

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command. The service that it asks is in this process, so it must not block. */
function sipwhy(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { ...PLAIN_ENVIRONMENT, ...env }, encoding: 'utf8' },
      (_, stdout, stderr) => resolve({ status: child.exitCode, stdout, stderr }),
    );
  });
}

describe('sipwhy calls over more calls than one search looks through', () => {
  let directory: string;
  let env: Record<string, string>;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-asking-'));
    env = { DATABASE_URL: join(directory, 'store.db') };
    await writeHistory(join(directory, 'store.db'), 120_000);
  });
  after(() => rm(directory, { recursive: true }));

  it('goes on until it finds one', async () => {
    const { status, stdout } = await sipwhy(['calls', '--number', callerOf(7), '--json'], env);
    const { calls, next_cursor, searched_back_to } = JSON.parse(stdout);
    assert.deepEqual([status, calls.length, next_cursor, searched_back_to], [0, 1, null, null]);
  });

  it('says that there is none once all are searched', async () => {
    assert.equal((await sipwhy(['calls', '--number', '98989898'], env)).stdout, 'No call matches.\n');
  });
});

describe('commands that read', () => {
  const recordedCase = recorded('auth_missing-101-0');
  const callSid = JSON.parse(recordedCase.webhooks[0]?.body ?? '').call_sid;
  let directory: string;
  let env: Record<string, string>;
  let service: Awaited<ReturnType<typeof startService>>;
  let origin: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-asking-'));
    const config = join(directory, 'livekit.json');
    writeFileSync(config, JSON.stringify(recordedCase.livekit));
    env = { DATABASE_URL: join(directory, 'store.db'), LIVEKIT_CONFIG_FILE: config };
    const settings = { ...env, API_TOKEN: TOKEN, PORT: '0', JAMBONZ_LIVEKIT_CARRIERS: 'LiveKit' };
    service = await startService(settings, startOf(recordedCase));
    await service.post(recordedCase.webhooks, startOf(recordedCase));
    await service.pass(1_000);
    origin = await service.app.listen();
  });
  after(async () => {
    await service.app.close();
    await rm(directory, { recursive: true });
  });

  /** The same command on the store, and on the running service. */
  const places = [
    ['the store', () => [], () => env],
    ['a running service', () => ['--server', `${origin}/`], () => ({ API_TOKEN: TOKEN })],
  ] as const;
  for (const [place, options, environment] of places) {
    const run = (...args: string[]) => sipwhy([...args, ...options()], environment());

    it(`list calls of ${place}`, async () => {
      const { status, stdout } = await run('calls', '--outcome', 'failed', '--since', '2026-01-01T00:00:00Z');
      assert.equal(status, 0);
      const [head, row, ...more] = stdout.trimEnd().split('\n');
      assert.match(head ?? '', /^settled +outcome +status +cause +from +call_sid +to$/);
      assert.match(row ?? '', /^20\S+Z +failed +407 +auth_missing +\+?\d+ +[\da-f-]{36} +sip:/);
      assert.deepEqual(more, []);
      const none = await run('calls', '--cause', 'dns_failure');
      assert.deepEqual([none.status, none.stdout], [0, 'No call matches.\n']);
      const { calls } = JSON.parse((await run('calls', '--json')).stdout);
      assert.equal(calls[0].cause, 'auth_missing');
    });
    it(`list and show incidents of ${place}`, async () => {
      const { status, stdout } = await run('incidents', '--state', 'open');
      assert.equal(status, 1);
      const id = /^open +20\S+Z +1 +auth_missing +(\S+) /m.exec(stdout)?.[1] ?? '';
      const one = await run('incidents', id);
      assert.equal(one.status, 1);
      assert.match(one.stdout, /^auth_missing on trunk .*\nOwner: /);
      assert.deepEqual((await run('incidents', '--state', 'closed')).status, 0);
      const unknown = await run('incidents', 'none');
      assert.deepEqual([unknown.status, unknown.stdout], [1, '']);
      assert.match(unknown.stderr, /^sipwhy: no incident has the id none/);
    });
    it(`do something about an incident of ${place}`, async () => {
      const id = JSON.parse((await run('incidents', '--json')).stdout).incidents[0].id;
      const noted = await run('incidents', id, '--note', 'seen', '--by', 'Ann');
      assert.equal(noted.status, 0, noted.stderr);
      assert.match(noted.stdout, /^Note by Ann at 20\S+Z: seen$/m);
      const muted = await run('incidents', id, '--mute', '2h', '--by', 'Ann');
      // The service's clock stands still, and the command's own doesn't.
      assert.match(muted.stdout, /^Muted by Ann at 20\S+Z, until 20\S+Z\.$/m);
      const unmuted = JSON.parse((await run('incidents', id, '--unmute', '--json')).stdout);
      assert.equal(unmuted.muted, null);
      const acknowledged = JSON.parse((await run('incidents', id, '--acknowledge', '--json')).stdout).acknowledged;
      assert.equal(acknowledged.by, userInfo().username);
      for (const [args, status, message] of [
        [[id, '--put-away', 'nobody'], 2, /^sipwhy: No call of this incident has this call_sid\.\n$/],
        [[id, '--resolve', '--unmute'], 2, /give one of --acknowledge/],
        [['--resolve'], 2, /give the id of the incident as well/],
        [[id, '--by', 'Ann'], 2, /--by goes with what is done/],
        [[id, '--mute', 'soon'], 2, /until must be a time with its zone, or such as \+2h/],
        [['none', '--resolve'], 1, /no incident has the id none/],
      ] as const) {
        const refused = await run('incidents', ...args);
        assert.equal(refused.status, status, refused.stderr);
        assert.match(refused.stderr, message);
      }
    });
    it(`explain a call of ${place}`, async () => {
      const { status, stdout } = await run('explain', callSid);
      assert.equal(status, 1);
      assert.match(stdout, /the trunk requires credentials, but none were sent/);
      assert.equal((await run('explain', 'a/b c')).status, 1);
    });
    it(`show the history of ${place}`, async () => {
      const { status, stdout } = await run('history');
      assert.equal(status, 0);
      assert.match(stdout, /^Version 1, first read 20/);
      const unknown = await run('history', '7', '8');
      assert.equal(unknown.status, 1);
      assert.match(unknown.stderr, /version 7 or 8 isn’t there/);
    });
    it(`say what is wrong with a question to ${place}`, async () => {
      const { status, stderr } = await run('calls', '--since', 'yesterday');
      assert.equal(status, 2);
      assert.match(stderr, /^sipwhy: since must be a time with its zone, .*such as -1h, got "yesterday"\n$/);
    });
  }

  it('audit and check on a running service as on LiveKit itself', async () => {
    const server = ['--server', origin, '--json'];
    const audited = await sipwhy(['audit', ...server], { API_TOKEN: TOKEN });
    assert.deepEqual(JSON.parse(audited.stdout), JSON.parse((await sipwhy(['audit', '--json'], env)).stdout));
    const question = ['check', 'sip:+15550100@lab.sip.livekit.cloud', '--caller', '+15550123', '--no-auth'];
    const checked = await sipwhy([...question, ...server], { API_TOKEN: TOKEN });
    const local = await sipwhy([...question, '--json'], env);
    assert.deepEqual(JSON.parse(checked.stdout), JSON.parse(local.stdout));
    assert.equal(checked.status, local.status);
    assert.equal((await sipwhy([...question, ...server, '--config', 'x.json'])).status, 2);
  });
  it('check a phone target through the carriers of the service, or of the environment', async () => {
    const dial = join(directory, 'dial.json');
    writeFileSync(dial, JSON.stringify({ verb: 'dial', target: [{ type: 'phone', number: '+15550100' }] }));
    const asked = ['check', '--dial', dial, '--caller', '+15550123', '--json'];
    const served = await sipwhy([...asked, '--server', origin], { API_TOKEN: TOKEN });
    const local = await sipwhy(asked, { ...env, JAMBONZ_LIVEKIT_CARRIERS: 'LiveKit' });
    assert.match(served.stdout, /LiveKit sees 15550100/);
    assert.deepEqual(JSON.parse(served.stdout), JSON.parse(local.stdout));
    const unnamed = await sipwhy(asked, env);
    assert.equal(unnamed.status, 2);
    assert.match(unnamed.stderr, /name it in JAMBONZ_LIVEKIT_CARRIERS/);
  });
  it('say where no service answers, or another one does, and never show the token', async () => {
    const other = createServer((_, response) => response.end('<html>')).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    for (const [server, token, message] of [
      [origin, '', /needs a token: set API_TOKEN or API_TOKEN_FILE/],
      [origin, 'a-wrong-token', /needs a token/],
      [`http://127.0.0.1:${port}`, TOKEN, /answered 200: not as sipwhy does; check the address/],
      [`${origin}/elsewhere`, TOKEN, /answered 404/],
      ['http://127.0.0.1:1', TOKEN, /cannot ask http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/],
      ['ftp://x', TOKEN, /--server must be the http:\/\/ or https:\/\/ address/],
      ['http://user:secret@127.0.0.1', TOKEN, /--server must be/],
    ] as const) {
      const { status, stderr } = await sipwhy(['calls', '--server', server], { API_TOKEN: token });
      assert.equal(status, 2, stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, new RegExp(`${TOKEN}|a-wrong-token|secret`));
    }
    other.close();
  });
  it('say so where there is no store', () => {
    const none = { ...PLAIN_ENVIRONMENT, DATABASE_URL: join(directory, 'none.db') };
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'calls'], { env: none, encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, /^sipwhy: there is no store at/);
  });
});

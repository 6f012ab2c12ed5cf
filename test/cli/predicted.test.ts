import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freshProgram } from '../../bin/freshProgram.js';
import { startPredicting } from '../app/predictions/predictedService.ts';
import { CALLED, CALLER, rule, trunk } from '../core/scenario.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';

const MAIN = freshProgram();
/** Commands ask for the calls of the last days, by their own clock. */
const TODAY = Math.floor(Date.now() / 86_400_000) * 86_400_000 + 3_600_000;
const OTHER = '+15550142';

function sipwhy(args: readonly string[], env: Record<string, string>) {
  return new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { ...PLAIN_ENVIRONMENT, ...env }, encoding: 'utf8' },
      (_, stdout, stderr) => resolve({ status: child.exitCode, stdout, stderr }),
    );
  });
}

describe('commands about calls that nobody has made yet', () => {
  let livekit: Awaited<ReturnType<typeof startPredicting>>;
  let directory: string;
  let origin: string;
  const file = (name: string, json: unknown) => {
    const path = join(directory, name);
    writeFileSync(path, JSON.stringify(json));
    return path;
  };

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-predicted-'));
    livekit = await startPredicting({ inbound_trunks: [trunk()], dispatch_rules: [rule()] }, { PORT: '0' }, TODAY);
    await livekit.connect();
    await livekit.connect({ from: OTHER });
    // Stores the kinds of these calls.
    await livekit.change(() => {});
    origin = await livekit.app.listen();
  });
  after(async () => {
    await livekit.close();
    await rm(directory, { recursive: true });
  });

  const places = [
    ['the store', () => [], () => livekit.env],
    ['a running service', () => ['--server', origin], () => ({})],
  ] as const;

  for (const [place, options, env] of places) {
    const run = (...args: string[]) => sipwhy([...args, ...options()], env());

    it(`check --with says what a changed configuration would do to recent calls, asked of ${place}`, async () => {
      const narrowed = file('narrowed.json', { inbound_trunks: [trunk({ allowed_numbers: [OTHER] })] });
      const { status, stdout, stderr } = await run('check', '--with', narrowed);
      assert.equal(status, 1, stderr);
      assert.match(stdout, /^Of the 2 kinds of calls seen in the last 7 days, 2 calls a day:$/m);
      assert.match(
        stdout,
        /^ {2}calls would fail: .*: 1 of the 2 kinds of calls seen in the last 7 days, 1 call a day \(50 % of all\)\.$/m,
      );
      assert.match(stdout, new RegExp(`such as \\${CALLER} → sip:\\${CALLED}@`));
      const { hits } = JSON.parse((await run('check', '--with', narrowed, '--json')).stdout);
      assert.deepEqual([hits.length, hits[0].cause, hits[0].trunk], [1, 'caller_not_allowed', 'ST_1']);

      const changes = file('changes.json', {
        changes: [{ kind: 'trunk', sip_trunk_id: 'ST_1', field: 'numbers', add: ['+15550177'] }],
      });
      const harmless = await run('check', '--with', changes);
      assert.deepEqual(
        [harmless.status, harmless.stdout],
        [0, 'Nothing changes for the 2 kinds of calls seen in the last 7 days, 2 calls a day.\n'],
      );
    });

    it(`check --with refuses what is no configuration, asked of ${place}`, async () => {
      for (const [json, message] of [
        [{ trunks: [] }, /unknown field trunks; give inbound_trunks, dispatch_rules or changes/],
        [{}, /give inbound_trunks, dispatch_rules or changes/],
        [
          { changes: [{ kind: 'trunk', sip_trunk_id: 'ST_9', field: 'numbers', add: ['1'] }] },
          /ST_9 is not in the configuration/,
        ],
        [{ changes: [{ kind: 'other' }] }, /changes\/0.*; such as \{"kind": "trunk"/],
        [{ inbound_trunks: [{ sip_trunk_id: 'ST_1', number: ['1'] }] }, /unknown field number/],
        [[], /must be an object|give inbound_trunks/],
      ] as const) {
        const { status, stderr } = await run('check', '--with', file('wrong.json', json));
        assert.deepEqual([status, message.test(stderr)], [2, true], stderr);
      }
    });
  }

  it('check --with and a call checks it against the changed configuration', async () => {
    const narrowed = file('one.json', { inbound_trunks: [trunk({ allowed_numbers: [OTHER] })] });
    const refused = await sipwhy(['check', CALLED, '--caller', CALLER, '--with', narrowed], livekit.env);
    assert.equal(refused.status, 1);
    assert.match(refused.stdout, /It would not connect/);
    assert.equal((await sipwhy(['check', CALLED, '--caller', OTHER, '--with', narrowed], livekit.env)).status, 0);
  });

  it('incidents lists predicted ones first, shows one in full, and accepts it', async () => {
    const [open] = await livekit.change(({ inbound_trunks: [one] }) => Object.assign(one ?? {}, { numbers: [OTHER] }));
    const id = open?.id ?? '';
    for (const [, options, env] of places) {
      const listed = await sipwhy(['incidents', ...options()], env());
      assert.equal(listed.status, 1, listed.stderr);
      assert.match(listed.stdout, new RegExp(`^Predicted: Calls would fail: .*\\(${id}\\)\n\nNo incident matches\\.`));
      assert.equal(JSON.parse((await sipwhy(['incidents', '--json', ...options()], env())).stdout).predicted[0].id, id);
      const one = await sipwhy(['incidents', id, ...options()], env());
      assert.equal(one.status, 1);
      assert.match(one.stdout, /^Owner: LiveKit config\.$/m);
      assert.match(one.stdout, /^Or take the change back: Set ST_1 "first" back: numbers to \+15550100\.$/m);
      assert.match(one.stdout, /^Take the change back \(curl\):$/m);
      assert.match(one.stdout, /"numbers": \{\s*"set": \["\+15550100"\]/);
    }
    const muted = await sipwhy(['incidents', id, '--mute', '2h'], livekit.env);
    assert.deepEqual(
      [muted.status, muted.stderr],
      [2, 'sipwhy: a predicted incident can only be resolved by hand: --resolve\n'],
    );
    const resolved = await sipwhy(['incidents', id, '--resolve', '--by', 'Ann', '--server', origin], {});
    assert.equal(resolved.status, 0, resolved.stderr);
    assert.match(resolved.stdout, /^Was predicted: .*\nClosed by hand, by Ann\.$/m);
    assert.equal((await sipwhy(['incidents', '--state', 'open'], livekit.env)).status, 0);
  });
});

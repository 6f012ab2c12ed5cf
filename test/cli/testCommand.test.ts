import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freshProgram } from '../../bin/freshProgram.js';
import { startService } from '../app/service.ts';
import { aLeg, bLeg, dialHook, webhooksOf } from '../core/scenario.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';

const MAIN = freshProgram();
const TOKEN = 'a-token-of-the-api-1234';
const START = 1_795_387_200_000;

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Given {
  readonly input?: string;
  readonly env?: Record<string, string>;
}

/** Runs a command. The service that it asks is in this process, so it must not block. */
function sipwhy(args: readonly string[], { input = '', env = {} }: Given = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, 'test', ...args],
      { env: { ...PLAIN_ENVIRONMENT, ...env }, encoding: 'utf8' },
      (_, stdout, stderr) => resolve({ status: child.exitCode, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

const TRUNKS = {
  inbound_trunks: [
    { sip_trunk_id: 'ST_a', name: 'support', numbers: ['+4930100'], allowed_numbers: ['+4915112345678'] },
    { sip_trunk_id: 'ST_b', name: 'sales', numbers: ['+4930200'], auth_username: 'livekit_client', auth_password: 'x' },
  ],
  dispatch_rules: [
    {
      sip_dispatch_rule_id: 'SDR_a',
      name: 'all',
      rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
      trunk_ids: ['ST_a', 'ST_b'],
      room_config: { agents: [{ agent_name: 'greeter' }] },
    },
  ],
};
const PASSING =
  'calls:\n  - {name: support line, to: "+4930100", from: "+4915112345678", expect: {trunk: ST_a, agent: greeter}}\n';
const FAILING = `${PASSING}  - {name: a stranger, to: "+4930100", from: "+15550100", expect: {trunk: support, rule: all}}\n`;

describe('sipwhy test', () => {
  let directory: string;
  let trunks: string;
  const file = (name: string, text: string) => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-expected-'));
    trunks = file('trunks.json', JSON.stringify(TRUNKS));
  });
  after(() => rm(directory, { recursive: true }));

  it('ends with status 0 where all pass, and tells how many', async () => {
    const ended = await sipwhy([file('passing.yml', PASSING), '--config', trunks]);
    assert.deepEqual(ended, { status: 0, stdout: '1 of 1 expected call pass.\n', stderr: '' });
  });

  const DIFFERENCE = `FAIL  a stranger: +15550100 → +4930100
      expected  trunk support, rule all
      got       refused: caller_not_allowed: the caller isn’t in the trunk’s allowed_numbers
      why       It is refused. Add the caller to the trunk’s allowed_numbers, or empty the list to accept every caller.
1 of 2 expected calls pass.
`;
  it('ends with status 1 where one fails, and shows the difference', async () => {
    const ended = await sipwhy(['-', '--config', trunks], { input: FAILING });
    assert.deepEqual(ended, { status: 1, stdout: DIFFERENCE, stderr: '' });
  });
  it('prints those that pass, too, with --verbose', async () => {
    const { status, stdout } = await sipwhy(['-', '--config', trunks, '--verbose'], { input: FAILING });
    assert.deepEqual([status, stdout], [1, `ok    support line: +4915112345678 → +4930100\n${DIFFERENCE}`]);
  });
  it('reads LiveKit’s configuration as the environment names it', async () => {
    const { status } = await sipwhy(['-'], { input: PASSING, env: { LIVEKIT_CONFIG_FILE: trunks } });
    assert.equal(status, 0);
  });
  it('prints JSON', async () => {
    const { status, stdout } = await sipwhy(['-', '--config', trunks, '--json'], { input: FAILING });
    assert.equal(status, 1);
    const { calls } = JSON.parse(stdout);
    assert.deepEqual(calls[0], {
      name: 'support line',
      to: '+4930100',
      from: '+4915112345678',
      ok: true,
      expected: ['trunk ST_a', 'agent greeter'],
      got: ['trunk ST_a "support"', 'rule SDR_a "all"', 'room_prefix call-', 'agent greeter'],
      causes: [],
      why: null,
    });
    assert.deepEqual([calls.length, calls[1].ok, calls[1].causes], [2, false, ['caller_not_allowed']]);
  });

  it('writes JUnit XML beside the text, and alone to standard output', async () => {
    const report = join(directory, 'report.xml');
    const calls = file('failing.yml', FAILING);
    const beside = await sipwhy([calls, '--config', trunks, '--junit', report]);
    assert.deepEqual([beside.status, beside.stdout], [1, DIFFERENCE]);
    const xml = readFileSync(report, 'utf8');
    assert.match(xml, /<testsuite name="failing.yml" tests="2" failures="1" errors="0" skipped="0">/);
    assert.match(xml, /<failure message="expected trunk support, rule all, got refused: caller_not_allowed: /);
    const alone = await sipwhy([calls, '--config', trunks, '--junit', '-']);
    assert.deepEqual([alone.status, alone.stdout], [1, xml]);
  });

  for (const [what, args, input, fault] of [
    ['no file', [], '', /^sipwhy: give either a file of expected calls, or --from-history$/m],
    ['both', ['-', '--from-history'], PASSING, /^sipwhy: give either a file of expected calls, or --from-history$/m],
    ['a file that isn’t there', ['no-such-file.yml'], '', /^sipwhy: no-such-file.yml: does not exist$/m],
    ['text that is no YAML', ['-'], 'calls: [', /^sipwhy: <stdin>:1: not YAML/m],
    [
      'a fault',
      ['-'],
      PASSING.replace('expect:', 'expects:'),
      /^sipwhy: <stdin>: call 1, "support line": unknown field "expects"; known/m,
    ],
    [
      'no configuration',
      ['-'],
      PASSING,
      /^sipwhy: LiveKit’s trunks and dispatch rules are unknown: give --config FILE/m,
    ],
    ['two outputs', ['-', '--json', '--junit', '-'], PASSING, /^\{"error":"--json and --junit - both print/m],
    ['a server', ['-', '--server', 'http://127.0.0.1:1'], PASSING, /^sipwhy: --server is for --from-history/m],
  ] as const) {
    it(`ends with status 2 for ${what}`, async () => {
      const ended = await sipwhy(args, { input });
      assert.deepEqual([ended.status, ended.stdout], [2, '']);
      assert.match(ended.stderr, fault);
    });
  }
});

/** The webhooks of a call that connected, and its number as the A leg and B leg have it. */
function connected(index: number, from: string, to: string) {
  const ids = (text = '') => text.replaceAll('-000000000', `-00000${index}000`);
  const more = { from, to: `sip:${to}@lab.sip.livekit.cloud`, sbc_callid: `b-${index}@192.0.2.10` };
  const begun = webhooksOf({ to: more.to, from, response: [200, 'OK', 500] });
  const ended = [
    bLeg(5_000, 200, 'OK', 'completed', more),
    dialHook(5_010, 200, 'completed', { from, dial_sbc_callid: more.sbc_callid }),
    aLeg(5_020, 200, 'OK', 'completed', { from }),
  ];
  return [...begun, ...ended].map((webhook) => ({
    path: webhook.path,
    method: 'POST' as const,
    headers: {},
    body: ids(webhook.body),
    at_ms: webhook.at_ms,
  }));
}

describe('sipwhy test --from-history', () => {
  let directory: string;
  let env: Record<string, string>;
  let service: Awaited<ReturnType<typeof startService>>;
  let origin: string;
  let trunks: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-expected-'));
    trunks = join(directory, 'trunks.json');
    writeFileSync(trunks, JSON.stringify(TRUNKS));
    env = { DATABASE_URL: join(directory, 'store.db'), LIVEKIT_CONFIG_FILE: trunks };
    service = await startService({ ...env, API_TOKEN: TOKEN, PORT: '0' }, START);
    const calls = [
      ['+4915112345678', '+4930100'],
      ['+4915112345678', '+4930200'],
      ['+4915112345678', '+4930100'],
      ['+15550100', '+4930200'],
      ['+4915112345678', '+4930100'],
    ] as const;
    for (const [index, [from, to]] of calls.entries()) {
      await service.post(connected(index + 1, from, to), START + index * 20_000);
      await service.pass(2_000);
    }
    origin = await service.app.listen();
  });
  after(async () => {
    await service.app.close();
    await rm(directory, { recursive: true });
  });

  const ENTRIES = `calls:
  - name: "support"
    to: "+4930100"
    from:
      - "+4915112345678"
    expect:
      trunk: ST_a # support
      rule: SDR_a # all
      room_prefix: "call-"
      agent: "greeter"
  - name: "sales"
    to: "+4930200"
    from:
      - "+15550100"
      - "+4915112345678"
    auth: "livekit_client"
    expect:
      trunk: ST_b # sales
      rule: SDR_a # all
      room_prefix: "call-"
      agent: "greeter"
`;
  const since = new Date(START - 86_400_000).toISOString();

  for (const place of ['the store', 'a running service'] as const) {
    it(`writes a file from ${place}, which passes`, async () => {
      const asked = place === 'the store' ? [] : ['--server', origin];
      const written = await sipwhy(['--from-history', '--since', since, ...asked], {
        env: { ...env, API_TOKEN: TOKEN },
      });
      assert.equal(written.stderr, '');
      assert.match(written.stdout, /^# Expected calls, from 5 calls that connected, .*\n#.*\n# `sipwhy test FILE/);
      assert.equal(written.stdout.slice(written.stdout.indexOf('calls:\n')), ENTRIES);
      const tested = await sipwhy(['-'], { input: written.stdout, env });
      assert.deepEqual([tested.status, tested.stdout], [0, '3 of 3 expected calls pass.\n']);
    });
  }

  it('comments out what the configuration would not take now, and says why', async () => {
    const changed = join(directory, 'changed.json');
    const [support, sales] = TRUNKS.inbound_trunks;
    const narrowed = { ...sales, allowed_numbers: ['+15550100'] };
    writeFileSync(changed, JSON.stringify({ ...TRUNKS, inbound_trunks: [support, narrowed] }));
    const written = await sipwhy(['--from-history', '--since', since, '--config', changed], { env });
    assert.ok(
      written.stdout.includes(`
  # is refused now: caller_not_allowed: the caller isn’t in the trunk’s allowed_numbers
  # - name: "sales (2)"
  #   to: "+4930200"
  #   from:
  #     - "+4915112345678"
  #   auth: "livekit_client"
  #   expect: connected
`),
      written.stdout,
    );
    const tested = await sipwhy(['-', '--config', changed], { input: written.stdout, env });
    assert.deepEqual([tested.status, tested.stdout], [0, '2 of 2 expected calls pass.\n']);
  });

  it('ends with status 1 where no call connected', async () => {
    const ended = await sipwhy(['--from-history', '--since', new Date(START + 86_400_000).toISOString()], { env });
    assert.deepEqual([ended.status, ended.stdout], [1, '']);
    assert.match(ended.stderr, /^sipwhy: no call connected through a trunk of LiveKit since /);
  });
});

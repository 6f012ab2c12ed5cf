import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { freshProgram } from '../../../bin/freshProgram.js';
import { PLAIN_ENVIRONMENT } from '../../plainEnvironment.ts';
import { startService } from '../service.ts';

const START = 1_795_387_200_000;
const ANNA = '+4915112345678';

const trunks = (allowed: readonly string[]) =>
  JSON.stringify({
    inbound_trunks: [{ sip_trunk_id: 'ST_1', name: 'support', numbers: ['+4930100'], allowed_numbers: allowed }],
    dispatch_rules: [
      { sip_dispatch_rule_id: 'SDR_1', rule: { dispatch_rule_direct: { room_name: 'desk' } }, trunk_ids: ['ST_1'] },
    ],
  });
const ANNA_CALLS = `  - {name: Anna, to: "+4930100", from: "${ANNA}", expect: {trunk: support}}\n`;
const STRANGER = '  - {name: stranger, to: "+4930100", from: ["+15550100", "+15550101"], expect: refused}\n';

describe('the expected calls of a service', () => {
  let folder: string;
  let service: Awaited<ReturnType<typeof startService>>;
  let written = 0;
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    // Two versions within a millisecond would have the same time.
    written += 1;
    utimesSync(path, written, written);
    return path;
  };
  const expectedCalls = async () => (await service.app.http.inject('/api/v1/expected-calls')).json();
  const series = async () => {
    const { body } = await service.app.http.inject('/metrics');
    return body.split('\n').filter((line) => /^sipwhy_expected_call/.test(line));
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sipwhy-expected-'));
    service = await startService(
      {
        LIVEKIT_CONFIG_FILE: write('livekit.json', trunks([ANNA])),
        EXPECTED_CALLS_FILE: write('calls.yml', `calls:\n${ANNA_CALLS}${STRANGER}`),
      },
      START,
    );
  });
  afterEach(async () => {
    await service.app.close();
    rmSync(folder, { recursive: true });
  });

  it('are judged at the start', async () => {
    assert.deepEqual(await series(), [
      'sipwhy_expected_call_ok{name="Anna"} 1',
      'sipwhy_expected_call_ok{name="stranger"} 1',
      'sipwhy_expected_calls{result="pass"} 3',
      'sipwhy_expected_calls{result="fail"} 0',
    ]);
    assert.deepEqual(
      service.warnings.filter((line) => /EXPECTED/.test(JSON.stringify(line))),
      [],
    );
    const { calls, checked_at, file } = await expectedCalls();
    assert.deepEqual([checked_at, file], [new Date(START).toISOString(), join(folder, 'calls.yml')]);
    assert.deepEqual(calls[0], {
      name: 'Anna',
      to: '+4930100',
      from: ANNA,
      ok: true,
      expected: ['trunk support'],
      got: ['trunk ST_1 "support"', 'rule SDR_1', 'room_prefix desk'],
      causes: [],
      why: null,
    });
  });

  it('are judged again at a new version of LiveKit’s configuration, and once more when it is taken back', async () => {
    write('livekit.json', trunks(['+15550100']));
    service.clock.now += 60_000;
    await service.app.refresh();
    assert.deepEqual(await series(), [
      'sipwhy_expected_call_ok{name="Anna"} 0',
      'sipwhy_expected_call_ok{name="stranger"} 0',
      'sipwhy_expected_calls{result="pass"} 1',
      'sipwhy_expected_calls{result="fail"} 2',
    ]);
    const { calls, checked_at } = await expectedCalls();
    assert.equal(checked_at, new Date(START + 60_000).toISOString());
    assert.deepEqual(
      calls.map(({ name, from, ok, causes }: Record<string, unknown>) => [name, from, ok, causes]),
      [
        ['Anna', ANNA, false, ['caller_not_allowed']],
        ['stranger', '+15550100', false, []],
        ['stranger', '+15550101', true, ['caller_not_allowed']],
      ],
    );
    assert.deepEqual(service.warnings.at(-1), {
      level: 40,
      failing: 2,
      names: ['Anna', 'stranger'],
      msg: 'calls would not do what EXPECTED_CALLS_FILE expects',
    });
    write('livekit.json', trunks([ANNA]));
    await service.app.refresh();
    assert.ok((await series()).includes('sipwhy_expected_calls{result="fail"} 0'));
  });

  it('are read again when their file changes, and lose the series of names that are gone', async () => {
    write('calls.yml', `calls:\n${ANNA_CALLS.replace('trunk: support', 'trunk: sales')}`);
    await service.app.refresh();
    assert.deepEqual(await series(), [
      'sipwhy_expected_call_ok{name="Anna"} 0',
      'sipwhy_expected_calls{result="pass"} 0',
      'sipwhy_expected_calls{result="fail"} 1',
    ]);
  });

  it('are judged again while LiveKit’s configuration cannot be read', async () => {
    write('livekit.json', 'not JSON');
    write('calls.yml', `calls:\n${STRANGER}`);
    await service.app.refresh();
    assert.ok((await series()).includes('sipwhy_expected_calls{result="pass"} 2'));
  });

  it('stay as they were while their file is broken or gone, which is logged once', async () => {
    const faults = () =>
      service.warnings.filter((line) => /cannot read EXPECTED_CALLS_FILE/.test(JSON.stringify(line)));
    write('calls.yml', `calls:\n${ANNA_CALLS.replace('expect:', 'expects:')}`);
    await service.app.refresh();
    await service.app.refresh();
    rmSync(join(folder, 'calls.yml'));
    await service.app.refresh();
    assert.equal(faults().length, 1);
    assert.match(JSON.stringify(faults()), /calls\.yml: call 1, .*unknown field .*expects/);
    assert.ok((await series()).includes('sipwhy_expected_calls{result="pass"} 3'));
    write('calls.yml', `calls:\n${ANNA_CALLS}`);
    await service.app.refresh();
    assert.ok((await series()).includes('sipwhy_expected_calls{result="pass"} 1'));
  });
});

describe('without EXPECTED_CALLS_FILE', () => {
  it('there are none', async () => {
    const service = await startService({});
    try {
      const answer = await service.app.http.inject('/api/v1/expected-calls');
      assert.deepEqual(answer.json(), { calls: [], checked_at: null, file: null });
      const { body } = await service.app.http.inject('/metrics');
      assert.match(body, /^sipwhy_expected_calls\{result="fail"\} 0$/m);
      assert.doesNotMatch(body, /^sipwhy_expected_call_ok\{/m);
    } finally {
      await service.app.close();
    }
  });
});

describe('a service with a broken EXPECTED_CALLS_FILE', () => {
  it('does not start, and says what to repair', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sipwhy-expected-'));
    try {
      const file = join(folder, 'calls.yml');
      writeFileSync(file, 'calls: [{name: one, to: "+1"}]');
      const env = {
        ...PLAIN_ENVIRONMENT,
        DATABASE_URL: join(folder, 'store.db'),
        PORT: '0',
        EXPECTED_CALLS_FILE: file,
      };
      const { status, stderr } = spawnSync(process.execPath, [freshProgram(), 'serve'], { encoding: 'utf8', env });
      assert.equal(status, 2);
      assert.match(
        stderr,
        /EXPECTED_CALLS_FILE must be a file of expected calls:\n {2}.*calls\.yml: call 1, "one": expect is missing; it must be connected, refused/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

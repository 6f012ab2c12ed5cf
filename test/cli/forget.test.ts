import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { freshProgram } from '../../bin/freshProgram.js';
import { type Process, startReady, until } from '../durable/serviceProcess.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';
import { postgresSchema } from '../store/schema/databases.ts';

const MAIN = freshProgram();
const NUMBER = '4915112345678';
const OTHER = '4915187654321';
/** The number as text and in the encodings that a file may have it in. */
const TRACES = [
  NUMBER,
  ...[0, 1, 2].map((shift) =>
    Buffer.from(`${'x'.repeat(shift)}${NUMBER}`)
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  ),
  Buffer.from(NUMBER).toString('hex'),
  Buffer.from(NUMBER, 'utf16le').toString('latin1'),
];

const post = async (url: string, path: string, json: object) => {
  const response = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(json) });
  assert.ok(response.ok, await response.text());
};

async function makeCalls({ url }: Process): Promise<void> {
  const leg = { direction: 'outbound', to: 'sip:+4930111@example.com' };
  for (const [sid, from] of [
    ['one', `+${NUMBER}`],
    ['two', `+49 (151) 1234-5678`],
    ['other', `+${OTHER}`],
  ] as const) {
    await post(url, '/jambonz/call-status', { ...leg, call_sid: sid, from, call_status: 'ringing', sip_status: 180 });
    await post(url, '/jambonz/call-status', { ...leg, call_sid: sid, from, call_status: 'failed', sip_status: 503 });
  }
  await post(url, '/jambonz/call-status', {
    ...leg,
    call_sid: 'open',
    from: NUMBER,
    call_status: 'trying',
    sip_status: 100,
  });
  await post(url, '/livekit/webhook', {
    event: 'participant_joined',
    id: 'EV_1',
    room: { sid: 'RM_1', name: `call-_+${NUMBER}_x` },
    participant: {
      sid: 'PA_1',
      identity: `sip_+${NUMBER}`,
      kind: 'SIP',
      attributes: { 'sip.callIDFull': 'x@y', 'sip.phoneNumber': `+${NUMBER}`, 'sip.trunkPhoneNumber': '+4930111' },
    },
  });
}

async function callsOf({ url }: Process): Promise<{ call_sid: string; from: string }[]> {
  let answer = await fetch(`${url}/api/v1/calls`);
  // A busy machine refuses reads with 503 for a moment after the start.
  for (let i = 0; answer.status === 503 && i < 600; i += 1) {
    await setTimeout(500);
    answer = await fetch(`${url}/api/v1/calls`);
  }
  // The cast: the API describes it so.
  return ((await answer.json()) as { calls: { call_sid: string; from: string }[] }).calls;
}

function forget(databaseUrl: string, ...args: string[]) {
  const env = { ...PLAIN_ENVIRONMENT, DATABASE_URL: databaseUrl };
  return spawnSync(process.execPath, [MAIN, 'forget', ...args], { env, encoding: 'utf8' });
}

const OUTSIDE = 'backups, exports, tickets, and logs of other programs: see docs/privacy.md';

const FOUND = { events: 5, livekit_events: 1, attempts: 2, attempt_keys: 2, incidents: 1, legs_by_numbers: 1 };

describe('forgetting a number in a SQLite file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sipwhy-forget-'));
  const file = join(directory, 'sipwhy.db');
  let service: Process;
  const filesWithNumber = () =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => {
        const text = readFileSync(path, 'latin1');
        return TRACES.some((trace) => text.includes(trace));
      });

  before(async () => {
    service = await startReady({ DATABASE_URL: file });
    await makeCalls(service);
    await until('three calls are judged', async () => (await callsOf(service)).length === 3);
  });
  after(async () => {
    await service.end('SIGKILL');
    rmSync(directory, { recursive: true });
  });

  it('only counts the rows with --dry-run', () => {
    const { status, stdout } = forget(file, '--dry-run', '--json', `+${NUMBER}`);
    const { not_erased, ...rest } = JSON.parse(stdout);
    assert.deepEqual([status, rest], [0, { dry_run: true, rows: FOUND }]);
    assert.equal(not_erased.at(-1), OUTSIDE);
  });

  it('leaves nothing of it in any file while the service runs, and keeps the calls', async () => {
    const { status, stdout } = forget(file, '+49 151 12345678');
    assert.equal(
      stdout,
      '+49 ••• ••••••78 was erased from events: 5, livekit_events: 1, attempts: 2, attempt_keys: 2, incidents: 1, legs_by_numbers: 1\n' +
        `not erased: ${OUTSIDE}\n`,
    );
    assert.equal(status, 0);
    await until('the journal is empty', () => filesWithNumber().every((path) => !path.endsWith('.log')));
    assert.deepEqual(filesWithNumber(), []);
    const calls = await callsOf(service);
    assert.deepEqual(calls.map(({ call_sid, from }) => [call_sid, from]).sort(), [
      ['one', 'erased'],
      ['other', `+${OTHER}`],
      ['two', 'erased'],
    ]);
  });

  it('does not come back with the verdict on a call that was open', async () => {
    await post(service.url, '/jambonz/call-status', {
      call_sid: 'open',
      direction: 'outbound',
      to: 'sip:+4930111@example.com',
      call_status: 'failed',
      sip_status: 503,
    });
    await until('the call is judged', async () => (await callsOf(service)).length === 4);
    await until('the journal is empty', () => filesWithNumber().every((path) => !path.endsWith('.log')));
    assert.deepEqual(filesWithNumber(), []);
    await service.end('SIGTERM');
    assert.deepEqual(filesWithNumber(), []);
  });

  it('finds nothing the second time, and other numbers still', () => {
    const { status, stdout } = forget(file, NUMBER);
    assert.deepEqual([status, stdout], [1, `the number was found nowhere\nnot erased: ${OUTSIDE}\n`]);
    assert.equal(forget(file, OTHER).status, 0);
  });

  it('refuses what is no number, and a store that is not there', () => {
    assert.deepEqual(
      [forget(file, 'anonymous').stderr, forget(file, 'anonymous').status],
      ['sipwhy: NUMBER must be a telephone number with at least 6 digits, such as +4915112345678\n', 2],
    );
    assert.equal(forget(join(directory, 'none.db'), NUMBER).status, 2);
  });
});

it('forgetting a number in PostgreSQL leaves nothing of it in any table', async () => {
  const place = await postgresSchema();
  const directory = mkdtempSync(join(tmpdir(), 'sipwhy-forget-'));
  const service = await startReady({ DATABASE_URL: place.url, SPOOL_FILE: join(directory, 'spool.db') });
  try {
    await makeCalls(service);
    await until('three calls are judged', async () => (await callsOf(service)).length === 3);
    assert.equal(forget(place.url, NUMBER).status, 0);
    const tables = await place.query('SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()');
    assert.ok(tables.length > 10);
    for (const { name } of tables) {
      const rows = await place.query(`SELECT t.* FROM ${name} AS t`);
      const text = JSON.stringify(rows, (_, value) =>
        value?.type === 'Buffer' ? String(Buffer.from(value.data)) : value,
      );
      assert.equal(/4915112345678|151\) 1234-5678/.test(text), false, String(name));
    }
    assert.equal((await callsOf(service)).length, 3);
  } finally {
    await service.end('SIGTERM');
    await place.remove();
    rmSync(directory, { recursive: true });
  }
});

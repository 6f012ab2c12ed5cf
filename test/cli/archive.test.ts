import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { exportLines, importLines } from '../../src/answers/archiveLines.ts';
import { explain } from '../../src/explain/explanation.ts';
import { toText } from '../../src/explain/text.ts';
import { bodyFields, bodyOf } from '../../src/journal/archiveRecord.ts';
import { PostgresStore } from '../../src/journal/postgres.ts';
import { SqliteStore } from '../../src/journal/sqlite.ts';
import type { Store } from '../../src/journal/store.ts';
import { recorded, startOf, startService } from '../app/service.ts';
import { postgresSchema } from '../journal/databases.ts';
import { IGNORED } from '../journal/events.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('an export', () => {
  const failed = recorded('caller_not_allowed-101-0');
  const unfinished = recorded('trunk_conflict_default-101-0');
  const began = startOf(failed);
  const dialled: string = JSON.parse(failed.webhooks[2]?.body ?? '').call_sid;
  let directory: string;
  let exported: string;
  let lines: string[];

  const path = (name: string) => join(directory, name);
  const settings = () => ({ LIVEKIT_CONFIG_FILE: path('livekit.json'), PROBE_INTERVAL_SECONDS: '0' });
  function sipwhy(args: readonly string[], databaseUrl: string, input = ''): Result {
    const env = { PATH: process.env.PATH, DATABASE_URL: databaseUrl, SPOOL_FILE: path('no-spool.db') };
    return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', input, env, maxBuffer: 100_000_000 });
  }
  const open = (databaseUrl: string): Promise<Store> =>
    databaseUrl.startsWith('postgres:')
      ? PostgresStore.open(databaseUrl, ':memory:', IGNORED)
      : SqliteStore.open(databaseUrl);
  /** What a store exports. */
  async function exportOf(databaseUrl: string): Promise<string[]> {
    const store = await open(databaseUrl);
    const all: string[] = [];
    for await (const line of exportLines(store.archive)) all.push(JSON.stringify(line));
    await store.close();
    return all;
  }
  /** The records alone, in no order. */
  const recordsOf = async (databaseUrl: string) => (await exportOf(databaseUrl)).slice(1, -1).toSorted();
  async function take(databaseUrl: string, from: readonly string[]) {
    const store = await open(databaseUrl);
    const parsed = async function* () {
      for (const [i, line] of from.entries()) yield { number: i + 1, json: JSON.parse(line) as unknown };
    };
    const report = await importLines(store.archive, parsed());
    await store.close();
    return report;
  }

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    await writeFile(path('livekit.json'), JSON.stringify(failed.livekit));
    const service = await startService({ ...settings(), DATABASE_URL: path('first.db') }, began);
    await service.post(failed.webhooks, began);
    // Some readers of lines take a line separator for the end of one.
    const room = { sid: 'RM_1', name: 'call\u20281' };
    await service.app.http.inject({
      method: 'POST',
      url: '/livekit/webhook',
      headers: { 'content-type': 'application/webhook+json' },
      payload: JSON.stringify({ event: 'room_started', room, id: 'EV_1', createdAt: '1' }),
    });
    await service.pass(120_000);
    // One call is not over yet.
    await service.post(unfinished.webhooks.slice(0, 3), service.clock.now);
    await service.app.close();
    const { status, stdout, stderr } = sipwhy(['export', '--json'], path('first.db'));
    assert.equal(status, 0, stderr);
    exported = stdout;
    lines = exported.trimEnd().split('\n');
  });
  after(() => rm(directory, { recursive: true }));

  it('has a line each for what it is, every record, and the end', () => {
    const [first, ...rest] = lines.map((line) => JSON.parse(line));
    assert.equal(first.sipwhy_export, 2);
    assert.deepEqual(rest.pop(), { record: 'end', records: rest.length });
    const kinds = rest.map(({ record }) => record as string);
    const count = (kind: string) => kinds.filter((one) => one === kind).length;
    assert.equal(count('event'), failed.webhooks.length + 3);
    assert.equal(count('livekit_event'), 1);
    assert.equal(count('attempt'), 1);
    assert.equal(count('incident'), 1);
    assert.equal(count('configuration'), 1);
    assert.equal(count('open_call'), 1);
  });

  it('keeps the original bytes', () => {
    const bodies = lines.map((line) => JSON.parse(line)).filter(({ record }) => record === 'event');
    assert.deepEqual(
      bodies.slice(0, failed.webhooks.length).map(({ body }) => body),
      failed.webhooks.map(({ body }) => body),
    );
    for (const bytes of [Buffer.from('{"é":1}'), Buffer.from([0xff, 0x00, 0xc3, 0x28])]) {
      assert.deepEqual(bodyOf(bodyFields(bytes)), bytes);
    }
  });

  it('is the same again after an import into another file, and after a second import', async () => {
    const to = path('second.db');
    const { added, known, bad } = await take(to, lines);
    assert.deepEqual([added, known, bad], [lines.length - 2, 0, 0]);
    assert.deepEqual(await recordsOf(to), await recordsOf(path('first.db')));
    const again = sipwhy(['import'], to, exported);
    assert.equal(again.stdout, `imported 0 records; ${lines.length - 2} were there already\n`);
    assert.deepEqual(await recordsOf(to), await recordsOf(path('first.db')));
  });

  it('goes to PostgreSQL and back', async () => {
    const place = await postgresSchema();
    try {
      for (let i = 0; i < 2; i += 1) assert.equal((await take(place.url, lines)).bad, 0);
      assert.deepEqual(await recordsOf(place.url), await recordsOf(path('first.db')));
      await take(path('back.db'), await exportOf(place.url));
      assert.deepEqual(await recordsOf(path('back.db')), await recordsOf(path('first.db')));
      // The next version of the configuration has a number of its own.
      const numbers = await place.query(
        "INSERT INTO configurations (first_seen_at, last_seen_at, snapshot, changes) VALUES (1, 1, '', '') RETURNING version",
      );
      assert.deepEqual(numbers, [{ version: '2' }]);
    } finally {
      await place.remove();
    }
  });

  it('counts no call again in the service that goes on with it, and goes on with those that are open', async () => {
    await take(path('third.db'), lines);
    const service = await startService({ ...settings(), DATABASE_URL: path('third.db') }, began + 200_000);
    try {
      await service.pass(400_000);
      const counted = await service.samples('sipwhy_call_attempts_total');
      assert.deepEqual(Object.values(counted), [1]);
      const call = (await service.app.http.inject(`/api/v1/calls/${dialled}`)).json();
      assert.equal(call.attempts[0].cause, 'caller_not_allowed');
      assert.equal(call.timeline.length, failed.webhooks.length);
    } finally {
      await service.app.close();
    }
    // What became of the open call since is not undone by the same export.
    assert.equal((await take(path('third.db'), lines)).bad, 0);
    const again = await startService({ ...settings(), DATABASE_URL: path('third.db') }, began + 900_000);
    try {
      await again.pass(400_000);
      assert.deepEqual(await again.samples('sipwhy_call_attempts_total'), {});
    } finally {
      await again.app.close();
    }
  });

  it('adds to what a store has already, where an incident of the same kind goes on', async () => {
    const to = path('merged.db');
    const service = await startService({ ...settings(), DATABASE_URL: to }, began + 86_400_000);
    const other = failed.webhooks.map((webhook) => ({
      ...webhook,
      headers: {},
      body: webhook.body.replaceAll(/"(call_sid|parent_call_sid|dial_call_sid)":"/g, '"$1":"other-'),
    }));
    await service.post(other, service.clock.now);
    await service.pass(120_000);
    await service.app.close();
    const before = await recordsOf(to);
    const { bad, conflicting } = await take(to, lines);
    assert.deepEqual([bad, conflicting], [0, 1]);
    const merged = await recordsOf(to);
    for (const record of before) assert.ok(merged.includes(record), record);
    const incidents = merged.map((line) => JSON.parse(line)).filter(({ record }) => record === 'incident');
    assert.equal(incidents.length, 2);
    assert.equal(incidents.filter(({ incident }) => incident.closed === undefined).length, 1);
    const store = await open(to);
    for (const leg of [dialled, `other-${dialled}`]) {
      assert.equal((await store.findCall(leg))?.attempts[0]?.record.cause, 'caller_not_allowed');
    }
    await store.close();
  });

  for (const order of ['before', 'after'] as const) {
    it(`keeps an attempt once of which another has the A leg, and is imported ${order} that`, async () => {
      const early = lines.map((line) => {
        const json = JSON.parse(line);
        if (json.record !== 'attempt') return line;
        const attempt = { ...json.attempt, callSid: json.call_id };
        return JSON.stringify({ ...json, call_sid: json.call_id, attempt });
      });
      const to = path(`a-leg-${order}.db`);
      const [first, second] = order === 'before' ? [lines, early] : [early, lines];
      for (const lines of [first, second, first]) assert.equal((await take(to, lines)).bad, 0);
      assert.deepEqual(await recordsOf(to), first.slice(1, -1).toSorted());
    });
  }

  it('of older versions, which had no ids, is taken', async () => {
    const older = lines.flatMap((line, i) => {
      const json = JSON.parse(line);
      if (i === 0) return JSON.stringify({ ...json, sipwhy_export: 1 });
      if (json.record !== 'attempt') return line;
      const { id: _, attempt, ...rest } = json;
      const explanation = explain(attempt);
      const of = (callSid: string) => ({
        ...rest,
        call_sid: callSid,
        explanation: { ...explanation, call_sid: callSid },
      });
      // Of a call without dialled legs, and another leg of this one.
      const alone = { ...of('alone'), call_id: 'alone' };
      return [of(dialled), of('another'), alone].map((one) => JSON.stringify(one));
    });
    for (let i = 0; i < 2; i += 1) assert.equal((await take(path('no-ids.db'), older)).bad, 0);
    const store = await open(path('no-ids.db'));
    const found = await store.search.find({}, 10);
    const callId = found.find(({ callSid }) => callSid === dialled)?.callId ?? '';
    const kept = found.map(({ id, callSid }) => [id, callSid]);
    assert.deepEqual(
      kept.toSorted(),
      [
        [callId, dialled],
        ['another', 'another'],
        ['alone', 'alone'],
      ].toSorted(),
    );
    await store.close();
    const again = (await recordsOf(path('no-ids.db'))).map((line) => JSON.parse(line));
    const ours = again.find(({ id }) => id === callId);
    assert.deepEqual(ours, JSON.parse(lines.find((line) => line.includes('"record":"attempt"')) ?? ''));
  });

  it('of the first versions, which did not write down who called whom, is taken', async () => {
    const older = lines.map((line) => {
      const json = JSON.parse(line);
      if (json.record !== 'attempt') return line;
      const { id: _, attempt, ...rest } = json;
      const { from: __, to: ___, seen_by_caller: ____, deployment: _____, ...explanation } = explain(attempt);
      return JSON.stringify({ ...rest, explanation });
    });
    assert.equal((await take(path('older.db'), older)).bad, 0);
    const store = await open(path('older.db'));
    const [kept] = await store.search.find({}, 1);
    assert.deepEqual([kept?.record.from, kept?.record.cause], [undefined, 'caller_not_allowed']);
    assert.match(kept ? toText(explain(kept.record)) : '', /an older version did not record it/);
    await store.close();
  });

  it('names each bad line by its number and field, and takes the rest', () => {
    const bad = [...lines];
    const event = bad.findIndex((line) => line.includes('"record":"event"'));
    bad[event] = (bad[event] ?? '').replace(/"callSid":"[^"]*"/, '"callSid":7');
    bad.splice(1, 0, 'no json', '{"record":"of the future"}', '');
    const { status, stdout } = sipwhy(['import'], path('bad.db'), `${bad.join('\n')}\n`);
    assert.equal(status, 1);
    assert.match(stdout, new RegExp(`^imported ${lines.length - 3} records`));
    assert.match(stdout, /^line 2: the line is not JSON$/m);
    assert.match(stdout, /^line 3: record must be one of configuration, incident, attempt, /m);
    assert.match(stdout, new RegExp(`^line ${event + 4}: event.callSid must be string$`, 'm'));
  });

  it('of another form, or no export at all, changes nothing', async () => {
    for (const [input, message] of [
      ['{"sipwhy_export":3}\n', /line 1: sipwhy_export must be 1 or 2, got 3: the export is of a newer version/],
      ['{"call_sid":"x"}\n', /line 1: sipwhy_export is missing in the first line: this is no export of sipwhy/],
    ] as const) {
      const { status, stdout } = sipwhy(['import'], path('none.db'), input + lines.slice(1).join('\n'));
      assert.equal(status, 1);
      assert.match(stdout, message);
    }
    assert.deepEqual(await recordsOf(path('none.db')), []);
  });

  it('is written to a file, compressed by its name, and a part of one is noticed', async () => {
    assert.equal(sipwhy(['export', path('all.jsonl.gz')], path('first.db')).status, 0);
    const bytes = await readFile(path('all.jsonl.gz'));
    assert.deepEqual(gunzipSync(bytes).toString().split('\n').slice(1), exported.split('\n').slice(1));
    assert.equal(sipwhy(['import', path('all.jsonl.gz')], path('from-gz.db')).status, 0);
    assert.deepEqual(await recordsOf(path('from-gz.db')), await recordsOf(path('first.db')));

    await writeFile(path('cut.jsonl.gz'), bytes.subarray(0, bytes.length / 2));
    const cut = sipwhy(['import', path('cut.jsonl.gz')], path('cut.db'));
    assert.equal(cut.status, 1);
    assert.match(cut.stdout, /the file is damaged or cut off/);
    await writeFile(path('short.jsonl'), lines.slice(0, -1).join('\n'));
    const short = sipwhy(['import', path('short.jsonl')], path('short.db'));
    assert.equal(short.status, 1);
    assert.match(short.stdout, /ends too early/);
  });

  it('says what is wrong in words where it cannot be read or written', () => {
    const missing = sipwhy(['import', path('missing.jsonl')], path('first.db'));
    assert.equal(missing.status, 2);
    assert.match(missing.stderr, /missing\.jsonl cannot be read/);
    const nowhere = sipwhy(['export', path('no/such/folder.jsonl')], path('first.db'));
    assert.equal(nowhere.status, 2);
    assert.match(nowhere.stderr, /cannot be written/);
    assert.equal(sipwhy(['export'], path('no.db')).status, 2);
  });

  it('of many calls takes little memory', async () => {
    const many = 2_500;
    const text = function* () {
      yield `${lines[0]}\n`;
      const event = JSON.parse(lines.find((line) => line.includes('"record":"event"')) ?? '');
      for (let i = 0; i < many; i += 1) {
        const mine = {
          ...event,
          digest: `d${i}`,
          event: { ...event.event, callSid: `many-${i}` },
          body: 'x'.repeat(20_000),
        };
        yield `${JSON.stringify(mine)}\n`;
      }
      yield '{"record":"end"}\n';
    };
    // 60 MB of webhooks, and less memory for JavaScript.
    const env = { PATH: process.env.PATH, DATABASE_URL: path('many.db'), NODE_OPTIONS: '--max-old-space-size=52' };
    const child = spawn(process.execPath, [MAIN, 'import'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    for (const line of text()) {
      if (!child.stdin.write(line)) await new Promise((resolve) => child.stdin.once('drain', resolve));
    }
    child.stdin.end();
    assert.equal(await ended, 0);
    assert.match(output, new RegExp(`^imported ${many} records`));
    const again = spawnSync(process.execPath, [MAIN, 'export', path('many.jsonl.gz')], { env, encoding: 'utf8' });
    assert.equal(again.status, 0, again.stderr);
    assert.match(again.stderr, new RegExp(`event: ${many}`));
  });
});

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { freshProgram } from '../../bin/freshProgram.js';
import { explain } from '../../src/core/explain/explanation.ts';
import { toText } from '../../src/core/explain/explanationText.ts';
import { bytesFromJson, bytesToJson } from '../../src/store/archive/archiveRow.ts';
import { Store } from '../../src/store/store.ts';
import { recorded, startOf, startService } from '../app/service.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';
import { postgresSchema } from '../store/schema/databases.ts';
import { exportOf, olderRecord, rowsOf, take } from './archives.ts';

const MAIN = freshProgram();

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
    const env = { ...PLAIN_ENVIRONMENT, DATABASE_URL: databaseUrl };
    return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', input, env, maxBuffer: 100_000_000 });
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
    const { status, stdout, stderr } = sipwhy(['export', '--numbers', 'plain', '--json'], path('first.db'));
    assert.equal(status, 0, stderr);
    exported = stdout;
    lines = exported.trimEnd().split('\n');
  });
  after(() => rm(directory, { recursive: true }));

  it('has a line each for what it is, every row, and the end', () => {
    const [first, ...rest] = lines.map((line) => JSON.parse(line));
    assert.equal(first.sipwhy_export, 2);
    assert.deepEqual(rest.pop(), { table: 'end', rows: rest.length });
    const tables = rest.map(({ table }) => table as string);
    const count = (table: string) => tables.filter((one) => one === table).length;
    assert.equal(count('events'), failed.webhooks.length + 3);
    assert.equal(count('livekit_events'), 1);
    assert.equal(count('attempts'), 1);
    assert.equal(count('incidents'), 1);
    assert.equal(count('configurations'), 1);
    assert.equal(count('open_calls'), 1);
  });

  it('has telephone numbers masked by default, says so, and shows nothing else that way', () => {
    const { stdout, stderr } = sipwhy(['export'], path('first.db'));
    assert.match(stderr, /^exported .*\nTelephone numbers are masked\. .*--numbers plain\.\n$/);
    const numbers = exported.match(/\d{9,}/g)?.filter((digits) => /^(14030957704|1788544436)$/.test(digits)) ?? [];
    assert.ok(numbers.length > 20);
    assert.doesNotMatch(stdout, /4030957704|788544436/);
    const idsOf = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map(({ table, id, digest, call_sid, received_at }) => ({ table, id, digest, call_sid, received_at }));
    assert.deepEqual(idsOf(stdout), idsOf(exported));
  });

  it('has the bodies as they are kept: here all of what Jambonz sent', () => {
    const bodies = lines.map((line) => JSON.parse(line)).filter(({ table }) => table === 'events');
    assert.deepEqual(
      bodies.slice(0, failed.webhooks.length).map(({ body }) => body),
      failed.webhooks.map(({ body }) => body),
    );
    for (const bytes of [Buffer.from('{"é":1}'), Buffer.from([0xff, 0x00, 0xc3, 0x28])]) {
      assert.deepEqual(bytesFromJson(bytesToJson(bytes)), bytes);
    }
  });

  it('is the same again after an import into another file, and after a second import', async () => {
    const to = path('second.db');
    const { added, known, bad } = await take(to, lines);
    assert.deepEqual([added, known, bad], [lines.length - 2, 0, 0]);
    assert.deepEqual(await rowsOf(to), await rowsOf(path('first.db')));
    const again = sipwhy(['import'], to, exported);
    assert.equal(again.stdout, `imported 0 rows; ${lines.length - 2} were already in the store\n`);
    assert.deepEqual(await rowsOf(to), await rowsOf(path('first.db')));
  });

  it('goes to PostgreSQL and back', async () => {
    const place = await postgresSchema();
    try {
      for (let i = 0; i < 2; i += 1) assert.equal((await take(place.url, lines)).bad, 0);
      assert.deepEqual(await rowsOf(place.url), await rowsOf(path('first.db')));
      await take(path('back.db'), await exportOf(place.url));
      assert.deepEqual(await rowsOf(path('back.db')), await rowsOf(path('first.db')));
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
    const before = await rowsOf(to);
    const { bad, conflicting } = await take(to, lines);
    assert.deepEqual([bad, conflicting], [0, 1]);
    const merged = await rowsOf(to);
    for (const row of before) assert.ok(merged.includes(row), row);
    const incidents = merged.map((line) => JSON.parse(line)).filter(({ table }) => table === 'incidents');
    assert.equal(incidents.length, 2);
    assert.equal(incidents.filter(({ incident }) => incident.closed === undefined).length, 1);
    const store = await Store.open(to);
    for (const leg of [dialled, `other-${dialled}`]) {
      assert.equal((await store.calls.find(leg))?.attempts[0]?.record.cause, 'caller_not_allowed');
    }
    await store.close();
  });

  it('of the first form, which had records without ids, is taken', async () => {
    const older = lines.flatMap((line) => {
      const record = olderRecord(line);
      if (record.record !== 'attempt') return JSON.stringify(record);
      const of = (call_sid: string) => ({ ...record, call_sid, explanation: { ...record.explanation, call_sid } });
      // Of a call without dialled legs, and another leg of this one.
      const alone = { ...of('alone'), call_id: 'alone' };
      return [of(dialled), of('another'), alone].map((one) => JSON.stringify(one));
    });
    for (let i = 0; i < 2; i += 1) assert.equal((await take(path('no-ids.db'), older)).bad, 0);
    const store = await Store.open(path('no-ids.db'));
    const { found } = await store.search.find({}, 10);
    assert.deepEqual(new Set(found.map(({ record }) => record.cause)), new Set(['caller_not_allowed']));
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
    const isOurs = ({ id }: Record<string, unknown>) => id !== 'another' && id !== 'alone';
    const again = (await rowsOf(path('no-ids.db'))).map((line) => JSON.parse(line)).filter(isOurs);
    // What the first form did not say: ids of webhooks, and what other calls are told of an attempt.
    const said = lines.slice(1, -1).map((line) => {
      const { seen: _, ...row } = JSON.parse(line);
      if (row.table === 'attempts') row.record = explain(row.record);
      if (row.table === 'events' || row.table === 'livekit_events') delete row.id;
      return row;
    });
    assert.deepEqual(again.map(sorted).toSorted(), said.map(sorted).toSorted());
  });

  it('of the first versions, which did not write down who called whom, is taken', async () => {
    const older = lines.map((line) => {
      const record = olderRecord(line);
      if (record.record !== 'attempt') return JSON.stringify(record);
      const { from: __, to: ___, seen_by_caller: ____, deployment: _____, ...explanation } = record.explanation;
      return JSON.stringify({ ...record, explanation });
    });
    assert.equal((await take(path('older.db'), older)).bad, 0);
    const store = await Store.open(path('older.db'));
    const [kept] = (await store.search.find({}, 1)).found;
    assert.deepEqual([kept?.record.from, kept?.record.cause], [undefined, 'caller_not_allowed']);
    assert.match(kept ? toText(explain(kept.record)) : '', /an older version did not record it/);
    await store.close();
  });

  it('of an open call is taken unless the store has judged more of it', async () => {
    const attempt = lines.find((line) => line.includes('"table":"attempts"')) ?? '';
    const { call_id } = JSON.parse(attempt);
    const open = (attempts: number) => JSON.stringify({ table: 'open_calls', call_id, attempts });
    const [header = '', end = ''] = [lines[0], lines.at(-1)];
    for (const [attempts, added] of [
      [0, 0],
      [1, 1],
    ] as const) {
      const to = path(`open-${attempts}.db`);
      await take(to, [header, attempt, end]);
      const report = await take(to, [header, open(attempts), end]);
      assert.deepEqual([report.added, report.known, report.bad], [added, 1 - added, 0]);
    }
  });

  it('names each bad line by its number and field, and takes the rest', () => {
    const bad = [...lines];
    const event = bad.findIndex((line) => line.includes('"table":"events"'));
    bad[event] = (bad[event] ?? '').replace(/"callSid":"[^"]*"/, '"callSid":7');
    bad.splice(1, 0, 'no json', '{"table":"of the future"}', '');
    const { status, stdout, stderr } = sipwhy(['import'], path('bad.db'), `${bad.join('\n')}\n`);
    assert.equal(status, 1);
    assert.match(stdout, new RegExp(`^imported ${lines.length - 3} rows`));
    assert.match(stderr, /^sipwhy: <stdin>:2: the line is not JSON: Unexpected token 'o'$/m);
    assert.match(
      stderr,
      /^sipwhy: <stdin>:3: table must be one of configurations, applied_changes, incidents, attempts, /m,
    );
    assert.match(stderr, new RegExp(`^sipwhy: <stdin>:${event + 4}: event.callSid must be string$`, 'm'));
  });

  it('of another form, or no export at all, changes nothing', async () => {
    for (const [input, message] of [
      ['{"sipwhy_export":3}\n', /<stdin>:1: sipwhy_export must be 1 or 2, got 3: a newer version of sipwhy made/],
      ['{"call_sid":"x"}\n', /<stdin>:1: sipwhy_export is missing in the first line: this is not an export of sipwhy/],
    ] as const) {
      const { status, stderr } = sipwhy(['import'], path('none.db'), input + lines.slice(1).join('\n'));
      assert.equal(status, 2);
      assert.match(stderr, message);
    }
    assert.deepEqual(await rowsOf(path('none.db')), []);
  });

  it('is written to a file, compressed by its name, and a part of one is noticed', async () => {
    assert.equal(sipwhy(['export', '--numbers', 'plain', path('all.jsonl.gz')], path('first.db')).status, 0);
    const bytes = await readFile(path('all.jsonl.gz'));
    assert.deepEqual(gunzipSync(bytes).toString().split('\n').slice(1), exported.split('\n').slice(1));
    assert.equal(sipwhy(['import', path('all.jsonl.gz')], path('from-gz.db')).status, 0);
    assert.deepEqual(await rowsOf(path('from-gz.db')), await rowsOf(path('first.db')));

    await writeFile(path('cut.jsonl.gz'), bytes.subarray(0, bytes.length / 2));
    const cut = sipwhy(['import', path('cut.jsonl.gz')], path('cut.db'));
    assert.equal(cut.status, 2);
    assert.match(cut.stderr, /^sipwhy: .*cut\.jsonl\.gz: is damaged or incomplete: its gzip data ends early\n$/);
    await writeFile(path('short.jsonl'), lines.slice(0, -1).join('\n'));
    const short = sipwhy(['import', path('short.jsonl')], path('short.db'));
    assert.equal(short.status, 1);
    assert.match(short.stderr, /the file is incomplete: the last line of the export is missing/);
  });

  it('says what is wrong in words where it cannot be read or written', () => {
    const missing = sipwhy(['import', path('missing.jsonl')], path('first.db'));
    assert.equal(missing.status, 2);
    assert.match(missing.stderr, /^sipwhy: .*missing\.jsonl: does not exist\n$/);
    const nowhere = sipwhy(['export', path('no/such/folder.jsonl')], path('first.db'));
    assert.equal(nowhere.status, 2);
    assert.match(nowhere.stderr, /cannot be written/);
    assert.equal(sipwhy(['export'], path('no.db')).status, 2);
  });

  it('of many calls takes little memory', async () => {
    const many = 2_500;
    const text = function* () {
      yield `${lines[0]}\n`;
      const event = JSON.parse(lines.find((line) => line.includes('"table":"events"')) ?? '');
      for (let i = 0; i < many; i += 1) {
        const mine = {
          ...event,
          id: `i${i}`,
          digest: `d${i}`,
          event: { ...event.event, callSid: `many-${i}` },
          body: 'x'.repeat(20_000),
        };
        yield `${JSON.stringify(mine)}\n`;
      }
      yield '{"table":"end"}\n';
    };
    // 60 MB of webhooks, and less memory for JavaScript.
    const env = { ...PLAIN_ENVIRONMENT, DATABASE_URL: path('many.db'), NODE_OPTIONS: '--max-old-space-size=52' };
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
    assert.match(output, new RegExp(`^imported ${many} rows`));
    const again = spawnSync(process.execPath, [MAIN, 'export', path('many.jsonl.gz')], { env, encoding: 'utf8' });
    assert.equal(again.status, 0, again.stderr);
    assert.match(again.stderr, new RegExp(`events: ${many}`));
  });
});

/** JSON with its keys in order. */
function sorted(row: Record<string, unknown>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

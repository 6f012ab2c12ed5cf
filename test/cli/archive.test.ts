import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { exportLines, importLines } from '../../src/answers/archiveLines.ts';
import { removeCall } from '../../src/incidents/failure.ts';
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
    assert.equal(first.sipwhy_export, 1);
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
      assert.equal((await store.findCall(leg))?.attempts[0]?.explanation.cause, 'caller_not_allowed');
    }
    await store.close();
  });

  // Before a leg was heard of that an A leg had dialled, the A leg was an attempt of its own.
  const ofCauses: { what: string; cause?: string; others: number; left: unknown[] }[] = [
    { what: 'of another cause, alone', cause: 'auth_missing', others: 0, left: [0, 'corrected', []] },
    { what: 'of another cause, with others', cause: 'auth_missing', others: 1, left: [1, undefined, ['other']] },
    { what: 'of the same cause', others: 0, left: [1, undefined, [dialled]] },
  ];
  for (const { what, cause, others, left } of ofCauses) {
    for (const order of ['before', 'after'] as const) {
      it(`keeps a dialled leg in the place of its A leg ${what}, imported ${order} it`, async () => {
        const all = lines.map((line) => JSON.parse(line));
        const attempt = all.find(({ record }) => record === 'attempt');
        const { incident } = all.find(({ record }) => record === 'incident');
        const aLeg: string = attempt.call_id;
        const id = cause === undefined ? incident.id : 'of the A leg';
        const examples = [aLeg, ...(others > 0 ? ['other'] : [])];
        const at = (callSid: string, more: number) => ({ callSid, at: attempt.started_at + more });
        const early = { ...incident, id, cause: cause ?? incident.cause, calls: examples.length, examples };
        early.first = at(aLeg, 0);
        early.last = at(examples.at(-1) ?? '', others);
        early.questions = [{ ...incident.questions[0], callSid: aLeg }];
        const of = (callSid: string, callId: string, more: number) => ({
          ...attempt,
          call_sid: callSid,
          call_id: callId,
          started_at: attempt.started_at + more,
          explanation: { ...attempt.explanation, call_sid: callSid, cause: early.cause },
          incident: id,
        });
        const exportBefore = [
          all[0],
          { record: 'incident', changed_at: 1, incident: early },
          of(aLeg, aLeg, 0),
          ...(others > 0 ? [of('other', 'other', others)] : []),
          { record: 'end' },
        ].map((line) => JSON.stringify(line));
        // The incident of the A leg, as the service that heard of the dialled leg has left it.
        const corrected = removeCall(
          early,
          aLeg,
          others > 0 ? { calls: others, first: early.last, last: early.last } : undefined,
          2,
        );
        const exportAfter =
          cause === undefined
            ? lines
            : [
                lines[0] ?? '',
                JSON.stringify({ record: 'incident', changed_at: 2, incident: corrected.incident }),
                ...lines.slice(1),
              ];
        const to = path(`a-leg-${what}-${order}.db`);
        const [first, second] = order === 'before' ? [exportAfter, exportBefore] : [exportBefore, exportAfter];
        for (const lines of [first, second, first, second]) assert.equal((await take(to, lines)).bad, 0);
        const merged = (await recordsOf(to)).map((line) => JSON.parse(line));
        const kept = merged.filter(({ record }) => record === 'attempt').map(({ call_sid }) => call_sid);
        assert.deepEqual(kept.toSorted(), [dialled, ...(others > 0 ? ['other'] : [])].toSorted());
        const found = merged.find((one) => one.record === 'incident' && one.incident.id === id).incident;
        assert.deepEqual([found.calls, found.closed?.because, found.examples], left);
        if (others > 0) assert.deepEqual(found.first, early.last);
        const own = merged.find((one) => one.record === 'incident' && one.incident.id === incident.id).incident;
        assert.deepEqual([own.calls, own.closed, own.questions], [1, undefined, incident.questions]);
      });
    }
  }

  it('takes an A leg out of an incident that only the export before its dialled leg has', async () => {
    const all = lines.map((line) => JSON.parse(line));
    const attempt = all.find(({ record }) => record === 'attempt');
    const { incident } = all.find(({ record }) => record === 'incident');
    const many = Array.from({ length: 9 }, (_, i) => (i === 4 ? attempt.call_id : `many-${i}`));
    const early = { ...incident, id: 'early', cause: 'auth_missing', calls: 9, examples: [many[0], ...many.slice(-4)] };
    early.last = { callSid: many[8], at: attempt.started_at + 8 };
    const attempts = many.map((sid, i) => ({
      ...attempt,
      call_sid: sid,
      call_id: sid,
      started_at: attempt.started_at + i,
      incident: 'early',
    }));
    const exportBefore = [
      all[0],
      { record: 'incident', changed_at: 1, incident: early },
      ...attempts,
      { record: 'end' },
    ];
    const to = path('a-leg-alone.db');
    await take(to, lines);
    await take(
      to,
      exportBefore.map((line) => JSON.stringify(line)),
    );
    const merged = (await recordsOf(to)).map((line) => JSON.parse(line));
    const found = merged.find((one) => one.record === 'incident' && one.incident.id === 'early').incident;
    assert.deepEqual([found.calls, found.last], [8, early.last]);
  });

  it('of the first versions, which did not write down who called whom, is taken', async () => {
    const older = lines.map((line) => {
      const json = JSON.parse(line);
      if (json.record === 'attempt') for (const key of ['from', 'to']) delete json.explanation[key];
      return JSON.stringify(json);
    });
    assert.equal((await take(path('older.db'), older)).bad, 0);
    const store = await open(path('older.db'));
    assert.equal((await store.search.find({}, 1))[0]?.explanation.from, null);
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
      ['{"sipwhy_export":2}\n', /line 1: sipwhy_export must be 1, got 2: the export is of a newer version/],
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

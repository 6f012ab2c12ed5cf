import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { callIdOf } from '../../../src/core/call/callEvent.ts';
import { OpenCall } from '../../../src/core/correlate/openCall.ts';
import { type Dialect, POSTGRES, SQLITE } from '../../../src/store/dialect.ts';
import { PostgresDatabase } from '../../../src/store/postgres/postgresDatabase.ts';
import { MIGRATIONS } from '../../../src/store/schema.ts';
import { Store } from '../../../src/store/store.ts';
import { attempt } from '../openStore.ts';
import { failed, joined, status, T0 } from '../storedEvents.ts';
import { type Place, postgresSchema, sqliteFile } from './databases.ts';

const KINDS = [
  {
    name: 'SQLite',
    dialect: SQLITE,
    place: sqliteFile,
    async write(url: string, version: number, sql: string) {
      const db = new DatabaseSync(url);
      db.exec(`${sql}; PRAGMA user_version = ${version}`);
      db.close();
    },
  },
  {
    name: 'PostgreSQL',
    dialect: POSTGRES,
    place: postgresSchema,
    async write(url: string, version: number, sql: string) {
      const database = new PostgresDatabase(url);
      await database.script(`CREATE TABLE sipwhy_schema (id INTEGER PRIMARY KEY, version BIGINT NOT NULL);
        INSERT INTO sipwhy_schema VALUES (1, ${version}); ${sql}`);
      await database.close();
    },
  },
];

const A_LEG = { parentCallSid: undefined, direction: 'inbound' } as const;

/** In the order in which they came. `c<call>` is a second leg that the call dialled. */
const EVENTS = [
  // Two legs, the one heard of later settled and dated first.
  failed('1', 20, { sbcCallId: 'sip-1' }),
  failed('1', 10, { callSid: 'c1' }),
  // An A leg alone.
  failed('2', 0, { callSid: 'a2', ...A_LEG }),
  // Two legs, of which the one heard of first has no verdict yet.
  status('3', 0),
  failed('3', 5, { callSid: 'c3' }),
  // An A leg that has a verdict, and a leg dialled from it, which has none yet.
  failed('4', 0, { callSid: 'a4', ...A_LEG }),
  failed('4', 5),
];

/** What an older version kept of an attempt, at first by the call_sid of its leg, then by an id. */
const OLDER_ATTEMPTS = [
  { id: 'c1', callSid: 'c1', callId: 'a1', startedAt: T0 + 10 },
  { id: 'a1', callSid: 'b1', callId: 'a1', startedAt: T0 + 20 },
  { id: 'a2', callSid: 'a2', callId: 'a2', startedAt: T0 },
  { id: 'c3', callSid: 'c3', callId: 'a3', startedAt: T0 + 5 },
  { id: 'a4', callSid: 'a4', callId: 'a4', startedAt: T0 },
];

function quoted(value: string | number | null): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}

function insert(table: string, row: Readonly<Record<string, string | number | null>>, bodyOf?: Dialect): string {
  const columns = [...Object.keys(row), ...(bodyOf ? ['body'] : [])];
  const values = [...Object.values(row).map(quoted), ...(bodyOf ? [bodyOf.isShared ? "'\\x00'" : "x'00'"] : [])];
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values.join(', ')});`;
}

/** A store of an older version, as statements. */
function older(dialect: Dialect, version: number): string {
  const events = EVENTS.map(({ event, digest }) => {
    assert.ok(event.kind !== 'livekit');
    const { receivedAt, callSid, kind } = event;
    const row = { received_at: receivedAt, call_id: callIdOf(event), call_sid: callSid, kind, digest };
    return insert('events', { ...row, event: JSON.stringify(event) }, dialect);
  });
  const attempts = OLDER_ATTEMPTS.flatMap(({ id, callSid, callId, startedAt }) => {
    const explanation = {
      call_sid: callSid,
      outcome: 'failed',
      summary: `of ${callSid}`,
      trunk: 'none',
      cause: 'livekit_unavailable',
      party: null,
      confidence: null,
    };
    const times = { started_at: startedAt, settled_at: T0 + 100 };
    const json = JSON.stringify(explanation);
    const own = version >= 10 ? { id, record: json } : { explanation: json };
    const row = { call_sid: callSid, call_id: callId, ...times, ...own };
    const key = version >= 10 ? { id } : { call_sid: callSid };
    const keys = { ...key, settled_at: T0 + 100, changed_at: T0 + 100, outcome: 'failed', trunk: 'none' };
    return [
      insert('attempts', row),
      ...(version >= 5 ? [insert('attempt_keys', { ...keys, from_digits: '', to_digits: '' })] : []),
    ];
  });
  const open = ['a1', 'a2', 'a3', 'a4'].map((call_id) => insert('open_calls', { call_id }));
  const { event: report, digest } = joined('RM_1', 'sip-1', 50);
  assert.ok(report.kind === 'livekit');
  const of = { received_at: report.receivedAt, room: 'RM_1', name: report.name, sip_call_id: 'sip-1', digest };
  const ofLiveKit =
    version >= 3
      ? [
          insert('livekit_events', { ...of, event: JSON.stringify(report) }, dialect),
          insert('sip_call_ids', { sip_call_id: 'sip-1', call_id: 'a1' }),
        ]
      : [];
  const schema = MIGRATIONS.slice(0, version).map((migration) => migration(dialect));
  return [...schema, ...events, ...attempts, ...open, ...ofLiveKit].join('\n');
}

for (const { name, dialect, place: makePlace, write } of KINDS) {
  describe(`a store on ${name} of an older schema`, () => {
    let place: Place;
    beforeEach(async () => {
      place = await makePlace();
    });
    afterEach(() => place.remove());

    for (let version = 1; version < MIGRATIONS.length; version += 1) {
      it(`${version} is brought forward: its open calls are due, their attempts keep their verdicts`, async () => {
        await write(place.url, version, older(dialect, version));
        await (await Store.open(place.url)).close();
        const store = await Store.open(place.url);
        try {
          const due = await store.due.claim(T0, 10);
          assert.deepEqual(due.map(({ callId }) => callId).sort(), ['a1', 'a2', 'a3', 'a4']);
          const loaded = await store.loader.load(['a1', 'a2', 'a3', 'a4']);
          const judged = [...loaded].flatMap(([callId, { judged: ids }]) => ids.map((id) => `${callId} ${id}`));
          assert.deepEqual(judged.sort(), ['a1 a1', 'a1 c1', 'a2 a2', 'a3 c3', 'a4 a4']);
          const kept = await store.search.read(['a1', 'c1', 'a2', 'c3', 'a4']);
          assert.deepEqual(kept.map(({ id, callSid, record }) => [id, callSid, record.summary, record.id]).sort(), [
            ['a1', 'b1', 'of b1', 'a1'],
            ['a2', 'a2', 'of a2', 'a2'],
            ['a4', 'a4', 'of a4', 'a4'],
            ['c1', 'c1', 'of c1', 'c1'],
            ['c3', 'c3', 'of c3', 'c3'],
          ]);
          if (version >= 5) assert.equal((await store.search.find({}, 10)).found.length, 5);
          if (version >= 3) {
            assert.deepEqual((await store.loader.roomsOf(['a1'])).get('a1'), ['RM_1']);
          }

          // They are judged again, and only what had no verdict is counted.
          const again = due.map((call) => {
            const { attempts } = new OpenCall(call.callId, loaded.get(call.callId)?.events);
            const ofCall = attempts.map(({ id, callSid }) => ({ ...attempt(call.callId.slice(1), { callSid }), id }));
            return { call, attempts: ofCall, dueAt: undefined };
          });
          const { firsts } = await store.due.handBack(again);
          assert.deepEqual(
            firsts.map(({ id, callSid }) => [id, callSid]),
            [['a3', 'b3']],
          );
          const [fourth] = (await store.calls.find('a4'))?.attempts ?? [];
          assert.deepEqual([fourth?.id, fourth?.callSid], ['a4', 'b4']);
          assert.equal(await store.due.count(), 0);
        } finally {
          await store.close();
        }
      });
    }
  });
}

it('the SIP Call-IDs in a file of the first two schemas are looked up as well', async () => {
  for (const version of [1, 2]) {
    const place = await sqliteFile();
    const [sqlite] = KINDS;
    await sqlite?.write(place.url, version, older(SQLITE, version));
    const store = await Store.open(place.url);
    assert.equal(await store.liveKit.hasCall('sip-1', 'no room'), true);
    assert.equal(await store.liveKit.hasCall('sip-2', 'no room'), false);
    await store.close();
    await place.remove();
  }
});

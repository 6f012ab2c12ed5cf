import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { pino } from 'pino';
import { Cleanup } from '../../../src/service/cleanup.ts';
import { deliver } from '../../../src/store/calls/delivery.ts';
import { POSTGRES } from '../../../src/store/dialect.ts';
import { PARTITIONED } from '../../../src/store/postgres/partitions.ts';
import { PostgresDatabase } from '../../../src/store/postgres/postgresDatabase.ts';
import { MIGRATIONS } from '../../../src/store/schema.ts';
import { Store } from '../../../src/store/store.ts';
import { metricsAlone } from '../../app/metrics/metricsAlone.ts';
import { attempt, PositionedJournal } from '../openStore.ts';
import { failed, joined, status, T0 } from '../storedEvents.ts';
import { postgresSchema } from './databases.ts';

const DAY = 86_400_000;

let place: Awaited<ReturnType<typeof postgresSchema>>;
let plain: PostgresDatabase;
beforeEach(async () => {
  place = await postgresSchema();
  plain = new PostgresDatabase(place.url);
  // The tables of the version before partitions.
  await plain.script(`CREATE TABLE sipwhy_schema (id INTEGER PRIMARY KEY, version BIGINT NOT NULL);
    INSERT INTO sipwhy_schema VALUES (1, ${MIGRATIONS.length});
    ${MIGRATIONS.map((migration) => migration(POSTGRES)).join('\n')}`);
});
afterEach(async () => {
  await plain.close();
  await place.remove();
});

const WEBHOOKS = [
  status('1', 0, { sbcCallId: 'sip-1' }),
  failed('1', 10, { sbcCallId: 'sip-1' }),
  status('2', -20 * DAY),
  joined('RM_1', 'sip-1', 20),
];

const indexesOf = async (table: string) => {
  const rows = await place.query(
    `SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = '${table}'`,
  );
  return rows.map(({ indexdef }) => String(indexdef).replace(/^.* USING /, '')).sort();
};

it('a store of the version before keeps its rows, their order and their numbers, and is partitioned', async () => {
  const writer = new PositionedJournal();
  const options = { journal: writer.id, from: undefined, to: { segment: 1, offset: 4 } };
  await deliver(plain, WEBHOOKS, options);
  const rowsOf = async () => [
    await place.query('SELECT seq, id, received_at, call_id, digest, event, body FROM events ORDER BY seq'),
    await place.query('SELECT seq, id, received_at, room, digest, event, body FROM livekit_events ORDER BY seq'),
  ];
  const before = await rowsOf();
  const indexes = Object.fromEntries(
    await Promise.all(PARTITIONED.map(async ({ table }) => [table, await indexesOf(table)] as const)),
  );
  const stores = await Promise.all([Store.open(place.url), Store.open(place.url)]);
  try {
    const [store, other] = stores;
    assert.ok(store && other);
    assert.deepEqual(await rowsOf(), before);
    assert.deepEqual(
      await place.query('SELECT DISTINCT relkind::text FROM pg_class WHERE oid IN (SELECT tableoid FROM events)'),
      [{ relkind: 'r' }],
    );
    const journal = new PositionedJournal();
    assert.deepEqual((await journal.bring(store, ...WEBHOOKS)).results, ['known', 'known', 'known', 'known']);
    // A replica of the version before goes on writing.
    await deliver(plain, [status('3', 0)], { ...options, from: options.to, to: { segment: 1, offset: 5 } });
    await journal.bring(other, status('4', 0), joined('RM_4', 's', 0));
    const seqs = await place.query('SELECT call_id, seq FROM events ORDER BY seq');
    assert.deepEqual(
      seqs.map(({ call_id }) => call_id),
      ['a1', 'a1', 'a2', 'a3', 'a4'],
    );
    assert.equal((await store.calls.find('b1'))?.events.length, 2);
    assert.equal((await store.due.claim(T0 + DAY, 10)).length, 4);
    // Whatever is looked up has an index in each partition. The id alone recognises nothing among the kept ones.
    for (const { table } of PARTITIONED) {
      const own = indexes[table] ?? [];
      assert.ok(own.length > 4);
      for (const partition of [`${table}_kept`, `${table}_other`]) {
        const found = await indexesOf(partition);
        const expected = partition.endsWith('_kept') ? own.filter((one) => one !== 'btree (id)') : own;
        assert.deepEqual(found, expected, partition);
      }
    }
  } finally {
    for (const store of stores) await store.close();
  }
});

it('a store whose tables others do not release stays as it is, works, and says so', async () => {
  await plain.transaction(async (queries) => {
    await queries.script('LOCK TABLE events IN ACCESS SHARE MODE');
    const store = await Store.open(place.url);
    try {
      const journal = new PositionedJournal();
      await journal.bring(store, ...WEBHOOKS, status('3', -20 * DAY));
      const given = attempt('3', { settledAt: T0 - 20 * DAY });
      await store.calls.saveAttempts([{ ...given, record: { ...given.record, outcome: 'not_counted' } }]);
      await store.database.run("DELETE FROM open_calls WHERE call_id = 'a3'");
      const lines: string[] = [];
      const { store: metrics } = metricsAlone();
      const cleanup = new Cleanup({
        store: store.retention,
        settings: { days: 14, failureDays: 90, maxBytes: undefined },
        metrics,
        logger: pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) }),
        clock: { now: () => T0, isSteady: true },
      });
      await cleanup.run();
      await cleanup.run();
      assert.deepEqual(
        (await place.query('SELECT DISTINCT call_id FROM events ORDER BY call_id')).map(({ call_id }) => call_id),
        ['a1', 'a2'],
      );
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? '', /are not partitioned by day/);
    } finally {
      await store.close();
    }
  });
  const later = await Store.open(place.url);
  assert.deepEqual(await place.query("SELECT relkind::text FROM pg_class WHERE oid = 'events'::regclass"), [
    { relkind: 'p' },
  ]);
  await later.close();
});

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import type { Metrics } from '../../src/metrics/metrics.ts';
import { Cleanup } from '../../src/service/cleanup.ts';
import { type Day, Days } from '../../src/store/days.ts';
import type { Store } from '../../src/store/store.ts';
import { metricsAlone, scraped } from '../app/metrics/metricsAlone.ts';
import { recordOnly, webhooksOf } from '../core/scenario.ts';
import { attempt, openReplicas } from './openStore.ts';
import * as stored from './storedEvents.ts';

/** The first moment of 22 November, at which these tests run. They make partitions of other days beforehand. */
const MIDNIGHT = 1_795_305_600_000;

const DAY = 86_400_000;
const SHIFT = MIDNIGHT - stored.T0;
/** The webhooks of other tests, at milliseconds after midnight. */
const status = (call: string, at: number, more: Parameters<typeof stored.status>[2] = {}) =>
  stored.status(call, SHIFT + at, more);
const failed = (call: string, at: number, more: Parameters<typeof stored.failed>[2] = {}) =>
  stored.failed(call, SHIFT + at, more);
const joined = (room: string, sipCallId: string, at: number) => stored.joined(room, sipCallId, SHIFT + at, 'x');
const CONNECTED = recordOnly(webhooksOf({ ringing: [100], response: [200, 'OK', 1_000] }));
/** The oldest day that has expired at MIDNIGHT, with 14 days: its calls are 14 to 15 days old. */
const EXPIRED: Day = { start: MIDNIGHT - 15 * DAY, end: MIDNIGHT - 14 * DAY };
const AT_ONCE = <T>(work: () => Promise<T>) => work();

describe('the partitions by day of PostgreSQL', () => {
  let replicas: Awaited<ReturnType<typeof openReplicas>>;
  let store: Store;
  let bring: (typeof replicas)['replicas'][number]['bring'];
  let days: Days;
  let metrics: Metrics;

  beforeEach(async () => {
    replicas = await openReplicas(1);
    const [first] = replicas.replicas;
    assert.ok(first);
    ({ store, bring } = first);
    ({ days } = store.retention);
    metrics = metricsAlone();
  });
  afterEach(() => replicas.close());

  const query = async (sql: string) => (await store.database.all<{ x: string }>(sql)).map(({ x }) => x).toSorted();
  const partitions = (table = 'events') =>
    query(`SELECT relname AS x FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
      WHERE inhparent = '${table}_days'::regclass`);
  /** The partition of each webhook, with its call or room. */
  const places = (table = 'events', key = 'call_id') =>
    query(`SELECT ${key} || ' ' || tableoid::regclass AS x FROM ${table}`);
  const cleanup = (maxBytes?: number, retention = store.retention, now = MIDNIGHT) =>
    new Cleanup({
      store: retention,
      settings: { days: 14, failureDays: 90, maxBytes },
      metrics: metrics.store,
      logger: pino({ level: 'silent' }),
      clock: { now: () => now, isSteady: true },
    });
  const deleted = async (outcome: string) =>
    Number(
      new RegExp(`^sipwhy_retention_deleted_calls_total\\{outcome="${outcome}"\\} (\\d+)$`, 'm').exec(
        await scraped(metrics),
      )?.[1],
    );

  /** Two webhooks of a call that came at a time, one of LiveKit's about its room, and its verdict. */
  async function call(id: string, at: number, outcome: 'failed' | 'connected'): Promise<void> {
    const from = `+1555${id}`;
    await bring(
      status(id, at, { sbcCallId: `sip-${id}`, from }),
      failed(id, at + 1, { sbcCallId: `sip-${id}`, from }),
      joined(`RM_${id}`, `sip-${id}`, at + 2),
    );
    const given = attempt(id, { startedAt: MIDNIGHT + at, settledAt: MIDNIGHT + at + 3 });
    const record = outcome === 'failed' ? given.record : { ...CONNECTED, id: given.id, callSid: given.callSid };
    await store.calls.saveAttempts([{ ...given, record }]);
    await store.database.run('DELETE FROM open_calls WHERE call_id = $1', [given.callId]);
  }

  it('are made for the day and the two after it, by any number of replicas at once', async () => {
    const before = await partitions();
    await Promise.all(Array.from({ length: 4 }, () => new Days(store.database).prepare(MIDNIGHT - 40 * DAY + DAY - 1)));
    const made = ['20261013', '20261014', '20261015'];
    for (const table of ['events', 'livekit_events']) {
      const own = made.map((day) => `${table}_${day}`);
      assert.deepEqual(
        (await partitions(table)).filter((name) => own.includes(name)),
        own,
      );
    }
    assert.equal((await partitions()).length, before.length + 3);
  });

  it('take in a webhook by its UTC day', async () => {
    await days.prepare(MIDNIGHT - 40 * DAY);
    await bring(
      status('1', -40 * DAY),
      status('2', -39 * DAY - 1),
      status('3', -39 * DAY),
      joined('RM_1', 's', -39 * DAY),
    );
    assert.deepEqual(await places(), ['a1 events_20261013', 'a2 events_20261013', 'a3 events_20261014']);
    assert.deepEqual(await places('livekit_events', 'room'), ['RM_1 livekit_events_20261014']);
  });

  it('lose no webhook whose day is missing, and can be made for it afterwards', async () => {
    await bring(status('1', -40 * DAY), joined('RM_1', 's', -40 * DAY));
    assert.deepEqual(await places(), ['a1 events_other']);
    await days.prepare(MIDNIGHT - 40 * DAY);
    await bring(status('2', -40 * DAY));
    assert.deepEqual(await places(), ['a1 events_kept', 'a2 events_20261013']);
    assert.deepEqual(await places('livekit_events', 'room'), ['RM_1 livekit_events_kept']);
  });

  it('recognise a webhook again, wherever its row is', async () => {
    await days.prepare(MIDNIGHT - 40 * DAY);
    const webhooks = [status('1', -40 * DAY), status('2', -50 * DAY), joined('RM_1', 's', -40 * DAY)];
    await bring(...webhooks);
    assert.deepEqual((await bring(...webhooks)).results, ['known', 'known', 'known']);
    await store.database.run('UPDATE events SET kept = true');
    await store.database.run('UPDATE livekit_events SET kept = true');
    assert.deepEqual((await bring(...webhooks)).results, ['known', 'known', 'known']);
    assert.deepEqual((await bring(status('1', -40 * DAY + 1, { digest: webhooks[0]?.digest ?? '' }))).results, [
      'repeated',
    ]);
  });

  it('are dropped once expired: webhooks of failed and of open calls stay, whole and readable', async () => {
    await days.prepare(EXPIRED.start);
    await call('1', -15 * DAY, 'connected');
    await call('2', -15 * DAY + 10, 'failed');
    await call('3', -14 * DAY - 10, 'connected');
    await call('4', -14 * DAY, 'connected');
    await bring(status('5', -15 * DAY, { sbcCallId: 'sip-5', from: '+15555' }), joined('RM_5', 'sip-5', -15 * DAY));
    await bring(joined('RM_6', 'of no call', -15 * DAY));
    const before = await store.calls.find('b2');
    await cleanup().run();
    assert.deepEqual(await places(), [
      'a2 events_kept',
      'a2 events_kept',
      'a4 events_20261108',
      'a4 events_20261108',
      'a5 events_kept',
    ]);
    assert.deepEqual(await places('livekit_events', 'room'), [
      'RM_2 livekit_events_kept',
      'RM_4 livekit_events_20261108',
      'RM_5 livekit_events_kept',
    ]);
    assert.equal((await partitions()).includes('events_20261107'), false);
    assert.equal((await partitions('livekit_events')).includes('livekit_events_20261107'), false);
    assert.equal(before?.events.length, 2);
    assert.deepEqual(await store.calls.find('b2'), before);
    assert.deepEqual([(await store.loader.load(['a5'])).get('a5')?.events.length, await store.due.count()], [1, 1]);
    assert.deepEqual([await deleted('connected'), await deleted('failed'), await deleted('not_counted')], [2, 0, 0]);
    for (const table of ['attempts', 'sip_call_ids']) {
      const left = await query(`SELECT call_id AS x FROM ${table}`);
      assert.deepEqual(left, table === 'attempts' ? ['a2', 'a4'] : ['a2', 'a4', 'a5'], table);
    }
  });

  it('are dropped by several replicas at once, and each call is counted once', async () => {
    await days.prepare(EXPIRED.start);
    for (let i = 10; i < 30; i += 1) await call(String(i), -15 * DAY + i, i % 4 === 0 ? 'failed' : 'connected');
    await Promise.all([cleanup().run(), cleanup().run(), cleanup().run()]);
    assert.deepEqual([await deleted('connected'), await deleted('failed')], [15, 0]);
    assert.deepEqual(
      await places(),
      [12, 16, 20, 24, 28].flatMap((i) => [`a${i} events_kept`, `a${i} events_kept`]),
    );
  });

  it('expire as whole days: a call stays until its day is over', async () => {
    await days.prepare(EXPIRED.end);
    await call('1', -14 * DAY + 1_000, 'connected');
    await cleanup(undefined, store.retention, MIDNIGHT + DAY - 1).run();
    assert.deepEqual(await places(), ['a1 events_20261108', 'a1 events_20261108']);
    assert.equal(await deleted('connected'), 0);
  });

  it('are dropped one in a turn, the oldest first', async () => {
    await days.prepare(MIDNIGHT - 20 * DAY);
    await call('1', -20 * DAY, 'connected');
    await call('2', -19 * DAY, 'connected');
    await call('3', -18 * DAY, 'connected');
    const left: string[][] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      await cleanup().run();
      left.push([...new Set(await query('SELECT call_id AS x FROM events'))]);
    }
    assert.deepEqual(left, [['a2', 'a3'], ['a3'], []]);
  });

  it('stay while older calls fill a turn, so that their webhooks need not be moved', async () => {
    await call('1', -17 * DAY, 'connected');
    await days.prepare(EXPIRED.start);
    await call('2', -15 * DAY, 'connected');
    await cleanup().run();
    assert.deepEqual(await places(), ['a2 events_20261107', 'a2 events_20261107']);
    await cleanup().run();
    assert.deepEqual(await places(), []);
    assert.equal(await deleted('connected'), 2);
  });

  it('stay while another has them, and are dropped later', async () => {
    await days.prepare(EXPIRED.start);
    await call('1', -15 * DAY, 'connected');
    await call('2', -15 * DAY, 'failed');
    await store.database.snapshot(async (reader) => {
      await reader.all('SELECT 1 FROM events LIMIT 1');
      assert.equal(await days.drop(EXPIRED, AT_ONCE), false);
    });
    assert.equal((await partitions()).includes('events_20261107'), true);
    await cleanup().run();
    assert.equal((await partitions()).includes('events_20261107'), false);
    assert.deepEqual(await places(), ['a2 events_kept', 'a2 events_kept']);
  });

  it('stay if webhooks of them come while they are looked through', async () => {
    await days.prepare(EXPIRED.start);
    await call('1', -15 * DAY, 'failed');
    let steps = 0;
    const isDropped = await days.drop(EXPIRED, async (work) => {
      const result = await work();
      steps += 1;
      // After the calls of the day were looked through, and before it is dropped.
      if (steps === 3) await bring(status('0', -15 * DAY, { from: 'x' }));
      return result;
    });
    assert.equal(isDropped, false);
    assert.deepEqual(await places(), ['a0 events_20261107', 'a1 events_kept', 'a1 events_kept']);
    assert.equal(await days.drop(EXPIRED, AT_ONCE), true);
    assert.deepEqual(await places(), ['a0 events_kept', 'a1 events_kept', 'a1 events_kept']);
  });

  it('are looked through to the end, however many calls stay', async () => {
    await days.prepare(EXPIRED.start);
    await store.database.run(`INSERT INTO events (received_at, call_id, call_sid, kind, digest, event, body)
      SELECT ${EXPIRED.start}, i, i, 'status', i, '{}', '' FROM generate_series(1, 1501) AS i`);
    await store.database.run('INSERT INTO open_calls (call_id) SELECT call_id FROM events WHERE seq % 2 = 0');
    const [open] = await query('SELECT COUNT(*) AS x FROM open_calls');
    assert.equal(await days.drop(EXPIRED, AT_ONCE), true);
    assert.deepEqual(await query('SELECT COUNT(*) AS x FROM events'), [open]);
  });

  it('make room: the oldest day without its failed calls first, and today last', async () => {
    await days.prepare(MIDNIGHT - 2 * DAY);
    for (const [i, at] of [-2 * DAY, -DAY, 0].entries()) {
      await call(`${i}0`, at, 'connected');
      await call(`${i}1`, at, 'failed');
    }
    const sized = (limit: number) => {
      const retention = Object.create(store.retention) as typeof store.retention;
      return cleanup(
        limit,
        Object.assign(retention, {
          isShared: true,
          days,
          usedBytes: async () => (await store.database.all('SELECT 1 FROM events')).length,
          deleteCalls: store.retention.deleteCalls.bind(store.retention),
          deleteLiveKitEvents: store.retention.deleteLiveKitEvents.bind(store.retention),
          deleteIncidents: async () => false,
          deleteConfigurations: async () => {},
          deletePredictions: async () => {},
          deleteAppliedChanges: async () => {},
          purge: async () => {},
        }),
        MIDNIGHT + 1_000,
      );
    };
    const calls = async () => [...new Set(await query('SELECT call_id AS x FROM events'))];
    await sized(11).run();
    assert.deepEqual(await calls(), ['a01', 'a10', 'a11', 'a20', 'a21']);
    await sized(8).run();
    assert.deepEqual(await calls(), ['a01', 'a11', 'a20', 'a21']);
    await sized(4).run();
    assert.equal(await deleted('connected'), 3);
  });

  it('are all counted as used space', async () => {
    await days.prepare(EXPIRED.start);
    await store.database.run(`INSERT INTO events (received_at, call_id, call_sid, kind, digest, event, body)
      SELECT ${EXPIRED.start} + i % 2 * ${DAY}, i, i, 'status', i, '{}', repeat('x', 1000)::bytea
      FROM generate_series(1, 200) AS i`);
    await store.database.run('UPDATE events SET kept = true WHERE seq % 4 = 0');
    await store.database.run('ANALYZE');
    const live = `SELECT SUM(n_live_tup)::text AS x FROM pg_stat_user_tables
      WHERE schemaname = current_schema() AND relname LIKE 'events%'`;
    for (let [known] = await query(live); Number(known) < 200; [known] = await query(live));
    assert.ok((await store.retention.usedBytes()) > 200_000);
  });
});

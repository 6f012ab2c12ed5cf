import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import type { Metrics } from '../../src/metrics/metrics.ts';
import { Cleanup } from '../../src/service/cleanup.ts';
import type { Database } from '../../src/store/database.ts';
import type { Retention } from '../../src/store/retention.ts';
import { metricsAlone, scraped } from '../app/metrics/metricsAlone.ts';
import { recordOnly, webhooksOf } from '../core/scenario.ts';
import { type OpenStore, openStore } from './openStore.ts';
import { DATABASES } from './schema/databases.ts';

const FAILED = recordOnly(webhooksOf({ response: [503, 'Try again later', 200] }));
const CONNECTED = recordOnly(webhooksOf({ ringing: [100], response: [200, 'OK', 1_000] }));
const RECORDS = {
  failed: FAILED,
  connected: CONNECTED,
  dropped: { ...CONNECTED, outcome: 'dropped', cause: 'agent_left_caller', party: 'agent' },
  not_counted: { ...CONNECTED, outcome: 'not_counted' },
} as const;
type Outcome = keyof typeof RECORDS;

const DAY = 86_400_000;
const NOW = 1_795_387_200_000;

/** All tables with rows by call. */
const TABLES = ['attempts', 'sip_call_ids', 'rooms_by_numbers', 'legs_by_numbers'];

for (const kind of DATABASES) {
  const { name } = kind;
  describe(`retention on ${name}`, () => {
    let opened: OpenStore;
    let database: Database;
    let retention: Retention;
    let metrics: Metrics;

    beforeEach(async () => {
      opened = await openStore(kind);
      ({ database, retention } = opened.store);
      metrics = metricsAlone();
    });
    afterEach(() => opened.close());

    const cleanup = (maxBytes?: number, store: Retention = retention, isSteady = true) =>
      new Cleanup({
        store,
        settings: { days: 14, failureDays: 90, maxBytes },
        metrics: metrics.store,
        logger: pino({ level: 'silent' }),
        clock: { now: () => NOW, isSteady },
      });

    /** A call with so many webhooks, the attempts of which ended so. */
    async function call(id: string, daysAgo: number, outcomes: readonly Outcome[], webhooks = 4): Promise<void> {
      const settledAt = NOW - daysAgo * DAY;
      await database.transaction(async (queries) => {
        for (let i = 0; i < webhooks; i += 1) {
          await queries.run(
            `INSERT INTO events (received_at, call_id, call_sid, kind, digest, event, body)
             VALUES ($1, $2, $2, 'status', $3, '{}', $4)`,
            [settledAt, id, `${id} ${i}`, randomBytes(2_000)],
          );
        }
        await queries.run('INSERT INTO sip_call_ids (sip_call_id, call_id) VALUES ($1, $2)', [`sip ${id}`, id]);
        await queries.run('INSERT INTO rooms_by_numbers (room, call_id) VALUES ($1, $2)', [
          `room by numbers ${id}`,
          id,
        ]);
        await queries.run('INSERT INTO legs_by_numbers (numbers, call_id, heard_at) VALUES ($1, $1, 0)', [id]);
      });
      await opened.store.calls.saveAttempts(
        outcomes.map((outcome, i) => ({
          id: `${id}/${i}`,
          callSid: `${id}/${i}`,
          callId: id,
          startedAt: settledAt - 1_000,
          settledAt,
          record: { ...RECORDS[outcome], id: `${id}/${i}`, callSid: `${id}/${i}` },
        })),
      );
    }

    async function liveKitEvent(
      digest: string,
      daysAgo: number,
      room: string,
      sipCallId: string | null,
    ): Promise<void> {
      await database.run(
        `INSERT INTO livekit_events (received_at, room, name, sip_call_id, digest, event, body)
         VALUES ($1, $2, 'participant_joined', $3, $4, '{}', $5)`,
        [NOW - daysAgo * DAY, room, sipCallId, digest, Buffer.alloc(500)],
      );
    }

    const column = async (sql: string) => (await database.all<{ x: string }>(sql)).map(({ x }) => x).toSorted();
    const kept = () => column('SELECT DISTINCT call_id AS x FROM events');

    it('keeps failures longer than other calls, and a call as a whole', async () => {
      await call('connected, young', 13, ['connected']);
      await call('connected, old', 15, ['connected']);
      await call('not counted, old', 15, ['not_counted']);
      await call('failed, 15 days', 15, ['failed']);
      await call('dropped, 15 days', 15, ['dropped']);
      await call('dropped, 91 days', 91, ['dropped']);
      await call('failed, then connected, 15 days', 15, ['failed', 'connected']);
      await call('failed, 91 days', 91, ['failed']);
      await cleanup().run();
      const left = ['connected, young', 'dropped, 15 days', 'failed, 15 days', 'failed, then connected, 15 days'];
      assert.deepEqual(await kept(), left);
      for (const table of TABLES) {
        assert.deepEqual(await column(`SELECT DISTINCT call_id AS x FROM ${table}`), left, table);
      }
      const keys = await column('SELECT id AS x FROM attempt_keys');
      assert.deepEqual(keys, await column('SELECT id AS x FROM attempts'));
      const text = await scraped(metrics);
      assert.match(text, /^sipwhy_retention_deleted_calls_total\{outcome="connected"\} 1$/m);
      assert.match(text, /^sipwhy_retention_deleted_calls_total\{outcome="not_counted"\} 1$/m);
      assert.match(text, /^sipwhy_retention_deleted_calls_total\{outcome="failed"\} 2$/m);
    });

    it('deletes nothing by age while the clock is not to be trusted', async () => {
      await call('connected, old', 15, ['connected']);
      await liveKitEvent('of no call', 15, 'R3', null);
      await cleanup(undefined, retention, false).run();
      assert.deepEqual(await kept(), ['connected, old']);
      assert.deepEqual(await column('SELECT digest AS x FROM livekit_events'), ['of no call']);
    });

    it('deletes in one turn what is within a day of the oldest of its kind', async () => {
      // More than are examined in one step, so that the limit is in force for the rest.
      for (let i = 0; i < 50; i += 1) await call(`a connected ${i}`, 30, ['connected'], 1);
      await call('b connected, 29 days', 29.01, ['connected'], 1);
      await call('c connected, 28 days', 28.99, ['connected'], 1);
      await call('d failed, 95 days', 95, ['failed'], 1);
      for (let i = 0; i < 50; i += 1) await call(`e failed ${i}`, 94.5, ['failed'], 1);
      await call('f failed, 93 days', 93.9, ['failed'], 1);
      for (let i = 0; i < 260; i += 1) await liveKitEvent(`old ${i}`, 30, 'R3', null);
      await liveKitEvent('later', 28.9, 'R3', null);
      await cleanup().run();
      assert.deepEqual(await kept(), ['c connected, 28 days', 'f failed, 93 days']);
      assert.deepEqual(await column('SELECT digest AS x FROM livekit_events'), ['later']);
      await cleanup().run();
      assert.deepEqual(await kept(), []);
      assert.deepEqual(await column('SELECT digest AS x FROM livekit_events'), []);
    });

    it('deletes versions of the configuration 90 days after they were last read, but not the latest', async () => {
      const insert = (follows: number, seenDaysAgo: number) =>
        database.run(
          'INSERT INTO configurations (first_seen_at, last_seen_at, snapshot, changes, digest, follows) VALUES (0, $1, $2, $2, $3, $4)',
          [NOW - seenDaysAgo * DAY, Buffer.from('x'), `${follows}`, follows],
        );
      await insert(1, 91);
      await insert(2, 89);
      await insert(3, 91);
      await cleanup().run();
      assert.deepEqual(await column('SELECT digest AS x FROM configurations'), ['2', '3']);
    });

    it('never deletes a call that is open', async () => {
      await call('open', 365, ['connected']);
      await database.run("INSERT INTO open_calls (call_id) VALUES ('open')");
      await cleanup(1).run();
      assert.deepEqual(await kept(), ['open']);
    });

    it('deletes few rows at once, also of a call with thousands', async () => {
      await call('long', 15, ['connected'], 1_100);
      const before = (await database.all('SELECT seq FROM events')).length;
      await retention.deleteCalls({ failuresBefore: 0, othersBefore: NOW });
      const after = (await database.all('SELECT seq FROM events')).length;
      assert.ok(before - after > 0 && before - after <= 300, `${before - after} at once`);
      assert.deepEqual(await column('SELECT call_id AS x FROM attempts'), ['long']);
      await cleanup().run();
      assert.deepEqual([...(await kept()), ...(await column('SELECT call_id AS x FROM attempts'))], []);
    });

    it('deletes LiveKit’s webhooks once no call of their room is left', async () => {
      await call('kept', 15, ['failed']);
      await call('gone', 15, ['connected']);
      await liveKitEvent('of the call that goes', 15, 'R1', 'sip gone');
      await liveKitEvent('the agent’s beside it', 15, 'R1', null);
      await liveKitEvent('of the call that stays', 15, 'R2', 'sip kept');
      await liveKitEvent('the agent’s beside that', 15, 'R2', null);
      await liveKitEvent('by numbers, gone', 15, 'room by numbers gone', null);
      await liveKitEvent('by numbers, kept', 15, 'room by numbers kept', null);
      await liveKitEvent('of no call', 15, 'R3', null);
      await liveKitEvent('of no call, young', 13, 'R3', null);
      await cleanup().run();
      assert.deepEqual(await column('SELECT digest AS x FROM livekit_events'), [
        'by numbers, kept',
        'of no call, young',
        'of the call that stays',
        'the agent’s beside that',
      ]);
    });

    it('deletes incidents that were closed long ago', async () => {
      const insert = (id: string, closedDaysAgo: number | undefined) =>
        database.run(
          "INSERT INTO incidents (id, cause, trunk, opened_at, closed_at, changed_at, incident) VALUES ($1, 'auth_missing', $1, 0, $2, 0, '{}')",
          [id, closedDaysAgo === undefined ? null : NOW - closedDaysAgo * DAY],
        );
      await insert('open', undefined);
      await insert('closed lately', 89);
      await insert('closed long ago', 91);
      await cleanup().run();
      assert.deepEqual(await column('SELECT id AS x FROM incidents'), ['closed lately', 'open']);
    });

    it('deletes predicted incidents as long after they closed as failed calls are kept, and never open ones', async () => {
      const insert = (id: string, closedDaysAgo: number | undefined) =>
        database.run(
          "INSERT INTO predictions (id, fault, opened_at, closed_at, prediction) VALUES ($1, $1, 0, $2, '{}')",
          [id, closedDaysAgo === undefined ? null : NOW - closedDaysAgo * DAY],
        );
      await insert('open', undefined);
      await insert('closed lately', 89);
      await insert('closed long ago', 91);
      await cleanup().run();
      assert.deepEqual(await column('SELECT id AS x FROM predictions'), ['closed lately', 'open']);
    });

    it('deletes applied changes after 90 days', async () => {
      for (const [id, days] of [
        ['90 days ago', 90],
        ['91 days ago', 91],
      ] as const) {
        const change = { id, at: NOW - days * DAY, by: 'ada', subject: 'a1', cause: 'caller_not_allowed' };
        await opened.store.applied.add({ ...change, changes: [], edits: [] });
      }
      await cleanup().run();
      assert.deepEqual(await column('SELECT id AS x FROM applied_changes'), ['90 days ago']);
    });

    it('makes room from the oldest on, calls that did not fail first', async () => {
      for (let i = 1; i <= 60; i += 1) {
        await call(`connected ${String(i).padStart(2, '0')}`, i / 10, ['connected'], 10);
        await call(`failed ${String(i).padStart(2, '0')}`, i / 10, ['failed'], 10);
      }
      if (name === 'PostgreSQL') await database.run('ANALYZE');
      await settledStatistics(database, name);
      const full = await retention.usedBytes();
      assert.ok(full > 60 * 2 * 10 * 2_000, `${full} bytes`);
      // On PostgreSQL the number of rows is an estimate that follows a little later: so the size is told from the rows.
      const store = name === 'SQLite' ? retention : countedRows(retention, database);
      await cleanup((await store.usedBytes()) * 0.8, store).run();
      const some = await kept();
      assert.equal(some.filter((id) => id.startsWith('failed')).length, 60);
      const connected = some.filter((id) => id.startsWith('connected'));
      assert.ok(connected.length > 0 && connected.length < 60, `${connected.length} left`);
      // The youngest are left, without a gap.
      assert.equal(connected.at(-1), `connected ${String(connected.length).padStart(2, '0')}`);

      await cleanup((await store.usedBytes()) * 0.4, store).run();
      const fewer = await kept();
      assert.equal(fewer.filter((id) => id.startsWith('connected')).length, 0);
      assert.ok(fewer.length > 0 && fewer.length < 60, `${fewer.length} left`);
      assert.equal(fewer.at(-1), `failed ${String(fewer.length).padStart(2, '0')}`);
    });

    it('by several at once deletes and counts each call once', async () => {
      for (let i = 0; i < 200; i += 1) await call(`old ${i}`, 15, ['connected'], 2);
      await Promise.all([cleanup().run(), cleanup().run(), cleanup().run()]);
      assert.deepEqual(await kept(), []);
      assert.match(await scraped(metrics), /^sipwhy_retention_deleted_calls_total\{outcome="connected"\} 200$/m);
    });
  });
}

/** Waits until PostgreSQL's statistics hold what was written. */
async function settledStatistics(database: Database, kind: string): Promise<void> {
  if (kind !== 'PostgreSQL') return;
  for (;;) {
    const [row] = await database.all<{ n: number }>(
      "SELECT SUM(n_live_tup)::bigint AS n FROM pg_stat_user_tables WHERE schemaname = current_schema() AND relname LIKE 'events%'",
    );
    if ((row?.n ?? 0) >= 1_200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The same, but the size is that of the rows which are there now. */
function countedRows(retention: Retention, database: Database): Retention {
  return Object.assign(Object.create(retention) as Retention, {
    purge: () => retention.purge(),
    usedBytes: async () => (await database.all('SELECT seq FROM events')).length * 1_000,
    deleteCalls: retention.deleteCalls.bind(retention),
    deleteLiveKitEvents: retention.deleteLiveKitEvents.bind(retention),
    deleteIncidents: retention.deleteIncidents.bind(retention),
    deleteConfigurations: retention.deleteConfigurations.bind(retention),
    deletePredictions: retention.deletePredictions.bind(retention),
    deleteAppliedChanges: retention.deleteAppliedChanges.bind(retention),
  });
}

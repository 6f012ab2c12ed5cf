import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Delivered, deliver } from '../../src/journal/delivery.ts';
import type { FeederEvents } from '../../src/journal/feeder.ts';
import { PostgresStore } from '../../src/journal/postgres.ts';
import { PostgresDatabase, StoreAway } from '../../src/journal/postgresDatabase.ts';
import { Spool } from '../../src/journal/spool.ts';
import type { NewEvent, StoredAttempt } from '../../src/journal/store.ts';
import { parseTrunk } from '../../src/trunks/readSnapshot.ts';
import { Snapshot } from '../../src/trunks/snapshot.ts';
import { recordOnly, trunk, webhooksOf } from '../core/scenario.ts';
import { type Place, postgresSchema, sqliteFile } from './databases.ts';
import { IGNORED, joined, status, T0, until } from './events.ts';

/** Nobody listens there. */
const NOBODY = 'postgres://postgres@127.0.0.1:1/test';
const LATER = T0 + 10 * 60_000;

describe('replicas that share a PostgreSQL', () => {
  let place: Awaited<ReturnType<typeof postgresSchema>>;
  let spools: Place[];
  let stores: PostgresStore[];

  beforeEach(async () => {
    place = await postgresSchema();
    spools = [];
    stores = [];
  });
  afterEach(async () => {
    for (const store of stores) await store.close();
    for (const { remove } of [...spools, place]) await remove();
  });

  const spoolFile = async () => {
    const file = await sqliteFile();
    spools.push(file);
    return file.url;
  };
  /** A replica that brings its spool over once it is started. */
  const replica = async (events: Partial<FeederEvents> = {}, spool?: string, url = place.url) => {
    const store = await PostgresStore.open(url, spool ?? (await spoolFile()), { ...IGNORED, ...events });
    stores.push(store);
    return store;
  };
  const empty = (store: PostgresStore) => until(async () => (await store.spool.state()).waiting === 0);
  /** When the events of a call were received, in milliseconds after T0, as PostgreSQL has them. */
  const stored = async (call: string) => {
    const rows = await place.query(`SELECT received_at FROM events WHERE call_id = 'a${call}' ORDER BY received_at`);
    return rows.map((row) => Number(row.received_at) - T0);
  };
  const appendAll = (store: PostgresStore, events: readonly NewEvent[]) =>
    Promise.all(events.map((event) => store.append(event)));
  const attempt = (call: string): StoredAttempt => ({
    id: `a${call}`,
    callSid: `b${call}`,
    callId: `a${call}`,
    startedAt: T0,
    settledAt: T0 + 1_000,
    record: {
      ...recordOnly(webhooksOf({ response: [503, 'Try again later', 200] })),
      id: `a${call}`,
      callSid: `b${call}`,
    },
  });

  it('keep a delivery once that reached them at the same moment', async () => {
    const results: Delivered[] = [];
    const both = await Promise.all([1, 2].map(() => replica({ onDelivered: (some) => results.push(...some) })));
    const events = Array.from({ length: 300 }, (_, i) => status(`${i % 30}`, i));
    for (const store of both) await appendAll(store, events);
    for (const store of both) store.start();
    await Promise.all(both.map(empty));
    assert.equal((await place.query('SELECT 1 FROM events')).length, 300);
    assert.equal(results.filter((result) => result === 'stored').length, 300);
    assert.equal(results.filter((result) => result === 'repeated').length, 300);
    assert.deepEqual(await place.query('SELECT * FROM deliveries'), []);
  });

  it('keep two equal webhooks without a signature, also where the later one arrives first', async () => {
    const unsigned = (at: number) => ({ ...status('1', at, { digest: 'ringing' }), repeatWithinMs: 500 });
    for (const at of [1_000, 0, 1_300]) {
      const store = await replica();
      await store.append(unsigned(at));
      store.start();
      await empty(store);
    }
    assert.deepEqual(await stored('1'), [0, 1_000]);
  });

  it('are brought the same again after a kill between the commit and the spool’s deletion, and keep it once', async () => {
    const file = await spoolFile();
    const spool = await Spool.open(file);
    const first = await replica({}, undefined);
    const events = [...Array.from({ length: 20 }, (_, i) => status('1', i)), joined('RM_1', 'sip-1', 5)];
    for (const event of events) await spool.append(event);
    const database = new PostgresDatabase(place.url);
    assert.deepEqual(new Set(await deliver(database, (await spool.oldest(100)).slice(0, 15))), new Set(['stored']));
    await database.close();
    await spool.close();

    const results: Delivered[] = [];
    const restarted = await replica({ onDelivered: (some) => results.push(...some) }, file);
    restarted.start();
    await empty(restarted);
    assert.equal(results.filter((result) => result === 'known').length, 15);
    assert.equal(results.filter((result) => result === 'stored').length, 6);
    assert.equal((await stored('1')).length, 20);
    assert.equal((await first.liveKit.ofRoom('RM_1')).length, 1);
  });

  it('may share a spool by accident', async () => {
    const file = await spoolFile();
    const results: Delivered[] = [];
    const both = [await replica({ onDelivered: (some) => results.push(...some) }, file), await replica({}, file)];
    for (const store of both) store.start();
    await Promise.all(Array.from({ length: 200 }, (_, i) => both[i % 2]?.append(status('1', i))));
    await Promise.all(both.map(empty));
    assert.equal((await stored('1')).length, 200);
  });

  it('set a webhook aside that PostgreSQL refuses, and bring the others over', async () => {
    const refused: string[] = [];
    const store = await replica({ onSetAside: ({ event }) => refused.push('callSid' in event ? event.callSid : '') });
    const events = Array.from({ length: 20 }, (_, i) => status('1', i));
    await appendAll(store, [...events.slice(0, 7), status('1', 100, { callSid: 'no\u0000text' }), ...events.slice(7)]);
    store.start();
    await empty(store);
    assert.deepEqual(refused, ['no\u0000text']);
    assert.equal((await stored('1')).length, 20);
    assert.equal((await store.spool.state()).refused, 1);
  });

  it('take webhooks while PostgreSQL is away, and say of the rest that it cannot be known', async () => {
    const away: string[] = [];
    const store = await replica({ onAway: (error) => away.push(error.message) }, undefined, NOBODY);
    store.start();
    assert.equal((await store.append(status('1', 0))).result, 'stored');
    assert.equal((await store.findCall('b1'))?.events.length, 1);
    await assert.rejects(store.findCall('another'), StoreAway);
    await until(() => away.length > 0);
    assert.match(away[0] ?? '', /^PostgreSQL is away: .*ECONNREFUSED/);
    assert.equal(store.isCaughtUp, false);
  });

  it('tell a failure of their own spool from PostgreSQL that is away', async () => {
    const file = await spoolFile();
    const away: Error[] = [];
    const faults: (string | undefined)[] = [];
    const onSpool = (error?: Error) => void faults.push(error?.message);
    const store = await replica({ onAway: (error) => away.push(error), onSpool }, file);
    const disk = new DatabaseSync(file);
    disk.exec("CREATE TRIGGER full BEFORE DELETE ON spool BEGIN SELECT RAISE(ABORT, 'disk is full'); END");
    await store.append(status('1', 0));
    store.start();
    await until(() => faults.length > 1);
    assert.deepEqual(new Set(faults), new Set(['disk is full']));
    // PostgreSQL has it, once.
    assert.deepEqual(await stored('1'), [0]);
    disk.exec('DROP TRIGGER full');
    disk.close();
    await empty(store);
    await until(() => faults.at(-1) === undefined);
    assert.deepEqual([away, await stored('1')], [[], [0]]);
  });

  it('refuse a PostgreSQL that a newer version wrote', async () => {
    await (await replica()).liveKit.since(0);
    await place.query('UPDATE sipwhy_schema SET version = 9999');
    await assert.rejects(replica(), /newer version of sipwhy/);
  });

  it('take a call that is due once, and hand it back with its verdict or not at all', async () => {
    const [one, other] = [await replica(), await replica()];
    one.start();
    await one.append(status('1', 0, { callStatus: 'failed', sipStatus: 503 }));
    await empty(one);
    assert.deepEqual(await one.due.claim(T0, 10), []);
    const [claimed] = await one.due.claim(LATER, 10);
    assert.equal(claimed?.callId, 'a1');
    assert.deepEqual(await other.due.claim(LATER, 10), []);
    // The first is gone; its lease runs out.
    const [taken] = await other.due.claim(LATER + 60_000, 10);
    assert.ok(claimed && taken);
    const late = await one.due.handBack([{ call: claimed, attempts: [attempt('1')], dueAt: undefined }]);
    assert.deepEqual(late.firsts, []);
    const saved = await other.due.handBack([{ call: taken, attempts: [attempt('1')], dueAt: undefined }]);
    assert.deepEqual(
      saved.firsts.map(({ callSid }) => callSid),
      ['b1'],
    );
    assert.equal(await one.due.count(), 0);
  });

  it('judge a call again when something came while it was judged, and not for each 180', async () => {
    const store = await replica();
    store.start();
    await store.append(status('1', 0, { callStatus: 'failed', sipStatus: 503 }));
    await empty(store);
    const [claimed] = await store.due.claim(T0 + 1_000, 10);
    assert.ok(claimed);
    await store.append(status('1', 900, { callStatus: 'completed', sipStatus: 200 }));
    await empty(store);
    await store.due.handBack([{ call: claimed, attempts: [attempt('1')], dueAt: undefined }]);
    const [again] = await store.due.claim(T0 + 1_000, 10);
    assert.equal(again?.events.length, 2);
    assert.equal(again.isJudged, false);
    assert.deepEqual(again.judged, [{ id: 'a1', callSid: 'b1' }]);
  });

  it('do not judge a call for each 180, but where it has a verdict already', async () => {
    const store = await replica();
    store.start();
    await store.append(status('1', 0));
    await empty(store);
    const [claimed] = await store.due.claim(LATER, 10);
    assert.ok(claimed);
    await store.due.handBack([{ call: claimed, attempts: [], dueAt: T0 + 200_000 }]);
    await store.append(status('1', 2_000, { callStatus: 'ringing', sipStatus: 180 }));
    await empty(store);
    assert.deepEqual(await store.due.claim(T0 + 199_000, 10), []);
    const [again] = await store.due.claim(T0 + 200_000, 10);
    assert.equal(again?.isJudged, false);
    await store.due.handBack([{ call: again, attempts: [attempt('1')], dueAt: T0 + 300_000 }]);
    await store.append(status('1', 3_000, { callStatus: 'ringing', sipStatus: 180 }));
    await empty(store);
    assert.equal((await store.due.claim(T0 + 3_250, 10))[0]?.isJudged, false);
  });

  it('know which verdicts were kept where the connection broke', async () => {
    const store = await replica();
    store.start();
    await appendAll(store, [status('1', 0), status('2', 0)]);
    await empty(store);
    const claimed = await store.due.claim(LATER, 10);
    const judged = claimed.map((call) => ({ call, attempts: [attempt(call.callId.slice(1))], dueAt: LATER }));
    await store.due.handBack(judged.slice(0, 1));
    assert.deepEqual([...(await store.due.keptOf(judged))], [judged[0]?.attempts[0]?.id]);
  });

  it('reopen a call for what LiveKit tells, by Call-ID or by numbers and time, whoever is told', async () => {
    const [one, other] = [await replica(), await replica()];
    one.start();
    other.start();
    await appendAll(one, [
      status('1', 0, { sbcCallId: 'sip-1', from: '+15550101' }),
      status('2', 0),
      status('3', 0, { from: '+15550103' }),
    ]);
    await empty(one);
    await one.finishCalls(['a1', 'a2', 'a3']);
    await appendAll(other, [joined('RM_1', 'sip-1', 400, '+15550101'), joined('RM_2', undefined, 500)]);
    await empty(other);
    const due = await one.due.claim(T0 + 1_000, 10);
    const rooms = due.map(({ callId, liveKitEvents }) => `${callId} ${liveKitEvents.map(({ room }) => room?.sid)}`);
    assert.deepEqual(rooms.sort(), ['a1 RM_1', 'a2 RM_2']);
    assert.equal(await one.due.heardAt(), T0 + 500);
  });

  it('find the calls that may be mistaken for one', async () => {
    const store = await replica();
    store.start();
    await appendAll(store, [
      status('1', 0),
      status('2', 5_000),
      status('3', 3_600_000),
      status('4', 0, { from: '+15550104' }),
    ]);
    await empty(store);
    assert.deepEqual([...(await store.due.rivalsOf('a1', [])).keys()], ['a2']);
  });

  it('number a configuration once that they read at the same moment', async () => {
    const both = [await replica(), await replica()];
    const version = {
      firstSeenAt: T0,
      lastSeenAt: T0,
      snapshot: new Snapshot({ trunks: [parseTrunk(trunk())], rules: [] }),
      changes: [],
    };
    const numbers = await Promise.all(both.map(({ configurations }) => configurations.add(version)));
    assert.equal(new Set(numbers).size, 1);
    assert.equal((await place.query('SELECT version FROM configurations')).length, 1);
  });
});

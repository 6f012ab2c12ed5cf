import assert from 'node:assert/strict';
import { renameSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { decodeWebhook, encodeWebhook, type JournalPosition } from '../../src/core/receive/webhook.ts';
import { Feeder, type FeederEvents } from '../../src/engine/feeder.ts';
import { frame } from '../../src/journal/frame.ts';
import { openJournal, segmentPath, segmentsIn } from '../../src/journal/segments.ts';
import { SetAside } from '../../src/journal/setAside.ts';
import type { Delivered, ReadWebhook } from '../../src/store/calls/delivery.ts';
import { Store } from '../../src/store/store.ts';
import { flipped, JournalDirectory } from '../journal/journalDirectory.ts';
import { type OpenStore, openStore } from '../store/openStore.ts';
import { DATABASES } from '../store/schema/databases.ts';
import { joined, status, T0, until } from '../store/storedEvents.ts';

/** A record of the journal. */
function recordOf({ event, ...webhook }: ReadWebhook): Buffer {
  return frame(encodeWebhook(webhook));
}

/** A feeder of a journal on disk, and the events that it reports. */
function feederOf(log: JournalDirectory, store: Store, onFed = () => {}) {
  const seen = {
    fed: [] as Delivered[],
    away: [] as string[],
    back: 0,
    aside: [] as string[],
    damaged: 0,
    lost: [] as number[],
  };
  const events: FeederEvents = {
    onFed(_, { results }) {
      seen.fed.push(...results);
      onFed();
    },
    onStoreDown: (error) => void seen.away.push(String(error)),
    onStoreWorked() {},
    onStoreBack() {
      seen.back += 1;
    },
    onSetAside: (reason) => void seen.aside.push(reason),
    onDamage(bytes) {
      seen.damaged += bytes;
    },
    onSegmentsLost: (bytes) => void seen.lost.push(bytes),
  };
  const feeder = new Feeder({ directory: log.path, ...openJournal(log.path) }, store, events);
  return { feeder, seen };
}

for (const kind of DATABASES) {
  describe(`the journal on its way to ${kind.name}`, () => {
    const log = new JournalDirectory();
    let opened: OpenStore;
    let stop: (() => Promise<void>)[];
    beforeEach(async () => {
      opened = await openStore(kind);
      stop = [];
    });
    afterEach(async () => {
      for (const end of stop) await end();
      await opened.close();
    });

    /** Starts a feeder, and waits until all that there is was brought. */
    const feedAll = async (store = opened.store) => {
      const { feeder, seen } = feederOf(log, store);
      stop.push(() => feeder.stop());
      feeder.start();
      await until(() => feeder.backlog.bytes === 0 && feeder.position !== undefined);
      return { feeder, seen };
    };
    const stored = async () => {
      const rows = await opened.store.database.all<{ at: number }>('SELECT received_at AS at FROM events ORDER BY seq');
      return rows.map(({ at }) => at - T0);
    };
    const statuses = (from: number, count: number) => Array.from({ length: count }, (_, i) => status('1', from + i));

    it('is brought in its order, however many batches that takes', async () => {
      log.write(1, ...statuses(0, 700).map(recordOf));
      log.write(2, ...statuses(700, 600).map(recordOf));
      const { seen } = await feedAll();
      assert.deepEqual(
        await stored(),
        Array.from({ length: 1_300 }, (_, i) => i),
      );
      assert.deepEqual([seen.fed.length, new Set(seen.fed)], [1_300, new Set(['stored'])]);
      assert.deepEqual([seen.away, seen.aside, seen.damaged], [[], [], 0]);
    });

    it('is stored up to where it is on disk, and further once more is reported', async () => {
      log.write(1, recordOf(status('1', 0)));
      const { feeder } = await feedAll();
      log.append(1, recordOf(status('1', 1)));
      const end = log.end();
      log.append(1, recordOf(status('1', 2)));
      await feeder.feed(end);
      assert.deepEqual(await stored(), [0, 1]);
      assert.deepEqual(feeder.position, end);
      // An older end takes nothing back.
      await feeder.feed({ segment: 1, offset: 0 });
      assert.deepEqual([feeder.position, feeder.backlog.bytes], [end, 0]);
    });

    it('loses its segments once the store has them, and another reader of it too', async () => {
      for (const segment of [1, 2, 3]) log.write(segment, recordOf(status('1', segment)));
      const { feeder, seen } = feederOf(log, opened.store);
      stop.push(() => feeder.stop());
      let position: JournalPosition = { segment: 2, offset: 0 };
      feeder.retainFor({
        get position() {
          return position;
        },
        sync: async () => {},
      });
      feeder.start();
      await until(() => seen.fed.length === 3);
      await until(() => segmentsIn(log.path).length === 2);
      assert.deepEqual(segmentsIn(log.path), [2, 3]);
      position = { segment: 9, offset: 0 };
      log.append(3, recordOf(status('1', 4)));
      await feeder.feed(log.end());
      assert.deepEqual(segmentsIn(log.path), [3]);
    });

    it('is brought on from its position after a restart, and again where that was lost', async () => {
      log.write(1, ...statuses(0, 5).map(recordOf));
      const { feeder } = await feedAll();
      await feeder.stop();
      log.append(1, recordOf(status('1', 5)));
      const { seen, feeder: second } = await feedAll();
      assert.deepEqual(seen.fed, ['stored']);
      await second.stop();
      await opened.store.database.run('DELETE FROM log_positions');
      const again = await feedAll();
      assert.deepEqual(
        again.seen.fed,
        Array.from({ length: 6 }, () => 'known'),
      );
      assert.equal((await stored()).length, 6);
    });

    it('is missed if somebody deletes a segment that waits for the store, and not if the feeder does', async () => {
      const segments = [1, 2, 3, 4].map((at) => recordOf(status('1', at)));
      for (const [i, bytes] of segments.entries()) log.write(i + 1, bytes);
      const { feeder, seen } = feederOf(log, opened.store);
      stop.push(() => feeder.stop());
      let isDown = true;
      const ready = opened.store.ensureReady.bind(opened.store);
      opened.store.ensureReady = () => (isDown ? Promise.reject(new Error('down')) : ready());
      feeder.start();
      await until(() => seen.away.length === 1);
      assert.deepEqual(seen.lost, []);
      rmSync(segmentPath(log.path, 2));
      await until(() => seen.lost.length > 0);
      // It is said once, with the bytes that are lost.
      assert.deepEqual(seen.lost, [segments[1]?.length]);
      // The directory may come back, and its segments with it.
      renameSync(log.path, `${log.path}.away`);
      await setTimeout(700);
      renameSync(`${log.path}.away`, log.path);
      isDown = false;
      await until(() => feeder.position !== undefined && feeder.backlog.bytes === 0);
      assert.deepEqual(await stored(), [1, 3, 4]);
      await until(() => segmentsIn(log.path).length === 1);
      await feeder.feed();
      await setTimeout(700);
      assert.equal(seen.lost.length, 1);
    });

    it('is read past damage, which is reported', async () => {
      const damaged = recordOf(status('1', 1));
      log.write(1, recordOf(status('1', 0)), flipped(damaged, 40), recordOf(joined('RM_1', undefined, 2)));
      const { seen } = await feedAll();
      assert.deepEqual(seen.fed, ['stored', 'stored']);
      assert.equal(seen.damaged, damaged.length);
    });

    it('is read past damage, which is reported once, however often the store fails meanwhile', async () => {
      const damaged = recordOf(status('1', 1));
      log.write(1, recordOf(status('1', 0)), flipped(damaged, 40), recordOf(status('1', 2)));
      const { database } = opened.store;
      const transaction = database.transaction.bind(database);
      let failures = 0;
      database.transaction = async (work) => {
        failures += 1;
        if (failures === 2) database.transaction = transaction;
        if (failures <= 2) throw new Error('locked');
        return transaction(work);
      };
      const { seen } = await feedAll();
      await until(() => seen.damaged > 0);
      assert.deepEqual([failures, seen.fed, seen.damaged], [2, ['stored', 'stored'], damaged.length]);
    });

    it('is brought without what this version cannot read, which is set aside', async () => {
      const unread = { ...status('1', 1), body: Buffer.from('of another version') };
      const records = [recordOf(status('1', 0)), recordOf(unread), frame(Buffer.from('xy')), recordOf(status('1', 2))];
      log.write(1, ...records);
      const { feeder, seen } = await feedAll();
      assert.deepEqual(await stored(), [0, 2]);
      assert.deepEqual(seen.aside, ['this version cannot read it', 'this version cannot read it']);
      assert.equal(feeder.backlog.setAside, 2);
      await feeder.stop();
      assert.equal(feederOf(log, opened.store).feeder.backlog.setAside, 2);
    });

    it('is brought without what the store refuses', async () => {
      const far = { at: 1e30, receivedAt: 1e30, precise: true };
      const odd = (at: number) => ({ ...status('1', at), moment: far });
      const webhooks = [...statuses(0, 7), odd(7), ...statuses(8, 13), odd(21), odd(22), status('1', 23)];
      log.write(1, ...webhooks.map(recordOf));
      const { feeder, seen } = await feedAll();
      const all = Array.from({ length: 24 }, (_, at) => at);
      assert.deepEqual(
        await stored(),
        all.filter((at) => ![7, 21, 22].includes(at)),
      );
      assert.deepEqual([feeder.backlog.setAside, seen.aside.length, seen.fed.length], [3, 3, 21]);
      assert.deepEqual(feeder.position, log.end());
    });

    it('sets aside without what is to be forwarded, which is read from the journal too', async () => {
      const moment = { at: 1e30, receivedAt: 1e30, precise: true };
      log.write(1, recordOf({ ...status('1', 1), moment, sealed: Buffer.alloc(9, 1) }));
      await feedAll();
      const [kept] = new SetAside(log.path).read();
      assert.deepEqual(kept && Object.keys(decodeWebhook(kept)).includes('sealed'), false);
    });

    it('is brought with texts that PostgreSQL would refuse', async () => {
      const odd = (at: number) => status('1', at, { callSid: `no\u0000text ${at}`, sbcCallId: 'k'.repeat(8_000) });
      log.write(1, ...[0, 1, 2].map(odd).map(recordOf));
      const { seen } = await feedAll();
      assert.deepEqual([await stored(), seen.aside], [[0, 1, 2], []]);
      const found = await opened.store.calls.find('no\ufffdtext 1');
      assert.equal(found?.events[0]?.sbcCallId, 'k'.repeat(8_000));
    });

    it('goes on where the answer to a batch was lost: nothing is stored or told twice', async () => {
      log.write(1, ...statuses(0, 3).map(recordOf));
      const { database } = opened.store;
      const transaction = database.transaction.bind(database);
      database.transaction = async (work) => {
        database.transaction = transaction;
        await transaction(work);
        throw new Error('the answer was lost');
      };
      const { feeder, seen } = await feedAll();
      assert.deepEqual([await stored(), feeder.position], [[0, 1, 2], log.end()]);
      assert.deepEqual([seen.away, seen.back, seen.fed], [['Error: the answer was lost'], 1, []]);
    });

    it('waits while the store fails, which is reported once, and continues when it works again', async () => {
      log.write(1, recordOf(status('1', 0)));
      const { store } = opened;
      const ensureReady = store.ensureReady.bind(store);
      let asked = 0;
      store.ensureReady = async () => {
        asked += 1;
        throw new Error('away');
      };
      const { feeder, seen } = feederOf(log, store);
      stop.push(() => feeder.stop());
      feeder.start();
      await until(() => asked > 2);
      assert.deepEqual([seen.away, seen.back, feeder.isCaughtUp], [['Error: away'], 0, false]);
      store.ensureReady = ensureReady;
      await until(() => seen.back === 1);
      await until(() => feeder.isCaughtUp);
      assert.deepEqual([seen.away.length, await stored()], [1, [0]]);
    });
  });
}

describe('a journal whose PostgreSQL is unavailable', () => {
  const log = new JournalDirectory();

  it('is kept, and no call is judged', async () => {
    // Nobody listens there.
    const store = await Store.open('postgres://postgres@127.0.0.1:1/test');
    log.write(1, recordOf(status('1', 0)));
    const { feeder, seen } = feederOf(log, store);
    feeder.start();
    await until(() => seen.away.length > 0);
    assert.match(seen.away[0] ?? '', /PostgreSQL is unavailable: .*ECONNREFUSED/);
    await feeder.stop();
    assert.deepEqual([feeder.isCaughtUp, seen.away.length, segmentsIn(log.path)], [false, 1, [1]]);
    await store.close();
  });
});

describe('a journal that grows faster than it is stored', () => {
  const log = new JournalDirectory();

  it('has been caught up with once the store has what was there when it came', async () => {
    const store = await Store.open(':memory:');
    log.write(1, ...Array.from({ length: 1_500 }, (_, i) => recordOf(status('1', i))));
    let written = 1_500;
    let caughtUp: { readonly stored: number; readonly written: number } | undefined;
    const { feeder, seen } = feederOf(log, store, () => {
      if (feeder.isCaughtUp) caughtUp ??= { stored: seen.fed.length, written };
      if (caughtUp) return;
      // More than a batch, so that it is never at the end.
      log.append(1, Buffer.concat(Array.from({ length: 1_100 }, (_, i) => recordOf(status('1', written + i)))));
      written += 1_100;
      void feeder.feed(log.end());
    });
    feeder.start();
    await until(() => caughtUp !== undefined);
    const { stored: fed = 0, written: there = 0 } = caughtUp ?? {};
    assert.ok(fed < there, 'it reached the end');
    // What was there when the first batch was stored, and at most the batches that were under way.
    assert.ok(fed >= 2_600 && fed <= 5_000, `${fed} were stored`);
    await feeder.stop();
    await store.close();
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { deliver, positionOf, type ReadWebhook } from '../../src/store/calls/delivery.ts';
import { attempt, type OpenStore, openReplicas, openStore, PositionedJournal } from './openStore.ts';
import { DATABASES } from './schema/databases.ts';
import { failed, joined, status, T0 } from './storedEvents.ts';

for (const kind of DATABASES) {
  describe(`what is brought to ${kind.name}`, () => {
    let opened: OpenStore;
    const eventsOf = async (callSid: string) =>
      (await opened.store.calls.find(callSid))?.events.map(({ at }) => at - T0);
    /** The results of each webhook when it is brought alone. */
    const each = async (...webhooks: readonly ReadWebhook[]) => {
      const results: string[] = [];
      for (const webhook of webhooks) results.push(...(await opened.bring(webhook)).results);
      return results;
    };

    before(async () => {
      opened = await openStore(kind);
    });
    after(() => opened.close());

    it('is a call’s by the call_sid of each of its legs', async () => {
      assert.deepEqual((await opened.bring(status('1', 0))).results, ['stored']);
      assert.deepEqual(await eventsOf('b1'), [0]);
      await opened.bring(status('1', 10, { callSid: 'a1', parentCallSid: undefined, direction: 'inbound' }));
      assert.deepEqual(await eventsOf('a1'), [0, 10]);
      assert.deepEqual(await eventsOf('b1'), [0, 10]);
      assert.equal(await opened.store.calls.find('nobody'), undefined);
    });

    it('is kept once, however often and late it comes', async () => {
      const same = (at: number) => status('2', at, { digest: 'same' });
      assert.deepEqual((await opened.bring(same(0), same(100))).results, ['stored', 'repeated']);
      assert.deepEqual(await each(same(3_600_000)), ['repeated']);
      assert.deepEqual(await eventsOf('b2'), [0]);
      const again = () => joined('RM_2', 'sip-2', 0);
      assert.deepEqual((await opened.bring(again(), again())).results, ['stored', 'repeated']);
    });

    it('is kept once where it has no signature and is equal within 500 ms, also where the later comes first', async () => {
      const unsigned = (at: number) => status('3', at, { digest: 'unsigned', repeatWithinMs: 500 });
      assert.deepEqual((await opened.bring(unsigned(1_000), unsigned(1_500))).results, ['stored', 'repeated']);
      assert.deepEqual(await each(unsigned(500), unsigned(499)), ['repeated', 'stored']);
      assert.deepEqual(await each(unsigned(1_501), unsigned(1_250)), ['stored', 'repeated']);
      assert.deepEqual(
        (await eventsOf('b3'))?.toSorted((a, b) => a - b),
        [499, 1_000, 1_501],
      );
    });

    it('is stored with the position that follows it, and not again where the answer was lost', async () => {
      const log = new PositionedJournal();
      const { database } = opened.store;
      const slice = { journal: log.id, from: undefined, to: { segment: 3, offset: 77 } };
      const webhooks = [status('4', 0), joined('RM_4', undefined, 0)];
      assert.equal(await positionOf(database, log.id), undefined);
      assert.ok(await deliver(database, webhooks, slice));
      assert.deepEqual(await positionOf(database, log.id), { segment: 3, offset: 77 });
      assert.equal(await deliver(database, webhooks, slice), undefined);
      // Whoever reads on from an older place has lost an answer as well.
      const from = { segment: 3, offset: 76 };
      assert.equal(await deliver(database, [status('4', 1)], { ...slice, from }), undefined);
      assert.deepEqual(await eventsOf('b4'), [0]);
      const next = { journal: log.id, from: { segment: 3, offset: 77 }, to: { segment: 4, offset: 0 } };
      assert.deepEqual(await deliver(database, [], next), { results: [], touched: [] });
      assert.deepEqual(await positionOf(database, log.id), { segment: 4, offset: 0 });
    });

    it('is known where the position was lost and the journal is brought again', async () => {
      const ofLiveKit = (at: number) => joined('RM_5', undefined, at, 'nobody of Jambonz’s');
      const webhooks = [status('5', 0), status('5', 1), ofLiveKit(0), ofLiveKit(1)];
      await opened.bring(...webhooks.slice(0, 3));
      const { arrivals } = (await opened.bring(status('5', 2))).touched[0] ?? {};
      const again = await new PositionedJournal().bring(opened.store, ...webhooks);
      assert.deepEqual(again.results, ['known', 'known', 'known', 'stored']);
      assert.deepEqual(await eventsOf('b5'), [0, 1, 2]);
      const { arrivals: then } = (await opened.bring(status('5', 3))).touched[0] ?? {};
      assert.equal(then, (arrivals ?? Number.NaN) + 1);
    });

    it('changes nothing where any of it cannot be stored', async () => {
      const log = new PositionedJournal();
      // The casts: no event is without these.
      const broken = { ...status('6', 1), body: undefined as unknown as Uint8Array };
      await assert.rejects(log.bring(opened.store, status('6', 0), broken));
      assert.equal(await positionOf(opened.store.database, log.id), undefined);
      assert.equal(await eventsOf('b6'), undefined);
    });

    it('tells of each call what it has now', async () => {
      const { touched } = await opened.bring(status('7', 0), status('8', 0), status('7', 1));
      assert.deepEqual(
        touched.map(({ callId, events, isNew, isReconsidered }) => [callId, events.length, isNew, isReconsidered]),
        [
          ['a7', 2, true, false],
          ['a8', 1, true, false],
        ],
      );
      const again = await opened.bring(status('7', 2, { sbcCallId: 'sip-7' }), status('7', 0));
      assert.deepEqual(
        again.touched.map((call) => [call.callId, call.events.map(({ at }) => at - T0), call.isNew]),
        [['a7', [2], false]],
      );
      assert.equal(again.touched[0]?.arrivals, (touched[0]?.arrivals ?? Number.NaN) + 1);
    });

    it('tells of a call that LiveKit tells of, with events of its own or without', async () => {
      const ofLiveKit = (at: number) => joined('RM_9', 'sip-9', at, '+15550909');
      await opened.bring(status('9', 0, { sbcCallId: 'sip-9' }));
      const [alone] = (await opened.bring(ofLiveKit(10))).touched;
      assert.deepEqual([alone?.callId, alone?.events, alone?.isNew, alone?.isReconsidered], ['a9', [], false, true]);
      const both = await opened.bring(ofLiveKit(20), status('9', 20), ofLiveKit(30));
      assert.deepEqual(
        both.touched.map(({ callId, events, isReconsidered }) => [callId, events.length, isReconsidered]),
        [['a9', 1, true]],
      );
      assert.equal(both.touched[0]?.arrivals, (alone?.arrivals ?? Number.NaN) + 2);
    });

    it('has other arrivals than before where a call was over and is opened again', async () => {
      const [first] = (await opened.bring(failed('10', 0))).touched;
      const due = (await opened.store.due.claim(T0 + 250, 100)).filter(({ callId }) => callId === 'a10');
      await opened.store.due.handBack(due.map((call) => ({ call, attempts: [], dueAt: undefined })));
      const [again] = (await opened.bring(status('10', 90_000))).touched;
      assert.equal(again?.isNew, false);
      assert.notEqual(again?.arrivals, first?.arrivals);
    });

    it(`takes NULs in texts, ${kind.name === 'SQLite' ? 'as they are' : 'or says that it never will'}`, async () => {
      const strange = failed('11', 0, { callSid: 'b\u000011', parentCallSid: 'a\u000011', sipReason: 'a\u0000b' });
      const log = new PositionedJournal();
      const bringing = log.bring(opened.store, strange, status('11', 0));
      if (kind.name === 'PostgreSQL') return assert.rejects(bringing, opened.store.database.isDataError);
      await bringing;
      assert.deepEqual(await eventsOf('b\u000011'), [0]);
      const due = await opened.store.due.claim(T0 + 250, 100);
      assert.ok(due.some(({ callId }) => callId === 'a\u000011'));
      const [loaded] = (await opened.store.loader.load(['a\u000011'])).values();
      assert.equal(loaded?.events[0]?.sipReason, 'a\u0000b');
    });
  });
}

describe('replicas that bring the same', () => {
  it('keep it once where it reached them at the same moment', async () => {
    const { place, replicas, close } = await openReplicas(2);
    const webhooks = () => Array.from({ length: 300 }, (_, i) => status(`${i % 30}`, i));
    const some = (all: ReturnType<typeof webhooks>, batch: number) => all.slice(batch * 50, batch * 50 + 50);
    const results = await Promise.all(
      replicas.map(async ({ bring }, i) => {
        const own = i === 0 ? webhooks() : webhooks().reverse();
        const all: string[] = [];
        for (let batch = 0; batch < 6; batch += 1) all.push(...(await bring(...some(own, batch))).results);
        return all;
      }),
    );
    assert.equal((await place.query('SELECT 1 FROM events')).length, 300);
    assert.equal(results.flat().filter((result) => result === 'stored').length, 300);
    assert.equal(results.flat().filter((result) => result === 'repeated').length, 300);
    assert.deepEqual(await place.query('SELECT * FROM deliveries'), []);
    await close();
  });

  it('take a call for new at one of them alone, where each has events of it', async () => {
    const { replicas, close } = await openReplicas(4);
    for (let round = 0; round < 10; round += 1) {
      const brought = await Promise.all(replicas.map(({ bring }, i) => bring(status(`${round}`, i))));
      const touched = brought.flatMap((delivery) => delivery.touched);
      assert.equal(touched.filter(({ isNew }) => isNew).length, 1);
      const arrivals = touched.map((call) => call.arrivals).sort((a, b) => a - b);
      assert.deepEqual(
        arrivals.map((n) => n - (arrivals[0] ?? 0)),
        [0, 1, 2, 3],
      );
      const [first] = touched.toSorted((a, b) => a.arrivals - b.arrivals);
      assert.equal(first?.isNew, true);
    }
    await close();
  });

  it('see a call of each other at once', async () => {
    const { replicas, close } = await openReplicas(2);
    const [one, other] = replicas;
    await one?.bring(status('1', 0));
    await one?.store.calls.saveAttempts([attempt('1')]);
    const found = await other?.store.calls.find('b1');
    assert.deepEqual([found?.events.length, found?.attempts[0]?.id], [1, 'a1']);
    await close();
  });
});

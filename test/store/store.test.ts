import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { parseTrunk } from '../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../src/core/trunks/snapshot.ts';
import { Store, type StoredAttempt } from '../../src/store/store.ts';
import { StoreUnavailable } from '../../src/store/storeUnavailable.ts';
import { trunk } from '../core/scenario.ts';
import { attempt, type OpenStore, openReplicas, openStore } from './openStore.ts';
import { DATABASES, postgresSchema } from './schema/databases.ts';
import { status, T0 } from './storedEvents.ts';

for (const kind of DATABASES) {
  describe(`a call that is too long, on ${kind.name}`, () => {
    let opened: OpenStore;
    let store: Store;
    before(async () => {
      opened = await openStore(kind);
      store = opened.store;
    });
    after(() => opened.close());

    it('reads the first 1,000 webhooks and 100 attempts of a call, and says how many more there are', async () => {
      await opened.bring(...Array.from({ length: 1_003 }, (_, i) => status('long', i)));
      await store.calls.saveAttempts(
        Array.from({ length: 102 }, (_, i) => attempt('long', { callSid: `leg${String(i).padStart(3, '0')}` })),
      );
      const call = await store.calls.find('blong');
      assert.deepEqual(
        [call?.events.length, call?.events.at(-1)?.at, call?.attempts.length, call?.leftOut],
        [1_000, T0 + 999, 100, { webhooks: 3, attempts: 2 }],
      );
    });

    it('loads the first 5,000 webhooks of a call to judge it, beside all of another', async () => {
      await opened.bring(...Array.from({ length: 5_002 }, (_, i) => status('endless', i)), status('short', 0));
      const loaded = await store.loader.load(['aendless', 'ashort']);
      const events = loaded.get('aendless')?.events;
      assert.deepEqual(
        [events?.length, events?.at(-1)?.at, loaded.get('ashort')?.events.length],
        [5_000, T0 + 4_999, 1],
      );
      assert.equal((await store.loader.eventsOf(['aendless'])).get('aendless')?.length, 5_000);
    });
  });

  describe(`the store on ${kind.name}`, () => {
    let opened: OpenStore;
    let store: Store;
    const save = async (...attempts: StoredAttempt[]) =>
      (await store.calls.saveAttempts(attempts)).firsts.map(({ callSid }) => callSid);
    const said = (call: string, callSid: string, summary: string) => attempt(call, { callSid, summary });

    before(async () => {
      opened = await openStore(kind);
      store = opened.store;
    });
    after(() => opened.close());

    it('tells which attempts are the first of theirs, and replaces what was said before', async () => {
      await opened.bring(status('1', 0));
      assert.deepEqual(await save(said('1', 'b1', 'x'), said('1', 'c1', 'x')), ['b1', 'c1']);
      assert.deepEqual(await save(said('1', 'b1', 'y'), said('1', 'd1', 'y')), ['d1']);
      const call = await store.calls.find('b1');
      assert.deepEqual(
        call?.attempts.map(({ callSid, record }) => [callSid, record.summary]),
        [
          ['b1', 'y'],
          ['c1', 'x'],
          ['d1', 'y'],
        ],
      );
    });

    it('lets a dialled leg take the place of its A leg, which was counted', async () => {
      const kept = async (callSid: string) => {
        const call = await store.calls.find(callSid);
        const listed = (await store.search.find({}, 100)).found.map((found) => found.callSid);
        const attempts = call?.attempts.map((found) => found.callSid) ?? [];
        return {
          attempts,
          areListed: attempts.every((sid) => listed.includes(sid)),
          isALegListed: listed.includes('a8'),
        };
      };
      await opened.bring(status('8', 0));
      assert.deepEqual(await save(said('8', 'a8', 'early')), ['a8']);
      assert.deepEqual(await save(said('8', 'b8', 'late'), said('8', 'c8', 'late')), ['c8']);
      assert.deepEqual(await kept('b8'), { attempts: ['b8', 'c8'], areListed: true, isALegListed: false });
      assert.deepEqual(await save(said('8', 'b8', 'later'), said('8', 'd8', 'later')), ['d8']);
    });

    it('keeps of an attempt what was said of it last, also where both come at once', async () => {
      assert.deepEqual(await save(said('9', 'a9', 'early'), said('9', 'b9', 'late')), ['b9']);
    });

    it('leaves an attempt of another call, whose leg dialled itself, as it is', async () => {
      await save(said('10', 'b10', 'transferred'));
      const dialled = { ...said('10', 'c10', 'dialled by b10'), callId: 'b10', id: 'b10' };
      assert.equal((await save(dialled)).length, 1);
      assert.equal((await store.search.read(['a10', 'b10'])).length, 2);
    });

    it('tells of which attempts something was said since a time', async () => {
      const seen = { host: 'lab.sip.livekit.cloud', result: 'failed', status: 503, rangOnce: false } as const;
      const settled = (call: string, at: number, more: Partial<StoredAttempt> = { seen }) =>
        attempt(call, { settledAt: T0 + at, summary: 'x', ...more });
      await store.calls.saveAttempts([
        settled('20', 100_000),
        settled('21', 300_000),
        settled('22', 200_000),
        settled('23', 300_000, {}),
        settled('24', 199_999),
      ]);
      const again = attempt('20', { settledAt: T0 + 400_000, summary: 'y', seen: { ...seen, result: 'connected' } });
      await store.calls.saveAttempts([again]);
      const found = await store.calls.judgedSince(T0 + 200_000);
      assert.deepEqual(
        found.map(({ callId, id, at, judgedAt, seen: known }) => [callId, id, at, judgedAt - T0, known.result]),
        [
          ['a22', 'a22', T0, 200_000, 'failed'],
          ['a21', 'a21', T0, 300_000, 'failed'],
          ['a20', 'a20', T0, 400_000, 'connected'],
        ],
      );
    });

    it('numbers versions of a configuration, the same one once', async () => {
      const version = (name: string, at: number) => ({
        firstSeenAt: at,
        lastSeenAt: at,
        snapshot: new Snapshot({ trunks: [parseTrunk(trunk({ name }))], rules: [] }),
        changes: [],
      });
      const one = await store.configurations.add(version('one', T0));
      assert.equal(await store.configurations.add(version('one', T0 + 1)), one);
      const two = await store.configurations.add(version('two', T0 + 2));
      const again = await store.configurations.add(version('one', T0 + 3));
      assert.ok(one < two && two < again);
      await store.configurations.seen(one, T0 + 60_000);
      // Another replica read it earlier.
      await store.configurations.seen(one, T0 + 50_000);
      const found = await store.configurations.find(one);
      assert.deepEqual([found?.firstSeenAt, found?.lastSeenAt], [T0, T0 + 60_000]);
    });
  });
}

describe('the store on a PostgreSQL', () => {
  it('that is away is opened all the same, and says so to who asks', async () => {
    // Nobody listens there.
    const store = await Store.open('postgres://postgres@127.0.0.1:1/test');
    await assert.rejects(store.ensureReady(), (error: Error) => {
      assert.match(error.message, /^PostgreSQL is unavailable: .*ECONNREFUSED/);
      return error instanceof StoreUnavailable;
    });
    await assert.rejects(store.calls.find('b1'), StoreUnavailable);
    await store.close();
  });

  it('that a newer version wrote is refused, and left as it was', async () => {
    const place = await postgresSchema();
    await (await Store.open(place.url)).close();
    await place.query('UPDATE sipwhy_schema SET version = 9999');
    await assert.rejects(Store.open(place.url), /newer version of sipwhy \(schema 9999/);
    assert.deepEqual(await place.query('SELECT version FROM sipwhy_schema'), [{ version: '9999' }]);
    await place.remove();
  });

  it('numbers a configuration once that two replicas read at the same moment', async () => {
    const { place, replicas, close } = await openReplicas(2);
    const version = {
      firstSeenAt: T0,
      lastSeenAt: T0,
      snapshot: new Snapshot({ trunks: [parseTrunk(trunk())], rules: [] }),
      changes: [],
    };
    const numbers = await Promise.all(replicas.map(({ store }) => store.configurations.add(version)));
    assert.equal(new Set(numbers).size, 1);
    assert.equal((await place.query('SELECT version FROM configurations')).length, 1);
    await close();
  });
});

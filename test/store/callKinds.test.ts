import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { CallKind } from '../../src/core/predict/callKind.ts';
import type { Prediction } from '../../src/core/predict/prediction.ts';
import { DAYS_KEPT, KINDS_KEPT } from '../../src/store/predictions/callKinds.ts';
import { Store } from '../../src/store/store.ts';
import { DATABASES, type Place } from './schema/databases.ts';

const DAY = 86_400_000;
const NOW = 20_000 * DAY + 1_000;
const KIND: CallKind = {
  to: 'sip:+15550100@livekit.example',
  caller: '+15550123',
  sources: [],
  place: { trunk: 'ST_1', rule: 'SDR_1', roomKind: 'individual', room: 'call-', agents: [] },
  isKnown: true,
};

for (const { name, place } of DATABASES) {
  describe(`what is kept for predictions, on ${name}`, () => {
    let store: Store;
    let at: Place;
    before(async () => {
      at = await place();
      store = await Store.open(at.url);
    });
    after(async () => {
      await store.close();
      await at.remove();
    });
    beforeEach(async () => {
      await store.database.run('DELETE FROM call_kinds');
      await store.database.run('DELETE FROM predictions');
    });

    const add = (key: string, daysAgo: number, calls = 1, kind = KIND) =>
      store.callKinds.add([{ key, kind, at: NOW - daysAgo * DAY, calls }]);
    const perDay = async () =>
      Object.fromEntries((await store.callKinds.latest(NOW)).map(({ key, callsPerDay }) => [key, callsPerDay]));

    it('adds up the calls of a kind over the days since the first one', async () => {
      await add('a', 1, 3);
      await add('a', 1, 2);
      await add('a', 0, 1);
      await add('b', 0, 1);
      assert.deepEqual(await perDay(), { a: 3, b: 0.5 });
    });

    it(`counts ${DAYS_KEPT} days, today included`, async () => {
      await add('inside', DAYS_KEPT - 1, 7);
      await add('outside', DAYS_KEPT, 7);
      assert.deepEqual(await perDay(), { inside: 1 });
      await store.callKinds.prune(NOW);
      const rows = await store.database.all<{ kind_key: string }>('SELECT kind_key FROM call_kinds');
      assert.deepEqual(
        rows.map(({ kind_key }) => kind_key),
        ['inside'],
      );
    });

    it('knows a kind as it was seen last', async () => {
      await add('a', 1, 1, { ...KIND, caller: 'earlier' });
      await add('a', 0, 1, { ...KIND, caller: 'before' });
      await add('a', 0, 1, { ...KIND, caller: 'latest' });
      assert.deepEqual(
        (await store.callKinds.latest(NOW)).map(({ kind }) => kind.caller),
        ['latest'],
      );
    });

    it(`keeps ${KINDS_KEPT} kinds: those seen last, and of these those with most calls`, async () => {
      const many = Array.from({ length: KINDS_KEPT }, (_, i) => ({ key: `k${i}`, kind: KIND, at: NOW, calls: 2 }));
      await store.callKinds.add(many);
      await add('seldom', 0, 1);
      await add('yesterday', 1, 99);
      await store.callKinds.prune(NOW);
      const kept = new Set((await store.callKinds.latest(NOW)).map(({ key }) => key));
      assert.deepEqual([kept.size, kept.has('seldom'), kept.has('yesterday')], [KINDS_KEPT, false, false]);
    });

    it('forgets the kinds of calls that are no longer expected', async () => {
      await add('a', 0);
      await add('a', 1);
      await add('b', 0);
      await store.callKinds.drop(['a', 'unknown']);
      assert.deepEqual(Object.keys(await perDay()), ['b']);
    });

    it('opens a fault once, also for two replicas, and again after it closed', async () => {
      // The cast: only these are read here.
      const prediction = (id: string) =>
        ({ version: 1, id, key: 'fault', openedAt: 1, kinds: [] }) as unknown as Prediction;
      const opened = await Promise.all([
        store.predictions.open(prediction('p1')),
        store.predictions.open(prediction('p2')),
      ]);
      assert.deepEqual(opened.toSorted(), [false, true]);
      const [{ id } = assert.fail()] = await store.predictions.list('open');
      const closed = await Promise.all([
        store.predictions.close(id, 'taken_back', 5),
        store.predictions.close(id, 'no_calls', 6),
      ]);
      assert.equal(closed.filter((one) => one !== undefined).length, 1);
      assert.equal(await store.predictions.open(prediction('p3')), true);
      const all = await store.predictions.list('all');
      assert.deepEqual(
        all.map((one) => [one.id, one.closed?.at]),
        [
          ['p3', undefined],
          [id, closed[0] ? 5 : 6],
        ],
      );
    });
  });
}

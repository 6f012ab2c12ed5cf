import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { attempt, type OpenStore, openReplicas, openStore } from './openStore.ts';
import { DATABASES } from './schema/databases.ts';
import { failed, status, T0 } from './storedEvents.ts';

const LATER = T0 + 10 * 60_000;
const idsOf = (calls: readonly { readonly callId: string }[]) => calls.map(({ callId }) => callId);

for (const kind of DATABASES) {
  describe(`whose turn it is on ${kind.name}`, () => {
    let opened: OpenStore;
    let due: OpenStore['store']['due'];
    const claimOne = async (now: number) => {
      const [claimed, ...more] = await due.claim(now, 10);
      assert.ok(claimed && more.length === 0);
      return claimed;
    };

    beforeEach(async () => {
      opened = await openStore(kind);
      due = opened.store.due;
    });
    afterEach(() => opened.close());

    const rows = [
      { what: 'a status that ends a leg', after: 250, webhook: failed('1', 0) },
      { what: 'an answer', after: 250, webhook: status('1', 0, { callStatus: 'in-progress', sipStatus: 200 }) },
      { what: 'a 100', after: 240_000, webhook: status('1', 0) },
      { what: 'a 180', after: 240_000, webhook: status('1', 0, { callStatus: 'ringing', sipStatus: 180 }) },
    ];
    for (const { what, after, webhook } of rows) {
      it(`comes ${after} ms after ${what}`, async () => {
        await opened.bring(webhook);
        assert.deepEqual(await due.claim(T0 + after - 1, 10), []);
        assert.equal((await claimOne(T0 + after)).isJudged, false);
      });
    }

    it('comes 250 ms after any webhook of a call that has a verdict', async () => {
      await opened.bring(failed('1', 0));
      const claimed = await claimOne(T0 + 250);
      await due.handBack([{ call: claimed, attempts: [attempt('1')], dueAt: T0 + 60_000 }]);
      await opened.bring(status('1', 10_000, { callStatus: 'ringing', sipStatus: 180 }));
      // Open calls have their time already; the webhook has it judged again then.
      assert.equal((await claimOne(T0 + 60_000)).isJudged, false);
      await due.handBack([{ call: await claimOne(T0 + 60_000), attempts: [], dueAt: undefined }]);
      await opened.bring(status('1', 100_000));
      assert.deepEqual(await due.claim(T0 + 100_249, 10), []);
      assert.deepEqual(idsOf(await due.claim(T0 + 100_250, 10)), ['a1']);
    });

    it('is not moved by a 180, and comes sooner by the end of the leg', async () => {
      await opened.bring(status('1', 0), status('1', 2_000, { callStatus: 'ringing', sipStatus: 180 }));
      assert.deepEqual(await due.claim(T0 + 239_999, 10), []);
      await opened.bring(failed('1', 3_000));
      assert.deepEqual(idsOf(await due.claim(T0 + 3_250, 10)), ['a1']);
    });

    it('comes to the longest due first, and to so many at once', async () => {
      await opened.bring(failed('1', 300), failed('2', 100), failed('3', 200));
      assert.deepEqual(idsOf(await due.claim(LATER, 2)).sort(), ['a2', 'a3']);
    });

    it('is told with what is known: all of it, or of what the verdicts are', async () => {
      await opened.bring(failed('1', 0), status('1', 1, { callSid: 'c1' }));
      const claimed = await claimOne(T0 + 250);
      await due.handBack([{ call: claimed, attempts: [attempt('1')], dueAt: T0 + 300 }]);
      const again = await claimOne(T0 + 300);
      assert.deepEqual([again.isJudged, again.arrivals], [true, claimed.arrivals]);
      const [call] = (await opened.store.loader.load(['a1', 'of which nothing is kept'])).values();
      assert.deepEqual([call?.events.map(({ callSid }) => callSid), call?.judged], [['b1', 'c1'], ['a1']]);
      assert.equal((await opened.store.loader.load(['of which nothing is kept'])).size, 0);
    });

    it('comes again at once where something came while it was judged', async () => {
      await opened.bring(failed('1', 0));
      const claimed = await claimOne(T0 + 250);
      await opened.bring(status('1', 249));
      await due.handBack([{ call: claimed, attempts: [attempt('1')], dueAt: undefined }]);
      const again = await claimOne(T0 + 251);
      assert.deepEqual([again.isJudged, again.arrivals], [false, claimed.arrivals + 1]);
      await due.handBack([{ call: again, attempts: [], dueAt: T0 + 5_000 }]);
      assert.deepEqual(await due.claim(T0 + 4_999, 10), []);
      assert.equal((await claimOne(T0 + 5_000)).isJudged, true);
    });

    it('never comes again once nothing more is expected', async () => {
      await opened.bring(failed('1', 0), failed('2', 0));
      assert.equal(await due.count(), 2);
      const [one, other] = await due.claim(LATER, 10);
      assert.ok(one && other);
      await due.handBack([
        { call: one, attempts: [], dueAt: undefined },
        { call: other, attempts: [], dueAt: LATER },
      ]);
      assert.equal(await due.count(), 1);
      assert.deepEqual(idsOf(await due.claim(LATER, 10)), [other.callId]);
    });

    it('never comes again where a call was settled and nothing came since: it is closed', async () => {
      await opened.bring(failed('1', 0), failed('2', 0), failed('3', 0), failed('4', 0), failed('5', 0));
      const claimed = new Map((await due.claim(T0 + 250, 10)).map((one) => [one.callId, one]));
      const back = (callId: string, more: object) => {
        const call = claimed.get(callId);
        assert.ok(call);
        return { call, attempts: [], dueAt: T0 + 60_000, ...more };
      };
      await due.handBack([
        back('a1', { isSettled: true }),
        back('a2', { isSettled: true }),
        back('a3', { isSettled: true }),
        back('a4', {}),
        back('a5', { isSettled: true, hasFailed: true }),
      ]);
      await opened.bring(status('2', 1_000));
      await due.reconsider(['a3'], T0 + 60_000);
      assert.deepEqual(await due.closeSettled(T0 + 59_999), []);
      assert.deepEqual(idsOf(await due.claim(T0 + 60_000, 10)).sort(), ['a2', 'a3', 'a4', 'a5']);
      assert.deepEqual(await due.closeSettled(T0 + 60_000), ['a1']);
      // Others judge it now.
      assert.deepEqual(await due.closeSettled(T0 + 60_001), []);
    });

    it('comes again where it could not be judged, and then of all that is known', async () => {
      await opened.bring(failed('1', 0));
      const claimed = await claimOne(T0 + 250);
      await due.handBack([{ call: claimed, attempts: [], dueAt: T0 + 60_000, hasFailed: true }]);
      assert.equal((await claimOne(T0 + 60_000)).isJudged, false);
    });

    it('is this process’s again at once where handing back failed, and another’s after a restart', async () => {
      await opened.bring(failed('1', 0));
      await claimOne(T0 + 250);
      await claimOne(T0 + 251);
      await opened.store.database.run("UPDATE open_calls SET owner = 'a process that was killed'");
      assert.deepEqual(await due.claim(T0 + 252, 10), []);
      await due.releaseAll();
      await claimOne(T0 + 253);
    });

    it('comes for calls that others make doubtful, while they are open', async () => {
      await opened.bring(status('1', 0), status('2', 0));
      await due.reconsider(['a2', 'a call that is over'], T0 + 1_000);
      assert.deepEqual(await due.claim(T0 + 999, 10), []);
      const claimed = await claimOne(T0 + 1_000);
      assert.deepEqual([claimed.callId, claimed.isJudged], ['a2', false]);
      // Another time does not put off what is due.
      await due.handBack([{ call: claimed, attempts: [], dueAt: T0 + 2_000 }]);
      await due.reconsider(['a2'], T0 + 9_000);
      assert.equal((await claimOne(T0 + 2_000)).isJudged, false);
    });

    it('comes for judged calls with a webhook after a time, as newer configuration asks for', async () => {
      await opened.bring(failed('1', 0), failed('2', 1_000), failed('3', 1_001), status('4', 5_000));
      const claimed = await due.claim(T0 + 1_251, 10);
      assert.equal(claimed.length, 3);
      await due.handBack(claimed.map((call) => ({ call, attempts: [], dueAt: LATER })));
      await due.reconsiderSince(T0 + 1_000, T0 + 2_000);
      assert.deepEqual(idsOf(await due.claim(T0 + 2_000, 10)), ['a3']);
    });

    it('keeps the verdicts of calls that are handed back: those that are new are told, and which incidents', async () => {
      await opened.bring(failed('1', 0), failed('2', 0));
      const claimed = await due.claim(LATER, 10);
      const saved = await due.handBack(
        claimed.map((call) => ({ call, attempts: [attempt(call.callId.slice(1))], dueAt: LATER })),
      );
      assert.deepEqual(saved.firsts.map(({ id }) => id).sort(), ['a1', 'a2']);
      assert.equal(saved.transitions.length, 1);
      const again = await due.claim(LATER, 10);
      const twice = await due.handBack(again.map((call) => ({ call, attempts: [attempt('1')], dueAt: undefined })));
      assert.deepEqual([twice.firsts, twice.transitions], [[], []]);
    });

    it('knows which verdicts were kept where the answer was lost', async () => {
      await opened.bring(failed('1', 0), failed('2', 0));
      const claimed = await due.claim(LATER, 10);
      const judged = claimed.map((call) => ({ call, attempts: [attempt(call.callId.slice(1))], dueAt: LATER }));
      await due.handBack(judged.slice(0, 1));
      const attempts = judged.flatMap((one) => one.attempts);
      assert.deepEqual(await due.findSaved(judged, attempts), attempts.slice(0, 1));
      // What another process kept is not this one's.
      await opened.store.database.run("UPDATE attempts SET settled_by = 'another'");
      assert.deepEqual(await due.findSaved(judged, attempts), []);
    });

    it('tells each end once, with the first verdict on it, and whose it was', async () => {
      await opened.bring(failed('1', 0), failed('2', 0), failed('3', 0));
      const claimed = await due.claim(LATER, 10);
      const verdicts = (endedAt?: number) =>
        claimed.map((call) => {
          const verdict = attempt(call.callId.slice(1), endedAt === undefined ? {} : { endedAt });
          return { call, attempts: [verdict], dueAt: LATER };
        });
      const handBack = async (endedAt: number | undefined, count: number) => {
        const { ends } = await due.handBack(verdicts(endedAt).slice(0, count));
        await due.claim(LATER, 10);
        return ends.map(({ id }) => id).sort();
      };
      assert.deepEqual(await handBack(undefined, 2), []);
      assert.deepEqual(await handBack(T0 + 5_000, 1), ['a1']);
      // The second has its first end, and the third its first verdict too.
      assert.deepEqual(await handBack(T0 + 6_000, 3), ['a2', 'a3']);
      assert.deepEqual(await handBack(T0 + 7_000, 3), []);
      const rows = await opened.store.database.all('SELECT id, ended_at FROM attempts ORDER BY id');
      assert.deepEqual(
        rows.map((row) => Object.values(row)),
        [
          ['a1', T0 + 5_000],
          ['a2', T0 + 6_000],
          ['a3', T0 + 6_000],
        ],
      );
      const judged = verdicts(T0 + 5_000);
      const attempts = judged.flatMap((one) => one.attempts);
      await opened.store.database.run("UPDATE attempts SET ended_by = 'another' WHERE id = 'a2'");
      assert.deepEqual(
        (await due.findSaved(judged, attempts, 'end')).map(({ id }) => id),
        ['a1', 'a3'],
      );
    });
  });
}

describe('replicas', () => {
  let opened: Awaited<ReturnType<typeof openReplicas>>;
  beforeEach(async () => {
    opened = await openReplicas(2);
  });
  afterEach(() => opened.close());
  const both = () => {
    const [one, other] = opened.replicas;
    assert.ok(one && other);
    return [one, other] as const;
  };

  it('take a call that is due once, and hand it back with its verdict or not at all', async () => {
    const [one, other] = both();
    await one.bring(failed('1', 0));
    const [claimed] = await one.store.due.claim(LATER, 10);
    assert.equal(claimed?.callId, 'a1');
    // While its lease lasts, 30 s; then the first is taken for gone.
    assert.deepEqual(await other.store.due.claim(LATER, 10), []);
    assert.deepEqual(await other.store.due.claim(LATER + 29_999, 10), []);
    const [taken] = await other.store.due.claim(LATER + 30_000, 10);
    assert.ok(claimed && taken);
    const late = await one.store.due.handBack([{ call: claimed, attempts: [attempt('1')], dueAt: undefined }]);
    assert.deepEqual(late.firsts, []);
    assert.equal(await one.store.due.count(), 1);
    const saved = await other.store.due.handBack([{ call: taken, attempts: [attempt('1')], dueAt: undefined }]);
    assert.deepEqual(
      saved.firsts.map(({ callSid }) => callSid),
      ['b1'],
    );
    assert.equal(await one.store.due.count(), 0);
  });

  it('take a call at once that another one gave back without a verdict, and no other', async () => {
    const [one, other] = both();
    await one.bring(failed('1', 0), failed('2', 0));
    assert.equal((await one.store.due.claim(LATER, 10)).length, 2);
    await other.store.due.release(['a1']);
    assert.deepEqual(await other.store.due.claim(LATER, 10), []);
    await one.store.due.release(['a1']);
    assert.deepEqual(idsOf(await other.store.due.claim(LATER, 10)), ['a1']);
  });

  it('share the calls that are due at the same moment', async () => {
    const [one, other] = both();
    await one.bring(...Array.from({ length: 60 }, (_, i) => failed(`${i}`, i)));
    const claims = await Promise.all([one, other, one, other].map(({ store }) => store.due.claim(LATER, 20)));
    const own = idsOf([...(claims[0] ?? []), ...(claims[2] ?? [])]);
    const others = idsOf([...(claims[1] ?? []), ...(claims[3] ?? [])]);
    assert.deepEqual(
      own.filter((id) => others.includes(id)),
      [],
    );
    const rest = [...(await one.store.due.claim(LATER, 100)), ...(await other.store.due.claim(LATER, 100))];
    assert.equal(new Set([...own, ...others, ...idsOf(rest)]).size, 60);
  });

  it('have a call judged again for what another brings', async () => {
    const [one, other] = both();
    await one.bring(failed('1', 0));
    const [claimed] = await one.store.due.claim(T0 + 250, 10);
    assert.ok(claimed);
    await other.bring(status('1', 100));
    await one.store.due.handBack([{ call: claimed, attempts: [attempt('1')], dueAt: undefined }]);
    const [again] = await other.store.due.claim(T0 + 251, 10);
    assert.deepEqual([again?.callId, again?.isJudged], ['a1', false]);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AttemptDiagnoser } from '../../src/core/diagnose/diagnoseAttempt.ts';
import { siteFrom } from '../../src/core/diagnose/facts/site.ts';
import { CallCache } from '../../src/engine/callCache.ts';
import { OpenCalls } from '../../src/engine/openCalls.ts';
import type { Store } from '../../src/store/store.ts';
import { attempt, openReplicas, openStore } from '../store/openStore.ts';
import { DATABASES } from '../store/schema/databases.ts';
import { failed, joined, status, T0 } from '../store/storedEvents.ts';

const LATER = T0 + 10 * 60_000;
const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [] });

function openCalls(store: Store, cache?: CallCache): OpenCalls {
  return new OpenCalls(store, new AttemptDiagnoser(SITE, { at: () => undefined, changesUpTo: () => [] }), cache);
}

/** How many webhooks the legs of each claimed call have, by call. */
async function claimedBy(calls: OpenCalls, now = LATER) {
  const claimed = await calls.claim(now, 50);
  const reports = claimed.map(({ call }) => [
    call.id,
    call.attempts.reduce((sum, { leg }) => sum + (leg?.reports ?? 0), 0),
  ]);
  return { claimed, reports: Object.fromEntries(reports) };
}

for (const kind of DATABASES) {
  describe(`the open calls of a process on ${kind.name}`, () => {
    it('are all whole, in memory or loaded, also where more are claimed than are kept in memory', async () => {
      const { store, bring, close } = await openStore(kind);
      const calls = openCalls(store, new CallCache(1));
      await bring(failed('1', 0));
      await bring(failed('3', 0));
      calls.delivered(await bring(failed('2', 0), status('2', 1)));
      const { reports } = await claimedBy(calls);
      assert.deepEqual(reports, { a1: 1, a2: 2, a3: 1 });
      await close();
    });

    it('are loaded again with their verdicts where it is not known whether those were kept', async () => {
      const { store, bring, close } = await openStore(kind);
      const calls = openCalls(store);
      calls.delivered(await bring(failed('1', 0)));
      const { claimed } = await claimedBy(calls);
      const [first] = claimed;
      assert.ok(first);
      assert.equal(first.call.takeDue(LATER, () => ({ kind: 'none' })).length, 1);
      const handBack = store.due.handBack.bind(store.due);
      store.due.handBack = async (judged) => {
        await handBack(judged);
        throw new Error('the answer was lost');
      };
      const judged = [{ call: first.due, attempts: [attempt('1')], dueAt: LATER }];
      await assert.rejects(calls.handBack(judged, LATER), /the answer was lost/);
      assert.deepEqual(await calls.findSaved(judged, [attempt('1')], 'attempt'), [attempt('1')]);
      const [again] = (await claimedBy(calls)).claimed;
      assert.notEqual(again?.call, first.call);
      assert.deepEqual([again?.due.isJudged, again?.call.hasVerdict('a1')], [true, true]);
      assert.deepEqual(again?.call.takeDue(LATER, again.liveKit.joinsOf('a1')), []);
      await close();
    });

    it('share what LiveKit tells of a room that they are in together, and nothing else', async () => {
      const { store, bring, close } = await openStore(kind);
      const calls = openCalls(store);
      await bring(status('1', 0, { sbcCallId: 'sip-1' }), status('2', 0, { sbcCallId: 'sip-2' }), failed('3', 0));
      await bring(status('4', 0, { sbcCallId: 'sip-4' }), failed('5', 0, { from: '+15550105' }));
      await bring(joined('RM_1', 'sip-1', 10), joined('RM_1', 'sip-2', 20), joined('RM_4', 'sip-4', 30));
      const { claimed } = await claimedBy(calls);
      const sides = new Map(claimed.map(({ call, liveKit }) => [call.id, liveKit]));
      assert.equal(sides.get('a1'), sides.get('a2'));
      assert.equal(new Set(sides.values()).size, 4);
      const joins = claimed.map(({ call, liveKit }) => [call.id, ...call.attempts.map(liveKit.joinsOf(call.id))]);
      const rooms = joins.map(([id, join]) => [id, typeof join === 'object' && 'sip' in join && join.sip.room.key]);
      assert.deepEqual(rooms.sort(), [
        ['a1', 'RM_1'],
        ['a2', 'RM_1'],
        ['a3', false],
        ['a4', 'RM_4'],
        ['a5', false],
      ]);
      await close();
    });

    it('have beside them what LiveKit tells, and the calls that its participants may be of', async () => {
      const { store, bring, close } = await openStore(kind);
      const calls = openCalls(store);
      calls.delivered(await bring(failed('1', 0), joined('RM_1', undefined, 500)));
      const [alone] = (await claimedBy(calls)).claimed;
      assert.deepEqual(
        alone?.call.attempts.map(alone.liveKit.joinsOf('a1')).map(({ kind: of }) => of),
        ['joined'],
      );
      assert.equal(alone?.liveKit.isReporting(T0), true);
      calls.delivered(await bring(status('2', 1_000)));
      await calls.handBack([{ call: alone.due, attempts: [], dueAt: LATER }], LATER);
      const found = (await claimedBy(calls)).claimed.find(({ call }) => call.id === 'a1');
      assert.deepEqual(
        found?.call.attempts.map(found.liveKit.joinsOf('a1')).map(({ kind: of }) => of),
        ['ambiguous'],
      );
      await close();
    });
  });
}

for (const kind of DATABASES) {
  describe(`an answered call whose caller talks, on ${kind.name}`, () => {
    for (const { what, dueInMs, isSettled, inMemory } of [
      { what: 'stays in memory if it is due within 10 s', dueInMs: 10_000, isSettled: false, inMemory: 1 },
      { what: 'leaves memory if it is due later than that', dueInMs: 10_001, isSettled: false, inMemory: 0 },
      { what: 'leaves memory once it only waits for late webhooks', dueInMs: 10_000, isSettled: true, inMemory: 0 },
    ]) {
      it(what, async () => {
        const { store, bring, close } = await openStore(kind);
        // As soon as it may, a call leaves memory.
        const cache = new CallCache(undefined, 0);
        const calls = openCalls(store, cache);
        calls.delivered(await bring(status('1', 0, { callStatus: 'in-progress', sipStatus: 200 })));
        const [claimed] = (await claimedBy(calls, T0 + 250)).claimed;
        assert.ok(claimed);
        await calls.handBack([{ call: claimed.due, attempts: [], dueAt: T0 + 250 + dueInMs, isSettled }], T0 + 250);
        assert.equal(cache.size, inMemory);
        calls.delivered(await bring(status('1', 3_600_000, { callStatus: 'completed', sipStatus: 200 })));
        assert.deepEqual((await claimedBy(calls, T0 + 3_600_250)).reports, { a1: 2 }, 'at its end it is whole again');
        await close();
      });
    }
  });
}

describe('the open calls of two replicas', () => {
  const pair = async () => {
    const opened = await openReplicas(2);
    const [one, other] = opened.replicas.map((replica) => ({ ...replica, calls: openCalls(replica.store) }));
    assert.ok(one && other);
    return { one, other, close: opened.close };
  };

  it('are whole where both were brought webhooks of a new call', async () => {
    const { one, other, close } = await pair();
    for (let round = 0; round < 10; round += 1) {
      const call = `${round}`;
      const [first, second] = await Promise.all([one.bring(failed(call, 0)), other.bring(failed(call, 1))]);
      one.calls.delivered(first);
      other.calls.delivered(second);
    }
    const { claimed, reports } = await claimedBy(other.calls);
    assert.equal(claimed.length, 10);
    assert.deepEqual(new Set(Object.values(reports)), new Set([2]));
    await close();
  });

  it('are whole where a call was over at the other one, and went on there', async () => {
    const { one, other, close } = await pair();
    other.calls.delivered(await other.bring(status('1', 0, { callStatus: 'in-progress', sipStatus: 200 })));
    const [claimed] = (await claimedBy(one.calls)).claimed;
    assert.ok(claimed);
    await one.calls.handBack([{ call: claimed.due, attempts: [attempt('1')], dueAt: undefined }], LATER);
    one.calls.delivered(await one.bring(status('1', 90_000, { callStatus: 'completed', sipStatus: 200 })));
    assert.deepEqual((await claimedBy(other.calls)).reports, { a1: 2 });
    await close();
  });
});

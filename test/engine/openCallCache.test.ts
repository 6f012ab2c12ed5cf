import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { type CallEvent, callIdOf } from '../../src/core/call/callEvent.ts';
import { CallCache } from '../../src/engine/callCache.ts';
import type { TouchedCall } from '../../src/store/calls/delivery.ts';
import { status } from '../store/storedEvents.ts';

function eventsOf(call: string, ...at: readonly number[]): CallEvent[] {
  return at.map((time) => {
    const { event } = status(call, time, { callSid: `${call} ${time}`, parentCallSid: call });
    assert.ok(event.kind !== 'livekit');
    return event;
  });
}

describe('the open calls in memory', () => {
  let cache: CallCache;
  beforeEach(() => {
    cache = new CallCache();
  });

  /** Notes webhooks of the call `a`; those of the beginning of a call where `isNew`. */
  const touch = (arrivals: number, events: readonly CallEvent[], more: Partial<TouchedCall> = {}) =>
    cache.touch([{ callId: 'a', arrivals, events, isNew: false, isReconsidered: false, ...more }]);
  const legs = (arrivals: number, callId = 'a') =>
    cache.get({ callId, arrivals, isJudged: false })?.attempts.map(({ callSid }) => callSid);
  const begin = (arrivals = 7) => touch(arrivals, eventsOf('a', 0), { isNew: true });
  const takeAll = (arrivals: number) =>
    cache.get({ callId: 'a', arrivals, isJudged: false })?.takeDue(Number.MAX_SAFE_INTEGER, () => ({ kind: 'none' }));

  it('hold a new call, as of its arrivals', () => {
    begin();
    assert.deepEqual([legs(7), legs(6), legs(8)], [['a 0'], undefined, undefined]);
    assert.equal(legs(7, 'another'), undefined);
  });

  it('hold 500 legs of a call, and say how many webhooks were left out', () => {
    const all = eventsOf('a', ...Array.from({ length: 503 }, (_, i) => i));
    assert.equal(touch(7, all.slice(0, 499), { isNew: true }), 0);
    assert.equal(touch(8, all.slice(499)), 3);
    assert.equal(legs(8)?.length, 500);
  });

  it('hold no call of which the store had something before', () => {
    touch(7, eventsOf('a', 0));
    assert.equal(cache.size, 0);
    touch(8, [], { isReconsidered: true });
    assert.equal(cache.size, 0);
  });

  it('hold a call as it goes on', () => {
    begin();
    touch(8, eventsOf('a', 1, 2));
    assert.deepEqual([legs(8), legs(7)], [['a 0', 'a 1', 'a 2'], undefined]);
  });

  it('hold a resting call for a while, and for longer if it goes on', () => {
    begin();
    cache.rest(['a', 'unknown']);
    assert.deepEqual(legs(7), ['a 0']);
    cache = new CallCache(undefined, 0);
    begin();
    cache.rest(['a']);
    assert.equal(cache.size, 0);
    cache = new CallCache(undefined, 200);
    begin();
    cache.rest(['a']);
    touch(8, eventsOf('a', 1));
    const waitedUntil = performance.now() + 205;
    while (performance.now() < waitedUntil);
    cache.rest([]);
    assert.deepEqual(legs(8), ['a 0', 'a 1']);
    cache.rest(['a']);
    cache.touch([{ callId: 'b', arrivals: 1, events: eventsOf('b', 2), isNew: true, isReconsidered: false }]);
    cache.rest(['b']);
    const endedAt = performance.now() + 205;
    while (performance.now() < endedAt);
    // Judged once more, it is the last to leave, and keeps no other.
    cache.rest(['a']);
    assert.deepEqual([legs(8), cache.size], [['a 0', 'a 1'], 1]);
  });

  it('hold a call that LiveKit has judged again, and have all of it due', () => {
    begin();
    assert.equal(takeAll(7)?.length, 1);
    touch(8, [], { isReconsidered: true });
    assert.equal(takeAll(8)?.length, 1);
    touch(10, eventsOf('a', 1), { isReconsidered: true });
    assert.equal(takeAll(10)?.length, 2);
    touch(11, []);
    assert.equal(cache.size, 0, 'more arrived than is told of');
  });

  it('hold a new call that LiveKit tells of at once', () => {
    touch(8, eventsOf('a', 0), { isNew: true, isReconsidered: true });
    assert.deepEqual(legs(8), ['a 0']);
  });

  for (const { what, arrivals, more } of [
    { what: 'in between', arrivals: 9, more: {} },
    { what: 'that reconsidered it', arrivals: 8, more: { isReconsidered: true } },
    { what: 'that opened it again', arrivals: 3, more: {} },
  ]) {
    it(`leave a call to the store where another replica had an arrival ${what}`, () => {
      begin();
      touch(arrivals, eventsOf('a', 1), more);
      assert.equal(cache.size, 0);
      assert.equal(legs(arrivals), undefined);
      touch(arrivals + 1, eventsOf('a', 2));
      assert.equal(cache.size, 0);
    });
  }

  it('hold a call that was loaded', () => {
    cache.add({ callId: 'a', arrivals: 3, isJudged: true }, { events: eventsOf('a', 0) });
    assert.deepEqual(legs(3), ['a 0']);
    touch(4, eventsOf('a', 1));
    assert.deepEqual(legs(4), ['a 0', 'a 1']);
  });

  it('hold no call that was evicted', () => {
    begin();
    cache.evict(['a', 'another']);
    assert.equal(legs(7), undefined);
    touch(8, eventsOf('a', 1));
    assert.equal(cache.size, 0);
  });

  it('hold so many, and evict the one that was quiet the longest', () => {
    cache = new CallCache(2);
    const all = (...calls: readonly string[]) => calls.flatMap((call) => eventsOf(call, 0));
    cache.touch(
      all('a', 'b').map((event) => ({
        callId: callIdOf(event),
        arrivals: 7,
        events: [event],
        isNew: true,
        isReconsidered: false,
      })),
    );
    assert.equal(cache.size, 2);
    touch(8, eventsOf('a', 1));
    cache.add({ callId: 'c', arrivals: 7, isJudged: false }, { events: all('c') });
    assert.equal(cache.size, 2);
    assert.deepEqual([legs(7, 'b'), legs(8, 'a'), legs(7, 'c')], [undefined, ['a 0', 'a 1'], ['c 0']]);
  });
});

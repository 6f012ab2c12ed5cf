import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RecentDeliveries } from '../../src/journal/recentDeliveries.ts';

describe('the latest deliveries', () => {
  const filled = (count: number, recent = new RecentDeliveries(1_000)) => {
    for (let i = 0; i < count; i += 1) recent.set(`${i}`, i);
    return recent;
  };

  it('knows at least as many as a generation has, and at most twice as many', () => {
    for (const { count, first } of [
      { count: 1_000, first: 0 },
      { count: 1_001, first: 0 },
      { count: 2_000, first: 0 },
      { count: 2_001, first: undefined },
    ]) {
      const recent = filled(count);
      assert.equal(recent.get('0'), first, `the first of ${count}`);
      for (let i = count - 1_000; i < count; i += 1) assert.equal(recent.get(`${i}`), i);
    }
    const usual = filled(20_000, new RecentDeliveries());
    assert.deepEqual([usual.get('0'), usual.get('10000')], [0, 10_000]);
    usual.set('one more', 1);
    assert.deepEqual([usual.get('9999'), usual.get('10000')], [undefined, 10_000]);
  });

  it('knows when one arrived last, and keeps it as long as any that arrived then', () => {
    const recent = filled(1_000);
    recent.set('0', 5);
    assert.equal(recent.get('0'), 5);
    recent.set('next', 1);
    recent.set('0', 6);
    assert.equal(recent.get('0'), 6);
    for (let i = 0; i < 999; i += 1) recent.set(`later ${i}`, i);
    assert.deepEqual([recent.get('0'), recent.get('1')], [6, undefined]);
  });

  it('forgets what is deleted, of either generation', () => {
    const recent = filled(1_500);
    for (const digest of ['0', '1499']) {
      recent.delete(digest);
      assert.equal(recent.get(digest), undefined);
    }
    assert.equal(recent.get('1'), 1);
  });

  it('takes no longer for one among many than among few', () => {
    const recent = new RecentDeliveries();
    const timed = (from: number) => {
      const began = performance.now();
      for (let i = from; i < from + 25_000; i += 1) recent.set(`delivery ${i}`, i);
      return performance.now() - began;
    };
    const few = timed(0);
    const many = Math.min(...Array.from({ length: 5 }, (_, i) => timed((i + 1) * 25_000)));
    // A map of 20,000 whose oldest entry is deleted each time takes ten times as long.
    assert.ok(many < 4 * few + 5, `${many} ms after ${few} ms`);
  });
});

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { ClockWatch, hasPassed } from '../../src/loop/clockWatch.ts';

const HOUR = 3_600_000;

describe('the clock of the machine', () => {
  let clock: { now: number; elapsed: number };
  let watch: ClockWatch;
  let jumps: number[];
  const pass = (milliseconds: number) => {
    clock.now += milliseconds;
    clock.elapsed += milliseconds;
  };
  beforeEach(() => {
    clock = { now: 1_795_387_200_000, elapsed: 5_000 };
    jumps = [];
    watch = new ClockWatch(
      () => clock.now,
      () => clock.elapsed,
      (by) => jumps.push(by),
    );
  });

  it('is steady after an hour', () => {
    pass(HOUR - 1);
    assert.equal(watch.isSteady, false);
    pass(1);
    assert.equal(watch.isSteady, true);
  });

  for (const by of [365 * 24 * HOUR, HOUR, 2_000, -2_000, -HOUR, -365 * 24 * HOUR]) {
    it(`is not steady for an hour after a jump by ${by} ms`, () => {
      pass(2 * HOUR);
      clock.now += by;
      assert.deepEqual([watch.isSteady, watch.takeJump(), watch.takeJump()], [false, by, 0]);
      pass(HOUR - 1);
      assert.equal(watch.isSteady, false);
      pass(1);
      assert.equal(watch.isSteady, true);
      assert.deepEqual(jumps, [by]);
    });
  }

  it('is steady where it is corrected a little at a time', () => {
    pass(HOUR);
    for (let i = 0; i < 100; i += 1) {
      clock.now += 1_999;
      assert.equal(watch.isSteady, true);
    }
    assert.deepEqual([watch.takeJump(), jumps], [0, []]);
  });

  it('may jump and jump back unseen, and no jump is left', () => {
    clock.now += HOUR;
    assert.equal(watch.isSteady, false);
    clock.now -= HOUR;
    assert.deepEqual([watch.takeJump(), jumps], [0, [HOUR, -HOUR]]);
  });

  it('runs on without its jumps where that is asked for', () => {
    const now = watch.from(1_000);
    pass(10.7);
    clock.now += HOUR;
    assert.equal(now(), 1_010);
  });
});

it('a time has passed in either direction', () => {
  assert.deepEqual([hasPassed(10, 100, 109), hasPassed(10, 100, 110), hasPassed(10, 100, 90)], [false, true, true]);
});

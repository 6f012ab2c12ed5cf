import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FirstFailures } from '../../../src/core/diagnose/facts/firstFailures.ts';

const CHANGE = { since: 1_000, at: 2_000 };

/** A trunk that connected before a change and fails after it. */
function noteTrunk(failures: FirstFailures, trunk: string, attempts: number): void {
  for (let i = 0; i < attempts; i += 1) failures.note(trunk, `${trunk}-${i}`, i, true);
  failures.note(trunk, `${trunk}-last`, 3_000, false);
}

test('the attempts that are remembered are bounded over all trunks: the one longest without a call goes first', () => {
  const failures = new FirstFailures();
  for (let trunk = 0; trunk < 300; trunk += 1) noteTrunk(failures, `ST_${trunk}`, 99);
  assert.equal(failures.after(CHANGE, 'ST_299'), 3_000);
  assert.equal(failures.after(CHANGE, 'ST_100'), 3_000);
  assert.equal(failures.after(CHANGE, 'ST_99'), undefined);
});

test('the first failure after a change counts, in whatever order attempts are noted', () => {
  const attempts = [
    ['a', 500, true],
    ['b', 1_500, false],
    ['c', 3_000, false],
  ] as const;
  for (const order of [attempts, attempts.toReversed(), [attempts[1], attempts[2], attempts[0]]]) {
    const failures = new FirstFailures();
    for (const [id, at, connected] of order) failures.note('ST_1', id, at, connected);
    assert.equal(failures.after(CHANGE, 'ST_1'), 1_500);
    assert.equal(failures.after(CHANGE, 'ST_2'), undefined);
  }
});

test('the earliest first failure of a change stays known, also when a later one is found first', () => {
  const failures = new FirstFailures();
  failures.note('ST_1', 'a', 500, true);
  failures.note('ST_1', 'c', 3_000, false);
  assert.equal(failures.after(CHANGE, 'ST_1'), 3_000);
  failures.note('ST_1', 'b', 2_500, false);
  assert.equal(failures.after(CHANGE, 'ST_1'), 2_500);
  failures.note('ST_1', 'b', 2_500, true);
  assert.equal(failures.after(CHANGE, 'ST_1'), 2_500);
});

test('no failure is the first of a change if calls failed before it, or if none before is known', () => {
  const failures = new FirstFailures();
  failures.note('ST_1', 'b', 1_500, false);
  assert.equal(failures.after(CHANGE, 'ST_1'), undefined);
  failures.note('ST_1', 'a', 900, false);
  assert.equal(failures.after(CHANGE, 'ST_1'), undefined);
  // A failure at the last reading without the change is none after it.
  failures.note('ST_2', 'a', 900, true);
  failures.note('ST_2', 'b', 1_000, false);
  assert.equal(failures.after(CHANGE, 'ST_2'), undefined);
});

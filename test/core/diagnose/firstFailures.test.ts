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

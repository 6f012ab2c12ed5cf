import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recordDial } from '../scenario.ts';
import { DROPPED, incidentOf, NO_AUTH, OTHERS_ONLY, settled } from './failedCalls.ts';

describe('the fix of an incident of several callers', () => {
  const from = (caller: string) => recordDial({ ...DROPPED, from: caller }, { livekit: OTHERS_ONLY });
  const calls = ['+15550123', '+15550124', '+15550123', '+15550125'].map((caller, i) =>
    settled(`call ${i}`, i, from(caller)),
  );
  const [first, second, third, fourth] = calls;
  assert.ok(first && second && third && fourth);

  it('adds each of them once, so that no caller is left out', () => {
    const { fix } = incidentOf(first, second, third, fourth);
    assert.equal(fix?.action, 'Add +15550123, +15550124, +15550125 to allowed_numbers of ST_1 "first".');
    assert.equal(fix?.proof, 'connects');
    assert.equal(fix?.pastes.length, 1);
    assert.match(fix?.pastes[0]?.text ?? '', /"add": \["\+15550123", "\+15550124", "\+15550125"\]/);
  });

  it('adds each of them where another cause keeps it from being proven', () => {
    const unproven = calls.map((call) => ({
      ...call,
      record: { ...call.record, fixes: call.record.fixes.map(({ proof: _, ...fix }) => fix) },
    }));
    const [a, b, c] = unproven;
    assert.ok(a && b && c);
    const { fix } = incidentOf(a, b, c);
    assert.equal(fix?.action, 'Add +15550123, +15550124 to allowed_numbers of ST_1 "first".');
    assert.equal(fix?.proof, undefined);
  });

  it('stays that of the one caller where there is no other', () => {
    assert.match(incidentOf(first, third).fix?.action ?? '', /^Add \+15550123 to allowed_numbers of ST_1/);
  });

  it('says whom “anonymous” admits, whichever caller came first', () => {
    const anonymous = settled('anonymous', 3, from('anonymous'));
    const WITHHELD = 'to allowed_numbers of ST_1 "first". That admits every caller who withholds the number.';
    assert.equal(incidentOf(anonymous, first).fix?.action, `Add anonymous, +15550123 ${WITHHELD}`);
    assert.equal(incidentOf(first, anonymous).fix?.action, `Add +15550123, anonymous ${WITHHELD}`);
    assert.equal(incidentOf(anonymous, first, second).fix?.action, `Add anonymous, +15550123, +15550124 ${WITHHELD}`);
  });

  it('takes nothing from a fix of another kind', () => {
    const { fix } = incidentOf(first, settled('b', 2, { ...NO_AUTH, cause: 'caller_not_allowed' }));
    assert.match(fix?.action ?? '', /^Add \+15550123 to allowed_numbers of ST_1/);
  });

  it('names no hash of a number as an entry', () => {
    const hashed = { ...second.record, fixes: second.record.fixes.map((fix) => ({ ...fix, pastes: [] })) };
    const { fix } = incidentOf(first, { ...second, record: hashed });
    assert.match(fix?.action ?? '', /^Add \+15550123 to allowed_numbers of ST_1/);
  });
});

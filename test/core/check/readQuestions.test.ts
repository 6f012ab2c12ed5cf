import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readQuestions } from '../../../src/core/check/readQuestions.ts';

const ROWS: readonly [unknown, RegExp][] = [
  [{}, /^give either "to" \(.*\) or "dial"/],
  [{ to: '+15550100', dial: {} }, /^give either/],
  [{ to: 5 }, /^to must be string/],
  [{ to: '' }, /^to must not have fewer than 1 characters$/],
  [{ to: '+15550100', source: 'bogus' }, /^source must be an IP address, got "bogus"$/],
  [
    { to: '+15550100', calller: '+15550123' },
    /^unknown field calller; known fields are to, dial, caller, source, auth_username$/,
  ],
];

for (const [body, fault] of ROWS) {
  it(`the question ${JSON.stringify(body)} is refused by the name of what is wrong`, () => {
    const reading = readQuestions(body);
    assert.ok(!reading.ok);
    assert.match(reading.fault, fault);
  });
}

it('a question with all that there is, is read', () => {
  const reading = readQuestions({ to: '+15550100', caller: '+15550123', source: '2001:db8::1', auth_username: false });
  assert.deepEqual(reading, {
    ok: true,
    questions: [{ to: '+15550100', caller: '+15550123', source: '2001:db8::1', auth: { sent: false } }],
  });
});

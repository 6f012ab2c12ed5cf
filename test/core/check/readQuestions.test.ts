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
    { to: '+15550100', constructor: 'x' },
    /^unknown field constructor; known fields are to, dial, caller, source, auth_username, srtp$/,
  ],
  [
    { to: '+15550100', calller: '+15550123' },
    /^unknown field calller; known fields are to, dial, caller, source, auth_username, srtp$/,
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
  const reading = readQuestions({
    to: '+15550100',
    caller: '+15550123',
    source: '2001:db8::1',
    auth_username: false,
    srtp: true,
  });
  assert.deepEqual(reading, {
    ok: true,
    questions: [{ to: '+15550100', caller: '+15550123', source: '2001:db8::1', auth: { sent: false }, srtp: true }],
  });
});

const target = { type: 'sip', sipUri: 'sip:+15550100@sip.example.com' };
const dialTo = (targets: number) => ({ dial: { verb: 'dial', target: Array(targets).fill(target) } });
const LIMITS: readonly [what: string, accepted: object, refused: object, fault: RegExp][] = [
  ['to', { to: '1'.repeat(1_000) }, { to: '1'.repeat(1_001) }, /^to must not have more than 1000 characters/],
  ['caller', { to: '1', caller: '1'.repeat(256) }, { to: '1', caller: '1'.repeat(257) }, /^caller must not have more/],
  [
    'auth_username',
    { to: '1', auth_username: 'u'.repeat(256) },
    { to: '1', auth_username: 'u'.repeat(257) },
    /^auth_username must/,
  ],
  [
    'the username of a target',
    { dial: { verb: 'dial', target: [{ ...target, auth: { username: 'u'.repeat(256) } }] } },
    { dial: { verb: 'dial', target: [{ ...target, auth: { username: 'u'.repeat(257) } }] } },
    /auth_username must have at most 256 characters, got 257$/,
  ],
  ['the number of targets', dialTo(50), dialTo(51), /target must have at most 50 entries, got 51$/],
  [
    'a target',
    { dial: { verb: 'dial', target: [{ sipUri: '1'.repeat(1_000) }] } },
    { dial: { verb: 'dial', target: [{ sipUri: '1'.repeat(1_001) }] } },
    /^a target of the dial verb: to must have at most 1000 characters, got 1001$/,
  ],
  [
    'the callerId',
    { dial: { verb: 'dial', callerId: '1'.repeat(256), target: [target] } },
    { dial: { verb: 'dial', callerId: '1'.repeat(257), target: [target] } },
    /^a target of the dial verb: caller must have at most 256 characters, got 257$/,
  ],
];

for (const [what, accepted, refused, fault] of LIMITS) {
  it(`${what} has a limit`, () => {
    assert.ok(readQuestions(accepted).ok);
    const reading = readQuestions(refused);
    assert.ok(!reading.ok);
    assert.match(reading.fault, fault);
  });
}

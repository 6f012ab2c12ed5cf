import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  LONGEST_NAME,
  MOST_CALLERS,
  MOST_CALLS,
  MOST_ENTRIES,
  readExpected,
} from '../../../src/core/expected/expectedFile.ts';
import { readYaml } from '../../../src/core/trunks/yamlText.ts';

const CALL = { name: 'one', to: '+15550100', expect: 'connected' };
const EXPECT_RANGE =
  'connected, refused, refused: <id from sipwhy causes>, or one or more of trunk, rule, room_prefix and agent';
const FIELDS = 'name, to, from, source, auth, srtp, expect';

function faults(json: unknown): readonly string[] {
  const reading = readExpected(json);
  return reading.ok ? [] : reading.faults;
}

const many = (count: number, entry: (index: number) => object = () => ({})) =>
  Array.from({ length: count }, (_, index) => ({ ...CALL, name: `${index}`, ...entry(index) }));

describe('a file of expected calls', () => {
  it('is read from YAML, where numbers keep their plus', () => {
    const yaml = readYaml(
      'calls:\n  - name: support\n    to: +4930100\n    from: [+4915112345678, anonymous]\n    source: 192.0.2.10\n    auth: false\n    expect:\n      trunk: 12345\n',
    );
    assert.ok(yaml.ok);
    assert.deepEqual(readExpected(yaml.value), {
      ok: true,
      calls: [
        {
          name: 'support',
          to: '+4930100',
          from: ['+4915112345678', 'anonymous'],
          source: '192.0.2.10',
          auth: false,
          expect: { trunk: '12345' },
        },
      ],
    });
  });

  for (const [what, entry] of [
    ['a cause id', { expect: { refused: 'auth_missing' } }],
    ['a name of the greatest length', { name: 'x'.repeat(LONGEST_NAME) }],
    ['as many callers as there may be', { from: many(MOST_CALLERS).map(({ name }) => name) }],
    ['an IPv6 source', { source: '2001:db8::1' }],
  ] as const) {
    it(`may have ${what}`, () => assert.deepEqual(faults({ calls: [{ ...CALL, ...entry }] }), []));
  }
  it('may have as many entries and calls as are judged', () => {
    assert.deepEqual(faults({ calls: many(MOST_ENTRIES) }), []);
    const from = many(MOST_CALLERS).map(({ name }) => name);
    assert.deepEqual(faults({ calls: many(MOST_CALLS / MOST_CALLERS, () => ({ from })) }), []);
  });

  for (const [what, json, fault] of [
    ['nothing', null, 'calls must be a list of calls, such as docs/expected-calls.md shows'],
    ['a list', [CALL], 'calls must be a list of calls, such as docs/expected-calls.md shows'],
    ['another field', { calls: [CALL], call: 1 }, 'unknown field "call": the file has only a list named calls'],
    ['no entry', { calls: [] }, 'calls must have 1 to 1000 entries, got 0'],
    ['too many entries', { calls: many(MOST_ENTRIES + 1) }, 'calls must have 1 to 1000 entries, got 1001'],
    [
      'too many calls',
      { calls: [...many(50, () => ({ from: many(MOST_CALLERS).map(({ name }) => name) })), CALL] },
      'the lists of from make 5001 calls; at most 5000 are judged, so shorten them',
    ],
    ['an entry that is text', { calls: ['x'] }, 'call 1 must have name, to and expect'],
    [
      'two equal names',
      { calls: [CALL, { ...CALL, name: 'two' }, CALL] },
      'call 3, "one": call 1 has the same name; give each call its own',
    ],
  ] as const) {
    it(`is refused with ${what}`, () => assert.deepEqual(faults(json), [fault]));
  }

  for (const [what, entry, fault] of [
    ['an unknown field', { caller: '+1' }, `unknown field "caller"; known fields are ${FIELDS}`],
    ['no to', { to: undefined }, 'to is missing; it must be a number in quotes, or a SIP URI'],
    [
      'a to that lost its quotes in JSON',
      { to: 15550100 },
      'to must be a number in quotes, or a SIP URI, got 15550100',
    ],
    ['an empty to', { to: '' }, 'to must be a number in quotes, or a SIP URI, got ""'],
    ['no caller in the list', { from: [] }, 'from must be a number in quotes, or a list of 1 to 100 of them, got []'],
    ['a null from', { from: null }, 'from must be a number in quotes, or a list of 1 to 100 of them, got null'],
    ['a source that is a name', { source: 'sbc.example' }, 'source must be an IP address, got "sbc.example"'],
    ['auth: true', { auth: true }, 'auth must be a username, or false for no credentials, got true'],
    ['srtp in words', { srtp: 'yes' }, 'srtp must be true or false, got "yes"'],
    ['no expectation', { expect: undefined }, `expect is missing; it must be ${EXPECT_RANGE}`],
    ['an empty expectation', { expect: {} }, `expect must be ${EXPECT_RANGE}, got {}`],
    ['another word', { expect: 'fails' }, `expect must be ${EXPECT_RANGE}, got "fails"`],
    [
      'an unknown expectation',
      { expect: { room: 'x' } },
      'unknown field "room" in expect; known fields are refused, trunk, rule, room_prefix, agent',
    ],
    [
      'an unknown cause',
      { expect: { refused: 'sip_407' } },
      `expect must be ${EXPECT_RANGE}, got {"refused":"sip_407"}`,
    ],
    [
      'a refusal that reaches a trunk',
      { expect: { refused: 'auth_missing', trunk: 'ST_1' } },
      `expect must be ${EXPECT_RANGE}, got {"refused":"auth_missing","trunk":"ST_1"}`,
    ],
  ] as const) {
    it(`is refused with ${what}`, () => {
      assert.deepEqual(faults({ calls: [{ ...CALL, ...entry }] }), [`call 1, "one": ${fault}`]);
    });
  }

  for (const [what, name] of [
    ['a blank name', '  '],
    ['a name on two lines', 'a\nb'],
    ['a name that is too long', 'x'.repeat(LONGEST_NAME + 1)],
  ] as const) {
    it(`is refused with ${what}`, () => {
      assert.match(
        faults({ calls: [{ ...CALL, name }] })[0] ?? '',
        /: name must be text of 1 to 128 characters on one line, got /,
      );
    });
  }
  it('names every fault of every entry, and counts those beyond the tenth', () => {
    const found = faults({ calls: many(12, () => ({ srtp: 'no', auth: true })) });
    assert.equal(found.length, 11);
    assert.equal(found[1], 'call 1, "0": srtp must be true or false, got "no"');
    assert.equal(found.at(-1), '14 more faults, not shown');
  });
});

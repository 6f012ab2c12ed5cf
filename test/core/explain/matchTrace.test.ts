import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { traceMatch } from '../../../src/core/explain/trace.ts';
import { type CallToJudge, judge } from '../../../src/core/trunks/judge/judge.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import { CALLED, CALLER, rule, SBC, trunk, WITH_PASSWORD } from '../scenario.ts';

const CALL: CallToJudge = {
  called: CALLED,
  caller: CALLER,
  sources: [SBC],
  declaredAuth: undefined,
  strictAddresses: false,
};

function traced(trunks: readonly object[], rules: readonly object[], more: Partial<CallToJudge> = {}) {
  const reading = readSnapshot({ inbound_trunks: trunks, dispatch_rules: rules });
  assert.ok(reading.ok);
  return traceMatch(judge(reading.snapshot, { ...CALL, ...more }), reading.snapshot);
}

const many = (count: number, make: (n: number) => object) => Array.from({ length: count }, (_, i) => make(i + 1));

describe('a traced match', () => {
  it('leaves out trunks after the tenth', () => {
    const leftOut = (count: number) => {
      const { trunks, trunks_left_out } = traced(
        many(count, (n) => trunk({ sip_trunk_id: `ST_${n}` })),
        [],
      );
      return [trunks.length, trunks_left_out];
    };
    assert.deepEqual(
      [leftOut(10), leftOut(11)],
      [
        [10, 0],
        [10, 1],
      ],
    );
  });

  it('leaves out rules after the twentieth, and puts the chosen one first', () => {
    const rulesOf = (count: number) =>
      many(count, (n) =>
        rule({ sip_dispatch_rule_id: `SDR_${n}`, numbers: [n === count ? CALLED : `+15550${200 + n}`] }),
      );
    const leftOut = (count: number) => {
      const { dispatch_rules, dispatch_rules_left_out } = traced([trunk()], rulesOf(count));
      const ids = dispatch_rules.map((traced) => `${traced.sip_dispatch_rule_id}${traced.chosen ? ' chosen' : ''}`);
      return [ids.length, ids[0], ids[1], ids.at(-1), dispatch_rules_left_out];
    };
    assert.deepEqual(leftOut(20), [20, 'SDR_20 chosen', 'SDR_1', 'SDR_19', 0]);
    assert.deepEqual(leftOut(21), [20, 'SDR_21 chosen', 'SDR_1', 'SDR_19', 1]);
  });

  it('puts the rules in reach before those of other trunks', () => {
    const rules = [
      rule({ sip_dispatch_rule_id: 'SDR_OTHER', trunk_ids: ['ST_2'] }),
      rule({ sip_dispatch_rule_id: 'SDR_BARRED', numbers: ['+15550142'] }),
    ];
    const { dispatch_rules } = traced([trunk()], rules);
    assert.deepEqual(
      dispatch_rules.map(({ sip_dispatch_rule_id, verdict, chosen }) => [sip_dispatch_rule_id, verdict, chosen]),
      [
        ['SDR_BARRED', 'fail', false],
        ['SDR_OTHER', 'fail', false],
      ],
    );
  });

  it('marks the trunk that the call was meant for', () => {
    const { trunks } = traced([trunk({ sip_trunk_id: 'ST_2', numbers: ['+15550142'] }), trunk()], [rule()]);
    assert.deepEqual(
      trunks.map(({ sip_trunk_id, verdict, meant }) => [sip_trunk_id, verdict, meant]),
      [
        ['ST_1', 'pass', true],
        ['ST_2', 'fail', false],
      ],
    );
  });
});

describe('a field of a traced trunk', () => {
  for (const [what, fields, call, field, wanted] of [
    ['the caller', { allowed_numbers: ['+15550142'] }, {}, 0, ['fail', CALLER, `add ${CALLER}`]],
    ['an unknown caller', { allowed_numbers: ['+15550142'] }, { caller: undefined }, 0, ['unknown', null, undefined]],
    ['the address', { allowed_addresses: ['192.0.2.9'] }, {}, 1, ['fail', SBC, `add ${SBC}`]],
    ['an unknown address', { allowed_addresses: ['192.0.2.9'] }, { sources: [] }, 1, ['unknown', null, undefined]],
    ['a pattern', { numbers: ['+1555*'] }, {}, 2, ['fail', CALLED, `add ${CALLED}`]],
    ['another called number', { numbers: ['+15550142'] }, {}, 2, ['fail', CALLED, `dial +15550142, or add ${CALLED}`]],
    ['an id of the call', { numbers: ['+15550142'] }, { called: 'SCL_1' }, 2, ['fail', 'SCL_1', 'dial +15550142']],
    [
      'the called number in another form',
      { numbers: ['0015550100'] },
      {},
      2,
      ['fail', CALLED, 'dial 0015550100: 00 instead of +'],
    ],
  ] as const) {
    it(`compares ${what}`, () => {
      const { trunks } = traced([trunk(fields)], [rule()], call);
      const { verdict, sent, edit } = trunks[0]?.fields[field] ?? assert.fail();
      assert.deepEqual([verdict, sent, edit], wanted);
      assert.equal(trunks[0]?.verdict, wanted[0]);
    });
  }
});

describe('a field of a traced rule', () => {
  for (const [what, fields, call, field, wanted] of [
    ['no trunk_ids', { trunk_ids: [] }, {}, 0, ['pass', 'ST_1', undefined]],
    ['its trunk', {}, {}, 0, ['pass', 'ST_1', undefined]],
    ['another trunk', { trunk_ids: ['ST_2'] }, {}, 0, ['fail', 'ST_1', 'add ST_1']],
    ['no callers', {}, {}, 1, ['pass', CALLER, undefined]],
    ['no callers with an unknown one', {}, { caller: undefined }, 1, ['pass', null, undefined]],
    ['the caller', { inbound_numbers: [CALLER] }, {}, 1, ['pass', CALLER, undefined]],
    ['an unknown caller', { inbound_numbers: [CALLER] }, { caller: undefined }, 1, ['unknown', null, undefined]],
    ['another number', { numbers: ['+15550142'] }, {}, 2, ['fail', CALLED, `add ${CALLED}`]],
    [
      'the number without its +',
      { numbers: ['+15550142', '15550100'] },
      {},
      2,
      ['fail', CALLED, `replace 15550100 with ${CALLED} in SDR_1: numbers are compared exactly as written`],
    ],
    [
      'the number in another form',
      { numbers: ['+15550142', '0015550100'] },
      {},
      2,
      ['fail', CALLED, `0015550100 is the same number in another format; add ${CALLED}`],
    ],
  ] as const) {
    it(`compares ${what}`, () => {
      const { dispatch_rules } = traced([trunk()], [rule(fields)], call);
      const { verdict, sent, edit } = dispatch_rules[0]?.fields[field] ?? assert.fail();
      assert.deepEqual([verdict, sent, edit], wanted);
      assert.equal(dispatch_rules[0]?.verdict, wanted[0]);
    });
  }

  it('has no trunk to compare if there is none', () => {
    const { dispatch_rules } = traced([], [rule()]);
    assert.deepEqual(dispatch_rules[0]?.fields[0], {
      field: 'trunk_ids',
      verdict: 'fail',
      sent: null,
      listed: ['ST_1'],
    });
  });
});

describe('the credentials of a traced match', () => {
  const { inbound_trunks, dispatch_rules } = WITH_PASSWORD;
  const listed = ['livekit_client'];
  for (const [what, declaredAuth, wanted] of [
    ['are unknown', undefined, { verdict: 'unknown', sent: null }],
    [
      'are not sent',
      { sent: false },
      { verdict: 'fail', sent: null, edit: 'send the username livekit_client with its password' },
    ],
    [
      'have another username',
      { sent: true, username: 'anna' },
      { verdict: 'fail', sent: 'anna', edit: 'send livekit_client instead of anna' },
    ],
    [
      'have the right username, so that the password decides',
      { sent: true, username: 'livekit_client' },
      { verdict: 'unknown', sent: 'livekit_client' },
    ],
  ] as const) {
    it(what, () =>
      assert.deepEqual(traced(inbound_trunks, dispatch_rules, { declaredAuth }).auth, {
        field: 'auth_username',
        listed,
        ...wanted,
      }),
    );
  }

  it('are none if the trunk requires none, or if there is no trunk', () => {
    assert.deepEqual([traced([trunk()], [rule()]).auth, traced([], [rule()]).auth], [null, null]);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { readExpected } from '../../../src/core/expected/expectedFile.ts';
import { judgeExpected } from '../../../src/core/expected/judgeExpected.ts';
import { recordedCases } from '../recordedCases.ts';
import {
  ANNA,
  type AskedSite,
  BERT,
  BYPASSED,
  BYPASSED_BY_BERT,
  judged,
  LINES,
  SECOND_CHANCE,
  STRANGER,
  snapshotFrom,
} from './expectedConfiguration.ts';

const SUPPORT = '+4991874350352';
const NO_SBC = { sbcAddresses: [] };

/** What was wanted of the call, and how the result reads: `ok`, or what the call did instead. */
type Row = readonly [behaviour: string, livekit: object, entry: object, wanted: string, site?: AskedSite];

const CONNECTING: readonly Row[] = [
  ['connects where nothing stops it', LINES, { to: SUPPORT, expect: 'connected' }, 'ok'],
  ['reaches a trunk by its id', LINES, { to: SUPPORT, expect: { trunk: 'ST_support' } }, 'ok'],
  ['reaches a trunk by its name', LINES, { to: SUPPORT, expect: { trunk: 'support line' } }, 'ok'],
  ['reaches a rule by its id', LINES, { to: SUPPORT, expect: { rule: 'SDR_support' } }, 'ok'],
  ['reaches a rule by its name', LINES, { to: SUPPORT, expect: { rule: 'support room' } }, 'ok'],
  ['reaches a room by its whole prefix', LINES, { to: SUPPORT, expect: { room_prefix: 'support-' } }, 'ok'],
  ['reaches a room by a beginning of its prefix', LINES, { to: SUPPORT, expect: { room_prefix: 'sup' } }, 'ok'],
  ['reaches a direct room', LINES, { to: '+4930100', from: ANNA, expect: { room_prefix: 'vip-lounge' } }, 'ok'],
  ['reaches any agent of the rule', LINES, { to: SUPPORT, expect: { agent: 'note-taker' } }, 'ok'],
  [
    'reaches all four',
    LINES,
    { to: SUPPORT, expect: { trunk: 'ST_support', rule: 'SDR_support', room_prefix: 'support-', agent: 'greeter' } },
    'ok',
  ],
  ['is written as a SIP URI', LINES, { to: `sip:${SUPPORT}@lab.sip.livekit.cloud`, expect: 'connected' }, 'ok'],
  ['sends the trunk’s username', LINES, { to: '+4930200', auth: 'livekit_client', expect: 'connected' }, 'ok'],
  ['comes from an allowed address of the site', LINES, { to: '+4930300', expect: 'connected' }, 'ok'],
  ['comes from its own source', LINES, { to: '+4930300', source: '192.0.2.77', expect: 'connected' }, 'ok', NO_SBC],
  ['offers SRTP', LINES, { to: '+4930400', srtp: true, expect: 'connected' }, 'ok'],
  ['gets the rule of its caller', LINES, { to: '+4930900', from: ANNA, expect: { rule: 'SDR_split' } }, 'ok'],
  ['gets the rule of the others', LINES, { to: '+4930900', from: BERT, expect: { agent: 'fallback' } }, 'ok'],
  ['gets in through a wildcard rule', BYPASSED, { to: '+4930100', from: BERT, expect: 'connected' }, 'ok'],
  [
    'gets the wildcard rule and not that of the trunk which refuses it',
    BYPASSED_BY_BERT,
    { to: '+4930100', from: BERT, expect: { rule: 'SDR_any' } },
    'ok',
  ],
  [
    'comes from any caller, where callers decide only about another number',
    LINES,
    { to: '+4931100', expect: { rule: 'SDR_wide' } },
    'ok',
  ],
  ['names that wildcard rule', BYPASSED, { to: '+4930100', from: BERT, expect: { rule: 'SDR_vip' } }, 'ok'],
];

const REFUSED: readonly Row[] = [
  ['is refused as expected', LINES, { to: '+4930100', from: STRANGER, expect: 'refused' }, 'ok'],
  [
    'is refused for the expected cause',
    LINES,
    { to: '+4930100', from: STRANGER, expect: { refused: 'caller_not_allowed' } },
    'ok',
  ],
  ['has no credentials', LINES, { to: '+4930200', auth: false, expect: { refused: 'auth_missing' } }, 'ok'],
  ['has other credentials', LINES, { to: '+4930200', auth: 'anna', expect: { refused: 'auth_rejected' } }, 'ok'],
  [
    'comes from elsewhere',
    LINES,
    { to: '+4930300', source: '198.51.100.1', expect: { refused: 'source_address_not_allowed' } },
    'ok',
  ],
  ['dials a number of no trunk', LINES, { to: '+4930999', expect: { refused: 'called_number_not_on_trunk' } }, 'ok'],
  ['fits two trunks', LINES, { to: '+4930500', expect: { refused: 'trunk_conflict' } }, 'ok'],
  ['has a trunk without a rule', LINES, { to: '+4930600', expect: { refused: 'dispatch_rule_other_trunk' } }, 'ok'],
  ['has two equal rules', LINES, { to: '+4930700', expect: { refused: 'dispatch_rule_conflict' } }, 'ok'],
  [
    'has no rule for its caller',
    LINES,
    { to: '+4930800', from: BERT, expect: { refused: 'dispatch_rule_number_mismatch' } },
    'ok',
  ],
  ['offers no SRTP', LINES, { to: '+4930400', srtp: false, expect: { refused: 'media_encryption_mismatch' } }, 'ok'],
  [
    'dials another host',
    LINES,
    { to: `sip:${SUPPORT}@other.sip.livekit.cloud`, expect: { refused: 'sip_host_wrong' } },
    'ok',
  ],
  [
    'dials another host from an unknown address',
    LINES,
    { to: 'sip:+4930300@other.sip.livekit.cloud', expect: { refused: 'sip_host_wrong' } },
    'ok',
    NO_SBC,
  ],
  [
    'has no credentials, whichever rule its caller would get',
    LINES,
    { to: '+4931000', auth: false, expect: { refused: 'auth_missing' } },
    'ok',
  ],
  [
    'may not connect, and does',
    LINES,
    { to: SUPPORT, from: STRANGER, expect: 'refused' },
    'trunk ST_support "support line" | rule SDR_support "support room" | room_prefix support- | agent greeter | agent note-taker',
  ],
  [
    'may not get in, and does past all trunks',
    BYPASSED,
    { to: '+4930100', from: BERT, expect: 'refused' },
    'no trunk (wildcard bypass) | rule SDR_vip "vip room" | room_prefix vip-',
  ],
  [
    'is refused for another cause than expected',
    LINES,
    { to: '+4930100', from: STRANGER, expect: { refused: 'auth_missing' } },
    'refused: caller_not_allowed: the caller isn’t in the trunk’s allowed_numbers',
  ],
  [
    'must connect, and is refused',
    LINES,
    { to: '+4930100', from: STRANGER, expect: 'connected' },
    'refused: caller_not_allowed: the caller isn’t in the trunk’s allowed_numbers',
  ],
  [
    'must reach a trunk, and is refused',
    LINES,
    { to: '+4930200', auth: false, expect: { trunk: 'ST_locked' } },
    'refused: auth_missing: the trunk requires credentials, but none were sent',
  ],
];

const ELSEWHERE: readonly Row[] = [
  ['another trunk', LINES, { to: '+4930300', expect: { trunk: 'ST_vip' } }, 'trunk'],
  ['another rule', LINES, { to: '+4930300', expect: { rule: 'SDR_vip' } }, 'rule'],
  ['another room', LINES, { to: '+4930300', expect: { room_prefix: 'vip-' } }, 'room_prefix'],
  [
    'a room with a shorter prefix than expected',
    LINES,
    { to: '+4930300', expect: { room_prefix: 'fenced-x' } },
    'room_prefix',
  ],
  ['a room that has the prefix further on', LINES, { to: SUPPORT, expect: { room_prefix: 'port-' } }, 'room_prefix'],
  ['another agent', LINES, { to: SUPPORT, expect: { agent: 'greet' } }, 'agent'],
  ['no agent', LINES, { to: '+4930300', expect: { agent: 'greeter' } }, 'agent'],
  ['another trunk and agent', LINES, { to: '+4930300', expect: { trunk: 'x', agent: 'y' } }, 'trunk, agent'],
  [
    'the right trunk, and another room',
    LINES,
    { to: SUPPORT, expect: { trunk: 'ST_support', room_prefix: 'x' } },
    'room_prefix',
  ],
  ['no trunk', BYPASSED, { to: '+4930100', from: BERT, expect: { trunk: 'ST_vip' } }, 'trunk'],
];

const UNKNOWN: readonly Row[] = [
  [
    'from any caller, where the trunk lists callers',
    LINES,
    { to: '+4930100', expect: 'connected' },
    'unknown: who calls: set from',
  ],
  [
    'from any caller, where the rule lists callers',
    LINES,
    { to: '+4930800', expect: 'connected' },
    'unknown: who calls: set from',
  ],
  [
    'from any caller, where another caller gets another rule',
    LINES,
    { to: '+4930900', expect: { rule: 'SDR_others' } },
    'unknown: who calls: set from',
  ],
  [
    'refused to any caller, where one gets in through a wildcard rule',
    BYPASSED_BY_BERT,
    { to: '+4930777', expect: 'refused' },
    'unknown: who calls: set from',
  ],
  [
    'from an unknown address',
    LINES,
    { to: '+4930300', expect: 'connected' },
    'unknown: which address the call comes from: set source, or JAMBONZ_SBC_ADDRESSES',
    NO_SBC,
  ],
  [
    'from one of two addresses',
    LINES,
    { to: '+4930300', expect: 'connected' },
    'unknown: which of JAMBONZ_SBC_ADDRESSES the call comes from: set source',
    { sbcAddresses: ['192.0.2.10', '198.51.100.1'] },
  ],
  [
    'with credentials that nobody knows',
    LINES,
    { to: '+4930200', expect: 'connected' },
    'unknown: whether credentials are sent: set auth',
  ],
  [
    'refused, with credentials that nobody knows',
    LINES,
    { to: '+4930200', expect: 'refused' },
    'unknown: whether credentials are sent: set auth',
  ],
  [
    'that may offer SRTP',
    LINES,
    { to: '+4930400', expect: 'connected' },
    'unknown: whether the call offers SRTP: set srtp',
  ],
  [
    'refused by the likely trunk, where another one may take the call',
    SECOND_CHANCE,
    { to: '+4930100', from: ANNA, auth: false, expect: 'refused' },
    'unknown: which address the call comes from: set source, or JAMBONZ_SBC_ADDRESSES',
    NO_SBC,
  ],
];

function resultOf([, livekit, entry, , site]: Row) {
  const results = judged(livekit, [{ name: 'one', ...entry }], site);
  assert.equal(results.length, 1);
  assert.ok(results[0]);
  return results[0];
}

describe('an expected call', () => {
  for (const row of [...CONNECTING, ...REFUSED]) {
    it(row[0], () => {
      const { ok, got, why } = resultOf(row);
      assert.equal(ok ? 'ok' : got.join(' | '), row[3]);
      assert.equal(why === null, ok);
    });
  }
  for (const row of ELSEWHERE) {
    it(`fails where it reaches ${row[0]}`, () => {
      const { ok, why } = resultOf(row);
      assert.equal(ok, false);
      assert.equal(why, `It connects, but differs in ${row[3]}.`);
    });
  }
  for (const row of UNKNOWN) {
    it(`passes by no guess: ${row[0]}`, () => {
      const { ok, got, causes, why } = resultOf(row);
      assert.equal(ok, false);
      assert.deepEqual(got, [row[3]]);
      assert.deepEqual(causes, []);
      assert.equal(why, `Whether it connects depends on ${row[3].replace('unknown: ', '')}.`);
    });
  }

  it('is a call of its own for each caller of a list, in order', () => {
    const entry = { name: 'vip', to: '+4930100', from: [ANNA, STRANGER, BERT], expect: 'connected' };
    assert.deepEqual(
      judged(LINES, [entry]).map(({ from, ok, causes }) => [from, ok, causes]),
      [
        [ANNA, true, []],
        [STRANGER, false, ['caller_not_allowed']],
        [BERT, true, []],
      ],
    );
  });

  it('is judged in a step of its own', () => {
    const reading = readExpected({ calls: [{ name: 'vip', to: '+4930100', from: [ANNA, BERT], expect: 'connected' }] });
    assert.ok(reading.ok);
    const steps = judgeExpected(
      siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: [] }),
      snapshotFrom(LINES),
      reading.calls,
    );
    assert.deepEqual([steps.next().done, steps.next().done, steps.next().done], [false, false, true]);
  });

  it('tells the fix where it must connect and is refused', () => {
    const entry = { name: 'vip', to: '+4930100', from: STRANGER, expect: 'connected' };
    assert.deepEqual(judged(LINES, [entry]), [
      {
        name: 'vip',
        to: '+4930100',
        from: STRANGER,
        ok: false,
        expected: ['connected'],
        got: ['refused: caller_not_allowed: the caller isn’t in the trunk’s allowed_numbers'],
        causes: ['caller_not_allowed'],
        why: 'It is refused. Add the caller to the trunk’s allowed_numbers, or empty the list to accept every caller.',
      },
    ]);
  });
});

describe('recorded calls without credentials', () => {
  const cases = recordedCases().filter(({ call }) => inviteOf(call).credentials === 'none');
  for (const [blocking, count] of [
    ['called_number_not_on_trunk', 7],
    ['caller_not_allowed', 5],
    ['source_address_not_allowed', 15],
    ['trunk_conflict', 15],
    ['no_trunk_configured', 4],
    ['no_dispatch_rule', 10],
    ['dispatch_rule_other_trunk', 8],
    ['dispatch_rule_number_mismatch', 26],
    ['auth_missing', 10],
    // LiveKit let it in, some of them past all trunks.
    ['agent_not_joined', 22],
  ] as const) {
    it(`do what LiveKit did with them: ${blocking}`, () => {
      const recorded = cases.filter(({ expected }) => expected.blocking.join() === blocking);
      assert.equal(recorded.length, count);
      const expect = blocking === 'agent_not_joined' ? 'connected' : { refused: blocking };
      for (const { id, call } of recorded) {
        const { from_user: from, to_user: to, source_ip: source } = inviteOf(call);
        const [result] = judged(call.livekit ?? {}, [{ name: id, to, from, source, auth: false, srtp: false, expect }]);
        assert.equal(result?.ok, true, `${id}: ${result?.got}`);
      }
    });
  }
});

function inviteOf(call: object) {
  // The cast: the documented form of the recording.
  return (call as { invite: { from_user: string; to_user: string; source_ip: string; credentials: string } }).invite;
}

import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import type { DeclaredAuth } from '../../../src/core/call/callEvent.ts';
import { check, checkToText } from '../../../src/core/check/check.ts';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { readConfiguration } from '../../../src/core/trunks/configurationFile.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import {
  CALLED,
  CALLER,
  EMPTY,
  FITTING,
  LIVEKIT_URI,
  rule,
  SBC,
  type Setting,
  TWO_RULES,
  TWO_TRUNKS,
  trunk,
  WITH_PASSWORD,
} from '../scenario.ts';

type LiveKit = NonNullable<Setting['livekit']>;

interface Asked {
  readonly to?: string;
  readonly auth?: DeclaredAuth;
  readonly srtp?: boolean;
  readonly sbcAddresses?: readonly string[];
  readonly sipHosts?: readonly string[];
}

function checked(livekit: LiveKit, { to = LIVEKIT_URI, auth, srtp, sbcAddresses = [SBC], sipHosts }: Asked = {}) {
  const reading = readSnapshot(livekit);
  assert.ok(reading.ok);
  const site = siteFrom({ sipHosts: sipHosts ?? ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses });
  return check(site, reading.snapshot, { to, caller: CALLER, source: undefined, auth, srtp });
}

/** Whether it would connect, and the stages as one line each. */
function told(livekit: LiveKit, asked?: Asked) {
  const { would_connect, stages } = checked(livekit, asked);
  return [would_connect, ...stages.map(({ stage, verdict, detail }) => `${stage} ${verdict}: ${detail}`)];
}

const withRules = (...rules: readonly object[]) => ({ inbound_trunks: [trunk()], dispatch_rules: rules });
const BARRED = { inbound_trunks: [trunk({ allowed_numbers: ['+15550142'] })], dispatch_rules: [rule()] };
const withMedia = (media: object) => ({ inbound_trunks: [trunk({ media })], dispatch_rules: [rule()] });
const WITH_SRTP = withMedia({ encryption: 'SIP_MEDIA_ENCRYPT_REQUIRE', media_timeout: '5s' });
const HOST = 'host pass: LiveKit’s SIP host';
const TRUNK = 'trunk pass: ST_1 "first"';
const AUTH = 'auth pass: no credentials required';
const RULE = 'dispatch pass: SDR_1';
const MEDIA = 'media pass: neither SRTP nor a codec list stops the call';

describe('a checked call', () => {
  for (const [what, livekit, asked, wanted, media = MEDIA] of [
    ['fits', FITTING, {}, [true, HOST, TRUNK, AUTH, RULE]],
    ['has no host', FITTING, { to: CALLED }, [true, 'host unknown: no host was given', TRUNK, AUTH, RULE]],
    [
      'is for another project',
      FITTING,
      { to: `sip:${CALLED}@other.sip.livekit.cloud` },
      [false, 'host fail: other.sip.livekit.cloud isn’t LiveKit’s SIP host', TRUNK, AUTH, RULE],
    ],
    [
      'is for a host that can’t be checked',
      FITTING,
      { sipHosts: [] },
      [true, 'host unknown: set LIVEKIT_SIP_HOST to check lab.sip.livekit.cloud', TRUNK, AUTH, RULE],
    ],
    [
      'is for no project',
      FITTING,
      { to: `sip:${CALLED}@sip.livekit.cloud`, sipHosts: [] },
      [false, 'host fail: sip.livekit.cloud isn’t LiveKit’s SIP host', TRUNK, AUTH, RULE],
    ],
    [
      'is for a host that LIVEKIT_SIP_HOST lacks',
      FITTING,
      { to: `sip:${CALLED}@other.example.com`, sipHosts: ['sip.example.com'] },
      [null, 'host unknown: other.example.com isn’t in LIVEKIT_SIP_HOST', TRUNK, AUTH, RULE],
    ],
    [
      'has no trunk',
      EMPTY,
      {},
      [false, HOST, 'trunk fail: there is no inbound trunk', 'auth unknown: no trunk', 'dispatch unknown: no trunk'],
      'media unknown: no trunk',
    ],
    ['is barred', BARRED, {}, [false, HOST, 'trunk fail: no trunk matches', AUTH, RULE]],
    [
      'is taken by two trunks',
      TWO_TRUNKS,
      {},
      [false, HOST, 'trunk fail: ST_1 "first" and ST_2 "second" both match', AUTH, RULE],
    ],
    [
      'comes from an unknown address',
      { inbound_trunks: [trunk({ allowed_addresses: [SBC] })], dispatch_rules: [rule()] },
      { sbcAddresses: [] },
      [null, HOST, 'trunk unknown: depends on unknown fields', AUTH, RULE],
    ],
    [
      'has unknown credentials',
      WITH_PASSWORD,
      {},
      [null, HOST, TRUNK, 'auth unknown: credentials are required; whether they are sent is unknown', RULE],
    ],
    [
      'has no credentials',
      WITH_PASSWORD,
      { auth: { sent: false } },
      [false, HOST, TRUNK, 'auth fail: credentials are required, but none are sent', RULE],
    ],
    [
      'has another username',
      WITH_PASSWORD,
      { auth: { sent: true, username: 'anna' } },
      [false, HOST, TRUNK, 'auth fail: anna isn’t the trunk’s username', RULE],
    ],
    [
      'has the trunk’s username',
      WITH_PASSWORD,
      { auth: { sent: true, username: 'livekit_client' } },
      [true, HOST, TRUNK, 'auth pass: the username matches; the password can’t be checked', RULE],
    ],
    [
      'passes by a wildcard rule',
      { ...BARRED, dispatch_rules: [rule({ trunk_ids: [], name: 'all' })] },
      {},
      [
        true,
        HOST,
        'trunk pass: no trunk matches, but SDR_1 "all" admits the call (wildcard bypass)',
        AUTH,
        'dispatch pass: SDR_1 "all"',
      ],
    ],
    ['meets two rules', TWO_RULES, {}, [false, HOST, TRUNK, AUTH, 'dispatch fail: SDR_2 and SDR_1 conflict']],
    ['meets no rule', withRules(), {}, [false, HOST, TRUNK, AUTH, 'dispatch fail: there is no dispatch rule']],
    [
      'meets a rule of another trunk',
      withRules(rule({ trunk_ids: ['ST_2'] })),
      {},
      [false, HOST, TRUNK, AUTH, 'dispatch fail: every dispatch rule is bound to another trunk'],
    ],
    [
      'meets a rule for other numbers',
      withRules(rule({ numbers: ['+15550142'] })),
      {},
      [false, HOST, TRUNK, AUTH, 'dispatch fail: no dispatch rule of the trunk accepts these numbers'],
    ],
    [
      'offers no SRTP, which is required',
      WITH_SRTP,
      { srtp: false },
      [false, HOST, TRUNK, AUTH, RULE],
      'media fail: ST_1 "first" requires SRTP; the call offers none; without audio, LiveKit hangs up after 5 s',
    ],
    [
      'offers SRTP, which is required',
      WITH_SRTP,
      { srtp: true },
      [true, HOST, TRUNK, AUTH, RULE],
      'media pass: ST_1 "first" requires SRTP; the call offers it; without audio, LiveKit hangs up after 5 s',
    ],
    [
      'may not offer SRTP, which is required',
      WITH_SRTP,
      {},
      [null, HOST, TRUNK, AUTH, RULE],
      'media unknown: ST_1 "first" requires SRTP; whether the call offers it is unknown; without audio, LiveKit hangs up after 5 s',
    ],
    [
      'meets a list without codecs',
      withMedia({ only_listed_codecs: true }),
      {},
      [false, HOST, TRUNK, AUTH, RULE],
      'media fail: the codec list of ST_1 "first" lets no call through',
    ],
    [
      'meets such a list of a rule, which only some releases read',
      withRules(rule({ media: { only_listed_codecs: true } })),
      {},
      [null, HOST, TRUNK, AUTH, RULE],
      'media unknown: the codec list of SDR_1 lets no call through in some releases of LiveKit',
    ],
    [
      'meets a rule that allows what the trunk requires',
      { ...WITH_SRTP, dispatch_rules: [rule({ media_encryption: 'SIP_MEDIA_ENCRYPT_ALLOW' })] },
      { srtp: false },
      [null, HOST, TRUNK, AUTH, RULE],
      'media unknown: ST_1 "first" requires SRTP in some releases of LiveKit; the call offers none; without audio, LiveKit hangs up after 5 s',
    ],
  ] as readonly (readonly [string, LiveKit, Asked, readonly unknown[], string?])[]) {
    it(what, () => assert.deepEqual(told(livekit, asked), [...wanted, media]));
  }

  it('is blocked by what its media lacks, and connects with each fix', () => {
    const plain = checked(WITH_SRTP, { srtp: false });
    assert.deepEqual([plain.blocking, plain.latent], [['media_encryption_mismatch'], []]);
    assert.deepEqual(
      plain.fixes.map(({ proof }) => proof),
      ['connects', 'connects'],
    );
    assert.match(plain.fixes[0]?.pastes[0]?.text ?? '', /"srtpEncryption": "sdes"/);
    const unsure = checked(WITH_SRTP);
    assert.deepEqual([unsure.blocking, unsure.latent], [[], ['media_encryption_mismatch']]);
    assert.match(unsure.unknowns.join(), /^Whether the call offers SRTP: /);
    assert.deepEqual(checked(WITH_SRTP, { srtp: true }).unknowns, []);
    const silent = checked(withMedia({ only_listed_codecs: true }));
    assert.deepEqual(silent.blocking, ['trunk_allows_no_codec']);
    assert.equal(silent.fixes[0]?.proof, 'connects');
  });

  it('connects by a rule that names the only trunk of a file without ids, and says what is assumed', () => {
    const created = trunk({ sip_trunk_id: undefined });
    const reading = readConfiguration({ inbound_trunks: [{ trunk: created }], dispatch_rules: [rule()] });
    assert.ok(reading.ok);
    const site = siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: [SBC] });
    const answer = check(site, reading.snapshot, { to: CALLED, caller: CALLER, source: undefined, auth: undefined });
    assert.deepEqual([answer.would_connect, answer.blocking, answer.fixes], [true, [], []]);
    assert.deepEqual(answer.notes, [
      'The configuration file gives its only trunk no id, so that ST_1, which its dispatch rules name, is assumed to be this trunk.',
    ]);
    assert.deepEqual(checked(FITTING).notes, []);
  });

  it('has a finding only if it passes by a wildcard rule', () => {
    const wildcard = checked({ ...BARRED, dispatch_rules: [rule({ trunk_ids: [] })] });
    assert.deepEqual(wildcard.findings, ['wildcard_rule_admits_unmatched_calls']);
    assert.deepEqual([wildcard.blocking, checked(FITTING).findings], [[], []]);
  });
});

describe('the answer for a terminal', () => {
  it('lists what blocks a call, and each field of the match', () => {
    const text = checkToText(checked(BARRED));
    assert.ok(
      text.startsWith(`Would a call to ${LIVEKIT_URI} connect? It would not connect.\n\n  ok   host     LiveKit’s `),
    );
    assert.match(text, /^ {2}FAIL trunk {4}no trunk matches$/m);
    assert.match(text, /^What blocks it$/m);
    assert.doesNotMatch(text, /What else may block it|^Findings|^Unknown/m);
    assert.match(text, /^ {2}FAIL trunk ST_1 "first"$/m);
    assert.match(text, /^ {9}FAIL allowed_numbers {4}\+15550123 in \[\+15550142\]/m);
    assert.match(text, /^ {9}ok {3}allowed_addresses {2}192\.0\.2\.10 in any$/m);
    assert.match(text, /^ {2}ok {3}rule SDR_1 {2}\(chosen\)$/m);
  });

  it('explains what proven means, if at least one fix is proven', () => {
    const answer = checked(BARRED);
    const [fix = assert.fail()] = answer.fixes;
    const { proof: _, ...unproven } = fix;
    assert.match(checkToText({ ...answer, fixes: [fix, unproven] }), /^proven: with this fix/m);
    assert.doesNotMatch(checkToText({ ...answer, fixes: [unproven] }), /^proven: with this fix/m);
  });

  it('counts the trunks that it does not show', () => {
    const trunks = (count: number) => Array.from({ length: count }, (_, i) => trunk({ sip_trunk_id: `ST_${i}` }));
    const leftOut = (count: number) =>
      checked({ inbound_trunks: trunks(count), dispatch_rules: [rule()] }).trace.trunks_left_out;
    assert.deepEqual([leftOut(1), leftOut(10), leftOut(12)], [0, 0, 2]);
  });

  it('lists what is unknown', () => {
    const livekit = { inbound_trunks: [trunk({ name: '', allowed_addresses: [SBC] })], dispatch_rules: [rule()] };
    const text = checkToText(checked(livekit, { sbcAddresses: [] }));
    assert.match(text, /connect\? That depends on unknown details\./);
    assert.match(text, /^What else may block it\n {2}- source_address_not_allowed: /m);
    assert.match(text, /^Unknown$/m);
    assert.doesNotMatch(text, /What blocks it/);
    assert.match(text, /^ {2}\? {4}trunk ST_1$/m);
    assert.match(text, /^ {9}\? {4}allowed_addresses {2}\(unknown\) in \[192\.0\.2\.10\]/m);
  });

  it('says that a call connects, and lists the findings', () => {
    const text = checkToText(checked({ ...BARRED, dispatch_rules: [rule({ trunk_ids: [], name: 'all' })] }));
    assert.match(text, /connect\? It would connect\./);
    assert.match(text, /^Findings: wildcard_rule_admits_unmatched_calls$/m);
    assert.match(text, /^ {2}ok {3}rule SDR_1 "all"/m);
    assert.doesNotMatch(text, /What blocks it/);
  });

  it('gives the nearest edit, what proven means, and no rule as chosen where none is', () => {
    const rules = [rule({ numbers: ['+15550142'] })];
    const text = checkToText(checked({ inbound_trunks: [trunk()], dispatch_rules: rules }));
    assert.match(text, /^ {2}FAIL rule SDR_1$/m);
    assert.match(text, /^ {9}FAIL numbers {12}\+15550100 in \[\+15550142\]; nearest edit: add \+15550100$/m);
    assert.match(text, /^proven: with this fix/m);
  });

  it('has neither an edit nor a word of proof if nothing is to be fixed', () => {
    assert.doesNotMatch(checkToText(checked(FITTING)), /nearest edit|proven/);
  });

  it('shows at most ten entries of a list', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => `+1555020${i}`);
    const text = (count: number) =>
      checkToText(checked({ inbound_trunks: [trunk({ allowed_numbers: many(count) })], dispatch_rules: [rule()] }));
    assert.match(text(10), / in \[\+15550200, .*\+15550209\]/);
    assert.match(text(11), / in \[\+15550200, .*\+15550209, …\]/);
  });
});

test('the text of a check numbers what blocks the call, and not what may block it as well', () => {
  const text = checkToText(
    checked({
      inbound_trunks: [trunk({ allowed_numbers: ['+15550142'], auth_username: 'anna', auth_password: 'secret' })],
      dispatch_rules: [rule()],
    }),
  );
  assert.match(text, /^What blocks it\n {2}1\. caller_not_allowed: /m);
  assert.match(text, /^What else may block it\n {2}- auth_missing: /m);
});

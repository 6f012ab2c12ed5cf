import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callMarkdown, code, fence, prose, table } from '../../../src/core/explain/ticket/ticketMarkdown.ts';
import { EPOCH_MS } from '../running.ts';
import { A_LEG } from '../scenario.ts';
import { ATTEMPT, CALL, iso } from './describedCall.ts';

describe('text in a ticket', () => {
  for (const [text, wanted] of [
    ['a  b\r\n c ', 'a b c'],
    ['*a* _b_ `c` [d](e) <f> g|h ~i # j! k\\', '\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\<f\\> g\\|h \\~i \\# j\\! k\\\\'],
    ['a & b', 'a &amp; b'],
  ] as const) {
    it(`formats nothing: ${JSON.stringify(text)}`, () => assert.equal(prose(text), wanted));
  }

  for (const [text, wanted] of [
    ['a', '`a`'],
    ['a\nb', '`a b`'],
    ['a|b', '`a\\|b`'],
    ['a`b', '``a`b``'],
    ['a``b`c', '```a``b`c```'],
    ['`a', '`` `a ``'],
    ['a`', '`` a` ``'],
    ['', '`  `'],
  ] as const) {
    it(`is code whatever is in it: ${JSON.stringify(text)}`, () => assert.equal(code(text), wanted));
  }

  for (const [text, ticks] of [
    ['a', '```'],
    ['``', '```'],
    ['```', '````'],
    ['````', '`````'],
  ] as const) {
    it(`is a block of code whatever is in it: ${text}`, () =>
      assert.deepEqual(fence('json', text), [`${ticks}json`, text, ticks]));
  }

  it('is a table with one line a row', () => {
    assert.deepEqual(
      table(
        ['A', 'B'],
        [
          ['1|2', '3'],
          ['4', ''],
        ],
      ),
      ['| A | B |', '| --- | --- |', '| 1\\|2 | 3 |', '| 4 |  |'],
    );
  });
});

describe('a call for a ticket', () => {
  type Call = typeof CALL;
  const markdown = (more: Partial<Call> = {}) => callMarkdown({ ...CALL, ...more });
  const withAttempt = (more: object) => markdown({ attempts: [{ ...ATTEMPT, ...more }] });

  it('says who called whom, the cause, its evidence and the fix', () => {
    const text = markdown();
    assert.ok(text.startsWith(`# Call \`${A_LEG}\`\n\nFrom \`+15550123\` to \`+15550100\`, ${iso(EPOCH_MS)}\n`));
    assert.match(text, /^- Leg: `b5bd.*`, trunk: `ST_1`$/m);
    assert.match(text, /^- Cause: `caller_not_allowed` \(certain\); owner: /m);
    assert.match(text, /^### `caller_not_allowed`: \S/m);
    assert.match(text, /^\*\*Fix\*\* \(proven\): /m);
    assert.match(text, /^proven: with this fix/m);
    for (const part of [/Not yet explained/, /Change before/, /next blocker/, /Not ruled out/, /^Unknown:/m, /masked/])
      assert.doesNotMatch(text, part);
  });

  it('lists the rest', () => {
    const text = withAttempt({
      latent: ['auth_missing'],
      alternatives: ['trunk_conflict', 'dns_failure'],
      unknowns: ['one', 'two'],
      change: { text: 'x changed' },
    });
    assert.match(text, /^- Change before the call: x changed$/m);
    assert.match(text, /^A next blocker: /m);
    assert.match(text, /^Not ruled out: `trunk_conflict`, `dns_failure`\.$/m);
    assert.match(text, /^Unknown:\n\n- one\n- two$/m);
  });

  it('counts what it leaves out', () => {
    const text = markdown({ left_out: { webhooks: 5, attempts: 5 } });
    assert.match(text, /^The call is too long to show all of it: 5 webhooks and 5 attempts are left out\.$/m);
    assert.doesNotMatch(markdown({ left_out: { webhooks: 0, attempts: 0 } }), /left out/);
  });

  it('has a cause that this version does not know, without its title', () => {
    assert.match(withAttempt({ latent: ['older_cause'] }), /^### `older_cause`: $/m);
  });

  it('lists open legs', () => {
    const leg = { call_sid: 'x', from: null, to: null, started_at: iso(EPOCH_MS), match: null };
    assert.match(markdown({ pending: [leg, { ...leg, call_sid: 'y' }] }), /^Not yet explained: `x`, `y`\.$/m);
  });

  it('says that numbers are unknown, and that they are masked', () => {
    assert.match(markdown({ from: null, to: null, started_at: null }), /^From `unknown` to `unknown`$/m);
    assert.match(markdown({ from: '+1•••••23' }), /^Phone numbers are masked/m);
    assert.match(markdown({ to: '+1•••••23' }), /^Phone numbers are masked/m);
  });

  it('has an unproven fix without a word of proof', () => {
    const text = withAttempt({ fixes: ATTEMPT.fixes.map(({ proof: _, ...fix }) => fix) });
    assert.match(text, /^\*\*Fix\*\*: /m);
    assert.doesNotMatch(text, /proven/);
    const [fix = assert.fail()] = ATTEMPT.fixes;
    const { proof: _, ...unproven } = fix;
    assert.match(withAttempt({ fixes: [fix, unproven] }), /^proven: with this fix/m);
  });

  it('says what proven means if one of its fixes is, and not without fixes', () => {
    const [fix = assert.fail()] = ATTEMPT.fixes;
    const { proof: _, ...unproven } = fix;
    assert.match(withAttempt({ fixes: [fix, unproven] }), /^proven: with this fix/m);
    assert.doesNotMatch(withAttempt({ fixes: [] }), /proven/);
  });

  it('names no cause if the call connected', () => {
    assert.doesNotMatch(withAttempt({ cause: null, party: null, blocking: [] }), /Cause:/);
  });

  it('shows at most ten entries of a list, and counts the trunks and rules it leaves out', () => {
    const field = (count: number) => ({
      field: 'numbers',
      verdict: 'pass' as const,
      sent: null,
      listed: Array.from({ length: count }, (_, i) => `n${i}`),
    });
    const match = (count: number, leftOut: number) => ({
      trunks: [{ sip_trunk_id: 'ST_1', name: '', verdict: 'pass' as const, meant: true, fields: [field(count)] }],
      trunks_left_out: leftOut,
      auth: { ...field(0), field: 'auth_username' },
      dispatch_rules: [],
      dispatch_rules_left_out: 0,
    });
    const ten = withAttempt({ match: match(10, 0) });
    assert.match(ten, /^\| Trunk or rule \| Field \| Verdict \| Sent \| Listed \|$/m);
    assert.match(ten, /\| ST\\_1 \| numbers \| pass \| unknown \| n0, .*, n9 \|/);
    assert.doesNotMatch(ten, /are not shown/);
    assert.match(ten, /\| credentials \| auth\\_username \| pass \| unknown \| any \|/);
    assert.match(withAttempt({ match: match(11, 1) }), /, n9 and 1 more \|/);
    const longer = { ...match(10, 0), auth: { ...field(10), listed_left_out: 5 } };
    assert.match(withAttempt({ match: longer }), /, n9 and 5 more \|/);
    assert.match(withAttempt({ match: match(11, 1) }), /^1 more trunks and rules are not shown\.$/m);
    const both = { ...match(10, 1), dispatch_rules_left_out: 2 };
    assert.match(withAttempt({ match: both }), /^3 more trunks and rules are not shown\.$/m);
  });

  it('gives each cause its own evidence and its own fixes', () => {
    const text = withAttempt({
      blocking: ['caller_not_allowed', 'auth_missing'],
      latent: ['no_dispatch_rule'],
      evidence: [
        { cause: 'caller_not_allowed', name: 'caller', value: '1', source: 'jambonz' },
        { cause: 'auth_missing', name: 'response', value: '407', source: 'livekit' },
      ],
      fixes: [
        { cause: 'caller_not_allowed', action: 'Add it.', proof: 'connects', pastes: [] },
        { cause: 'auth_missing', action: 'Send it.', pastes: [{ label: 'Verb', format: 'json', text: '{}' }] },
      ],
    });
    const from = text.indexOf('### ');
    assert.equal(
      text.slice(from, text.indexOf('proven: with')),
      [
        '### `caller_not_allowed`: the caller isn’t in the trunk’s allowed\\_numbers',
        '',
        '| Evidence | Value | From |',
        '| --- | --- | --- |',
        '| caller | 1 | jambonz |',
        '',
        '**Fix** (proven): Add it.',
        '',
        '### `auth_missing`: the trunk requires credentials, but none were sent',
        '',
        '| Evidence | Value | From |',
        '| --- | --- | --- |',
        '| response | 407 | livekit |',
        '',
        '**Fix**: Send it.',
        '',
        'Verb:',
        '',
        '```json',
        '{}',
        '```',
        '',
        '### `no_dispatch_rule`: LiveKit has no dispatch rule',
        '',
        'A next blocker: it would, or may, stop the call next.',
        '',
        '',
      ].join('\n'),
    );
  });
});

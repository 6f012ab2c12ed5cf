import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { summariseAttempt } from '../../../src/core/explain/attemptSummary.ts';
import { describeCall, startsOf } from '../../../src/core/explain/callJson.ts';
import type { Explanation } from '../../../src/core/explain/explanation.ts';
import { toText } from '../../../src/core/explain/explanationText.ts';
import { callsCsv } from '../../../src/core/explain/ticket/callsCsv.ts';
import { callMarkdown } from '../../../src/core/explain/ticket/ticketMarkdown.ts';
import { EPOCH_MS, eventOf, Running } from '../running.ts';
import {
  A_LEG,
  A_LEG_ANSWERED,
  B_LEG,
  bLeg,
  type Dial,
  dialHook,
  SBC,
  WITH_PASSWORD,
  webhooksOf,
} from '../scenario.ts';
import { BARRED } from '../settling.ts';

const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [SBC] });
const DROPPED: Dial = { ringing: [90], dialGaveUpAt: 20_000 };
const STARTED_AT = EPOCH_MS + 160;
const iso = (time: number) => new Date(time).toISOString();

/** A settled call as the API describes it. */
function described(dial: Dial, livekit: typeof BARRED) {
  const running = new Running(livekit);
  const webhooks = webhooksOf(dial);
  running.deliver(webhooks);
  running.settleAll();
  const attempts = running.verdicts.map(({ callSid, record, at }) => ({
    callSid,
    startedAt: STARTED_AT,
    settledAt: EPOCH_MS + at,
    record,
  }));
  const events = webhooks.map((webhook) => eventOf(webhook));
  return describeCall(SITE, { callId: A_LEG, events, attempts, liveKitEvents: [] }, () => undefined);
}

const CALL = described(DROPPED, BARRED);
const [ATTEMPT = assert.fail()] = CALL.attempts;

describe('an explanation as text', () => {
  const text = (more: Partial<Explanation> = {}) => toText({ ...ATTEMPT, ...more });

  it('gives the cause, its evidence, its fix and the caller experience', () => {
    const lines = text().split('\n');
    assert.equal(lines[0], ATTEMPT.summary);
    assert.equal(lines[2], `Cause: caller_not_allowed (certain), owner: livekit_config, call_sid: ${B_LEG}`);
    assert.ok(lines.includes('Why it failed'));
    assert.ok(lines.some((line) => line.startsWith('  1. caller_not_allowed: ')));
    assert.ok(lines.some((line) => /^ {7}\S.*: .* {2}\[LiveKit’s configuration\]$/.test(line)));
    assert.ok(lines.some((line) => /^ {5}Fix: Add \+15550123 .* {2}\[proven\]$/.test(line)));
    assert.ok(lines.some((line) => line.startsWith('proven: with this fix')));
    assert.equal(lines[lines.indexOf('Caller experience') + 1], `  ${ATTEMPT.seen_by_caller.text}`);
    for (const heading of ['Next blockers', 'Not ruled out', 'Findings', 'Unknown'])
      assert.ok(!lines.some((line) => line.startsWith(heading)), heading);
  });

  it('lists the rest, each on a line of its own', () => {
    const lines = text({
      latent: ['auth_missing'],
      alternatives: ['trunk_conflict', 'livekit_unavailable'],
      findings: ['one', 'two'],
      unknowns: ['first\nsecond', 'third'],
    }).split('\n');
    assert.ok(lines.some((line) => line.startsWith('  - auth_missing: ')));
    const excluded = lines.indexOf('Not ruled out');
    assert.match(lines[excluded + 1] ?? '', /^ {2}- trunk_conflict: \S/);
    assert.match(lines[excluded + 2] ?? '', /^ {2}- livekit_unavailable: \S/);
    assert.ok(lines.includes('Findings: one, two'));
    const unknown = lines.indexOf('Unknown');
    assert.deepEqual(lines.slice(unknown + 1, unknown + 3), ['  - first second', '  - third']);
  });

  it('gives the change before it, and the side effects of a fix', () => {
    const { change: _, ...rest } = ATTEMPT;
    const change = {
      at: iso(EPOCH_MS),
      seconds_before: 5,
      cause: 'caller_not_allowed' as const,
      changes: ['x'],
      broke_the_call: true,
      text: 'x changed,\r\n5 s before.',
    };
    const [fix = assert.fail()] = ATTEMPT.fixes;
    const effects = { calls: 7, newly_admitted: 1, newly_refused: 2, newly_conflicting: 3, exposes: ['a', 'b'] };
    const lines = toText({ ...rest, change, fixes: [{ ...fix, effects }] }).split('\n');
    assert.ok(lines.includes('x changed, 5 s before.'));
    assert.ok(
      lines.includes(
        '       Side effects: of the last 7 calls, 1 more would get in, 2 would no longer get in, 3 would conflict; a; b',
      ),
    );
  });

  it('says how far a fix is proven', () => {
    const [fix = assert.fail()] = ATTEMPT.fixes;
    const { proof: _, ...unproven } = fix;
    assert.match(text({ fixes: [{ ...fix, proof: 'connects_as_far_as_known' }] }), /\[proven as far as known\]/);
    assert.doesNotMatch(text({ fixes: [unproven] }), /proven/);
    assert.match(text({ fixes: [fix, unproven] }), /^proven: with this fix/m);
  });

  it('gives the caller experience of a call that connected', () => {
    const connected = text({ outcome: 'connected', summary: 'It connected.', fixes: [] });
    assert.match(connected, /^It connected\.\n\nCaller experience\n {2}/);
    assert.doesNotMatch(connected, /Cause:/);
  });
});

describe('a call for the API', () => {
  it('has a settled attempt and when it began', () => {
    assert.deepEqual(
      [CALL.call_sid, CALL.from, CALL.settled, CALL.pending, ATTEMPT.started_at],
      [A_LEG, '+15550123', true, [], iso(STARTED_AT)],
    );
    assert.equal(ATTEMPT.match, null);
    assert.deepEqual(
      CALL.timeline.map(({ event }) => event),
      ['call_status', 'call_status', 'call_status', 'call_status', 'dial_action', 'call_status'],
    );
  });

  it('has open legs, with what is known of them', () => {
    const pendingOf = (webhooks: ReturnType<typeof webhooksOf>) =>
      describeCall(
        SITE,
        { callId: A_LEG, events: webhooks.map((webhook) => eventOf(webhook)), attempts: [], liveKitEvents: [] },
        () => undefined,
      ).pending;
    const trying = bLeg(160, 100, 'Trying', 'trying');
    assert.deepEqual(pendingOf([...A_LEG_ANSWERED, trying]), [
      {
        call_sid: B_LEG,
        from: '+15550123',
        to: 'sip:+15550100@lab.sip.livekit.cloud',
        started_at: iso(STARTED_AT),
        match: null,
      },
    ]);
    const [hooked] = pendingOf([...A_LEG_ANSWERED, dialHook(500, 486, 'busy')]);
    assert.deepEqual(hooked, { call_sid: B_LEG, from: null, to: null, started_at: iso(EPOCH_MS + 500), match: null });
  });

  it('is empty if nothing is known yet', () => {
    const { from, to, started_at, settled, timeline } = describeCall(
      SITE,
      { callId: A_LEG, events: [], attempts: [], liveKitEvents: [] },
      () => undefined,
    );
    assert.deepEqual([from, to, started_at, settled, timeline], [null, null, null, false, []]);
  });

  it('asks once for the configuration at each attempt’s start', () => {
    const events = [
      bLeg(100, 100, 'Trying', 'trying'),
      bLeg(100, 100, 'Trying', 'trying', { call_sid: 'second' }),
      bLeg(300, 100, 'Trying', 'trying', { call_sid: 'third' }),
    ].map((webhook) => eventOf(webhook));
    assert.deepEqual(startsOf({ callId: A_LEG, events }), [EPOCH_MS + 100, EPOCH_MS + 300]);
  });

  it('is a line in a list, with its response if it had one', () => {
    const refused = described({ response: [407, 'Unauthorized', 200] }, WITH_PASSWORD).attempts[0] ?? assert.fail();
    const { response, cause, settled_at } = summariseAttempt(refused);
    assert.deepEqual([response?.status, cause, settled_at], [407, refused.cause, refused.settled_at]);
    assert.ok(!('response' in summariseAttempt({ ...ATTEMPT, response: undefined } as never)));
    assert.ok(!('evidence' in summariseAttempt(refused)));
  });
});

describe('a table of calls', () => {
  it('has a line for each call, and no formulas', () => {
    const csv = callsCsv([{ ...ATTEMPT, from: '=1+1', summary: 'a, "b"' }]);
    const [header, row, end] = csv.split('\r\n');
    assert.equal(
      header,
      'call_sid,started_at,settled_at,from,to,outcome,cause,party,confidence,trunk,status,reason,summary,fix',
    );
    assert.ok(row?.startsWith(`${B_LEG},${iso(STARTED_AT)},`));
    assert.match(row ?? '', /,'=1\+1,/);
    assert.match(row ?? '', /,"a, ""b""",/);
    assert.equal(end, '');
  });

  it('has empty fields without a response and a fix', () => {
    const { response: _, ...plain } = ATTEMPT;
    assert.match(callsCsv([{ ...plain, fixes: [], summary: 'x' }]), /,ST_1,,,x,\r\n$/);
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

  it('lists open legs', () => {
    const leg = { call_sid: 'x', from: null, to: null, started_at: null, match: null };
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
    assert.match(ten, /\| ST\\_1 \| numbers \| pass \| unknown \| n0, .*, n9 \|/);
    assert.doesNotMatch(ten, /are not shown/);
    assert.match(ten, /\| credentials \| auth\\_username \| pass \| unknown \| any \|/);
    assert.match(withAttempt({ match: match(11, 1) }), /, n9 and 1 more \|/);
    assert.match(withAttempt({ match: match(11, 1) }), /^1 more trunks and rules are not shown\.$/m);
    const both = { ...match(10, 1), dispatch_rules_left_out: 2 };
    assert.match(withAttempt({ match: both }), /^3 more trunks and rules are not shown\.$/m);
  });
});

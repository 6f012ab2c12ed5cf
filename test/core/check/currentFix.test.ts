import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check } from '../../../src/core/check/check.ts';
import { currentFix, failedAttempt, forAllCallers, questionAgain } from '../../../src/core/check/currentFix.ts';
import { fixToText, pasteIn } from '../../../src/core/check/fixText.ts';
import { readQuestions } from '../../../src/core/check/readQuestions.ts';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import type { Explanation } from '../../../src/core/explain/explanation.ts';
import type { CallWithEffects } from '../../../src/core/explain/withEffects.ts';
import { curlPaste } from '../../../src/core/fixes/liveKitCommand.ts';
import { readConfiguration } from '../../../src/core/trunks/configurationFile.ts';
import {
  CALLER,
  type Dial,
  explainDial,
  explainOnly,
  restLeg,
  rule,
  SBC,
  type Setting,
  trunk,
  WITH_PASSWORD,
} from '../scenario.ts';

type Attempt = CallWithEffects['attempts'][number];
type Livekit = NonNullable<Setting['livekit']>;

const SITE = siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: [SBC] });
const SILENT: Dial = { ringing: [90], dialGaveUpAt: 20_000 };
const MATCH = { trunks: [], trunks_left_out: 0, auth: null, dispatch_rules: [], dispatch_rules_left_out: 0 };
const BARRED = { inbound_trunks: [trunk({ allowed_numbers: ['+15550142'] })], dispatch_rules: [rule()] };

function attemptOf(explanation: Explanation, match: Attempt['match'] = MATCH): Attempt {
  const at = '2026-11-26T10:00:00.000Z';
  return { ...explanation, started_at: at, settled_at: at, match, incident: null, trace_url: null };
}

const failed = (attempts: readonly Attempt[], incident?: Parameters<typeof failedAttempt>[1]) =>
  // The cast: only the attempts of a call are read.
  failedAttempt({ attempts } as CallWithEffects, incident);
const only = (explanation: Explanation) => failed([attemptOf(explanation)]) ?? assert.fail('it did not fail');

/** The fix of an attempt under another configuration. */
function fixUnder(explanation: Explanation, livekit: Livekit | undefined) {
  const attempt = only(explanation);
  const reading = livekit && readConfiguration(livekit);
  if (!reading?.ok) return currentFix(attempt, undefined);
  const asked = readQuestions(questionAgain(attempt));
  return currentFix(attempt, check(SITE, reading.snapshot, (asked.ok && asked.questions[0]) || assert.fail()));
}

describe('the attempt that a fix is for', () => {
  const barred = attemptOf({ ...explainDial(SILENT, { livekit: BARRED }), call_sid: 'barred' });
  const again = { ...barred, call_sid: 'again' };
  const asked = attemptOf({ ...explainDial({ response: [407, 'Unauthorized', 200] }), call_sid: 'asked' });
  const busy = attemptOf({ ...explainDial({ response: [486, 'Busy Here', 200] }), party: 'nobody', call_sid: 'busy' });
  const incident = (call_sid: string) => ({ cause: 'caller_not_allowed', last_call: { call_sid, at: '' } }) as const;
  for (const [what, attempts, of, wanted] of [
    ['is the last one that failed', [barred, asked], undefined, 'asked'],
    ['is none that is nobody’s fault', [barred, busy], undefined, 'barred'],
    ['is the one that the incident names', [barred, again, asked], incident('barred'), 'barred'],
    ['is the last of the incident’s cause if its leg is another now', [barred, again, asked], incident('x'), 'again'],
    ['is none where no attempt has the incident’s cause', [asked], incident('asked'), undefined],
  ] as const) {
    it(what, () => assert.equal(failed(attempts, of)?.call_sid, wanted));
  }
});

describe('the question that is asked again', () => {
  it('has the number of a caller’s SIP URI, and the username that was sent', () => {
    const attempt = { ...only(explainDial(SILENT, { livekit: BARRED })), from: `<sip:${CALLER}@192.0.2.1>` };
    const auth = { field: 'auth_username', verdict: 'fail', sent: 'anna', listed: [] } as const;
    assert.deepEqual(questionAgain({ ...attempt, match: { ...MATCH, auth } }), {
      to: 'sip:+15550100@lab.sip.livekit.cloud',
      caller: CALLER,
      auth_username: 'anna',
    });
  });

  it('is none about a leg that is not LiveKit’s', () =>
    assert.equal(questionAgain({ ...only(explainDial(SILENT, { livekit: BARRED })), match: null }), undefined));
});

describe('the fix under the current configuration', () => {
  const refused = explainDial(SILENT, { livekit: BARRED });

  it('is made for what that configuration has', () => {
    const renamed = { ...BARRED, inbound_trunks: [trunk({ name: 'renamed', allowed_numbers: ['+15550177'] })] };
    const current = fixUnder(refused, renamed);
    assert.deepEqual(
      [current.basis, current.fix?.action, current.fix?.proof],
      ['now', 'Add +15550123 to allowed_numbers of ST_1 "renamed".', 'connects'],
    );
  });

  it('is gone where it no longer has the cause, and what would stop the call next is said', () => {
    const inbound_trunks = [trunk()];
    const { basis, fix, alternatives, others } = fixUnder(refused, { inbound_trunks, dispatch_rules: [] });
    assert.deepEqual([basis, fix, alternatives], ['gone', null, []]);
    assert.deepEqual(
      others.map(({ cause, action }) => [cause, action?.slice(0, 22)]),
      [['no_dispatch_rule', 'Create a dispatch rule']],
    );
  });

  it('is that of the call where the configuration is not known', () => {
    const { basis, fix } = fixUnder(refused, undefined);
    assert.deepEqual([basis, fix?.action], ['call', 'Add +15550123 to allowed_numbers of ST_1 "first".']);
  });

  it('is that of the call for a cause that no configuration shows', () => {
    const livekit = { inbound_trunks: [trunk()], dispatch_rules: [rule()] };
    const unavailable = explainDial({ response: [503, 'Service Unavailable', 20] }, { livekit });
    const { basis, fix } = fixUnder(unavailable, livekit);
    assert.equal(basis, 'call');
    assert.equal(fix?.action, unavailable.fixes[0]?.action);
  });

  it('names the causes that also stop the call', () => {
    const both = { ...BARRED, dispatch_rules: [] };
    const current = fixUnder(explainDial(SILENT, { livekit: both }), both);
    assert.equal(current.basis, 'now');
    const text = fixToText(current, undefined, undefined);
    assert.match(text, /^Not enough alone: another cause stops the call, no_dispatch_rule\. Create a dispatch rule/m);
  });

  it('has side effects of the same change, and of no other', () => {
    const effects = { calls: 7, newly_admitted: 1, newly_refused: 0, newly_conflicting: 0, exposes: [] };
    const known = { ...refused, fixes: refused.fixes.map((fix) => ({ ...fix, effects })) };
    assert.deepEqual(fixUnder(known, BARRED).fix?.effects, effects);
    const other = { ...BARRED, inbound_trunks: [trunk({ sip_trunk_id: 'ST_2', allowed_numbers: ['+15550177'] })] };
    assert.equal(
      fixUnder(known, { ...other, dispatch_rules: [rule({ trunk_ids: ['ST_2'] })] }).fix?.effects,
      undefined,
    );
  });

  it('of a call that Jambonz’s REST API placed stays in the form of createCall', () => {
    const legs = [restLeg(0, 100, 'Trying', 'trying'), restLeg(230, 407, 'Unauthorized', 'failed')];
    const { basis, fix } = fixUnder(explainOnly(legs, { livekit: WITH_PASSWORD }), WITH_PASSWORD);
    assert.equal(basis, 'now');
    assert.match(fix?.pastes[0]?.label ?? '', /^createCall/);
  });
});

describe('the fix of an incident of several callers', () => {
  const current = fixUnder(explainDial(SILENT, { livekit: BARRED }), BARRED);
  const incidentOf = (callers: number | null) => ({
    callers,
    fix: { action: 'Add all.', pastes: [{ label: 'curl', format: 'shell' as const, text: 'all' }], proof: null },
  });

  it('is the incident’s own, which adds them all', () => {
    assert.equal(current.fix?.action, 'Add +15550123 to allowed_numbers of ST_1 "first".');
    for (const callers of [2, null]) {
      const { fix } = forAllCallers(current, incidentOf(callers));
      assert.deepEqual([fix?.action, fix?.pastes[0]?.text, fix?.effects], ['Add all.', 'all', undefined]);
    }
  });

  it('is that of the call for one caller, and without an incident', () => {
    assert.equal(forAllCallers(current, incidentOf(1)), current);
    assert.equal(forAllCallers(current, undefined), current);
  });
});

describe('the dial verb of two faults of the application', () => {
  const changes = [
    { cause: 'called_number_not_on_trunk', action: 'a', pastes: [{ label: 'Dial verb', format: 'json', text: '{}' }] },
    { cause: 'auth_missing', action: 'b', pastes: [] },
  ] as const;

  it('is that of the first, which has both', () => {
    const fixes = changes.map((fix) => ({ ...fix, change: { kind: 'dial', user: '1' } as const }));
    const attempt = { ...only(explainDial(SILENT, { livekit: BARRED })), cause: 'auth_missing' as const, fixes };
    assert.deepEqual(currentFix(attempt, undefined).fix?.pastes, changes[0].pastes);
  });
});

describe('what is printed of a fix', () => {
  const lk = { label: 'lk', format: 'shell', tool: 'lk', text: 'lk sip' } as const;
  const curl = curlPaste([{ method: 'DeleteSIPTrunk', body: { sip_trunk_id: 'ST_1' } }]);
  const verb = { label: 'Dial verb', format: 'json', text: '{}' } as const;
  const fix = { cause: 'auth_missing', action: '', pastes: [lk, curl] } as const;
  for (const [what, of, format, wanted] of [
    ['is the first without a format', fix, undefined, lk],
    ['is lk’s', fix, 'lk', lk],
    ['is curl’s', fix, 'curl', curl],
    [
      'is the API call as JSON',
      fix,
      'json',
      {
        label: 'API call',
        format: 'json',
        text: '{\n  "method": "DeleteSIPTrunk",\n  "body": {\n    "sip_trunk_id": "ST_1"\n  }\n}',
      },
    ],
    ['is what to paste as JSON rather', { ...fix, pastes: [verb, curl] }, 'json', verb],
    ['is nothing that it does not have', { ...fix, pastes: [verb] }, 'lk', undefined],
    ['is no JSON without an API call', { ...fix, pastes: [lk] }, 'json', undefined],
    ['is no Terraform without an API call', { ...fix, pastes: [lk] }, 'terraform', undefined],
  ] as const) {
    it(what, () => assert.deepEqual(pasteIn(of, format), wanted));
  }
});

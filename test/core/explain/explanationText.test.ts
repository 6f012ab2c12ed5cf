import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Explanation } from '../../../src/core/explain/explanation.ts';
import { causeSections, toText } from '../../../src/core/explain/explanationText.ts';
import { EPOCH_MS } from '../running.ts';
import { B_LEG } from '../scenario.ts';
import { ATTEMPT, iso } from './describedCall.ts';

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

  it('has a cause that this version does not know, without its title', () => {
    // The cast: only a record of another version has such an id.
    const latent = ['older_cause'] as unknown as Explanation['latent'];
    assert.ok(text({ latent }).split('\n').includes('  - older_cause: '));
  });

  it('lists the rest, each on a line of its own', () => {
    const lines = text({
      evidence: [{ cause: 'livekit_unavailable', name: 'final response', value: '503', source: 'jambonz' }],
      latent: ['auth_missing'],
      alternatives: ['trunk_conflict', 'livekit_unavailable'],
      findings: ['one', 'two'],
      unknowns: ['first\nsecond', 'third'],
    }).split('\n');
    assert.ok(lines.some((line) => line.startsWith('  - auth_missing: ')));
    const excluded = lines.indexOf('Not ruled out');
    assert.match(lines[excluded + 1] ?? '', /^ {2}- trunk_conflict: \S/);
    assert.match(lines[excluded + 2] ?? '', /^ {2}- livekit_unavailable: \S/);
    assert.match(lines[excluded + 3] ?? '', /^ {7}final response: 503/);
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
    const connected = text({ outcome: 'connected', cause: null, summary: 'It connected.', fixes: [] });
    assert.match(connected, /^It connected\.\n\nCaller experience\n {2}/);
    assert.doesNotMatch(connected, /Cause:/);
  });

  const TWO = {
    evidence: [
      { cause: 'caller_not_allowed', name: 'caller', value: '+15550123', source: 'jambonz' },
      { cause: 'auth_missing', name: 'final response', value: '407\nUnauthorized', source: 'livekit' },
      { cause: 'auth_missing', name: 'host', value: 'lab', source: 'settings' },
      { cause: 'caller_not_allowed', name: 'others', value: '2 failed', source: 'neighbours' },
    ],
    fixes: [
      { cause: 'caller_not_allowed', action: 'Add the caller.', proof: 'connects', pastes: [] },
      {
        cause: 'auth_missing',
        action: 'Send\nthe password.',
        pastes: [
          { label: 'Dial verb', format: 'json', text: '{\n}' },
          { label: 'Tag', format: 'json', text: '[]' },
        ],
      },
    ],
  } as const;

  it('gives each cause its own evidence and its own fixes', () => {
    assert.deepEqual(causeSections('Why it failed', ['caller_not_allowed', 'auth_missing'], TWO, true), [
      '',
      'Why it failed',
      '  1. caller_not_allowed: the caller isn’t in the trunk’s allowed_numbers',
      '       caller: +15550123  [Jambonz’s webhooks]',
      '       others: 2 failed  [Jambonz’s webhooks for other calls]',
      '     Fix: Add the caller.  [proven]',
      '  2. auth_missing: the trunk requires credentials, but none were sent',
      '       final response: 407 Unauthorized  [LiveKit’s webhooks]',
      '       host: lab  [the settings]',
      '     Fix: Send the password.',
      '       Dial verb:',
      '',
      '{\n}',
      '',
      '       Tag:',
      '',
      '[]',
      '',
    ]);
    assert.deepEqual(causeSections('Why it failed', [], TWO, true), []);
    assert.equal(
      causeSections('Next blockers', ['no_dispatch_rule'], TWO, false).at(-1),
      '  - no_dispatch_rule: LiveKit has no dispatch rule',
    );
  });
});

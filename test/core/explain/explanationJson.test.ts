import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AttemptRecord } from '../../../src/core/diagnose/record.ts';
import { explain } from '../../../src/core/explain/explanation.ts';
import { callsCsv } from '../../../src/core/explain/ticket/callsCsv.ts';

const CONNECTED: AttemptRecord = {
  version: 1,
  id: 'a-leg',
  callSid: 'b-leg',
  outcome: 'connected',
  cause: undefined,
  party: undefined,
  confidence: undefined,
  blocking: [],
  latent: [],
  alternatives: [],
  findings: [],
  summary: 'It connected.',
  callerExperience: { kind: 'none' },
  evidence: [],
  fixes: [],
  unknowns: [],
  trunk: 'none',
  response: undefined,
  ruleErrors: [],
};

describe('the JSON of an attempt', () => {
  it('has null for what a connected call has not, and no key for what is rare', () => {
    assert.deepEqual(explain(CONNECTED), {
      call_sid: 'b-leg',
      from: null,
      to: null,
      outcome: 'connected',
      cause: null,
      party: null,
      confidence: null,
      blocking: [],
      latent: [],
      alternatives: [],
      findings: [],
      summary: 'It connected.',
      seen_by_caller: {
        kind: 'none',
        seconds: null,
        far_end_ringings: null,
        first_ringing_after_seconds: null,
        text: 'There was no caller: Jambonz placed this call itself.',
      },
      deployment: null,
      evidence: [],
      fixes: [],
      unknowns: [],
      trunk: 'none',
    });
  });

  it('has a response without a reason phrase, and the one rule that threw', () => {
    const ruleErrors = [{ cause: 'dns_failure', message: 'x is undefined' }] as never;
    const { response, rule_errors } = explain({
      ...CONNECTED,
      ruleErrors,
      response: { status: 486, reason: undefined, origin: 'far_end' } as never,
    });
    assert.deepEqual(response, { status: 486, origin: 'far_end' });
    assert.deepEqual(rule_errors, [{ cause: 'dns_failure', message: 'x is undefined' }]);
  });
});

describe('a line of a table of calls', () => {
  it('has the first of several fixes', () => {
    const fix = (action: string) => ({ cause: 'auth_missing' as const, action, pastes: [] });
    const row = { ...explain(CONNECTED), started_at: 'a', settled_at: 'b', fixes: [fix('first'), fix('second')] };
    assert.ok(callsCsv([row as never]).endsWith(',none,,,It connected.,first\r\n'));
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { delaysOf, isAnswer } from '../../../src/core/call/call.ts';
import { OpenCall } from '../../../src/core/correlate/openCall.ts';
import { EPOCH_MS, eventOf } from '../running.ts';
import { A_LEG, A_LEG_ANSWERED, aLeg, bLeg, dialHook, type Webhook } from '../scenario.ts';

const TRYING = bLeg(160, 100, 'Trying', 'trying');
const RINGING = bLeg(360, 180, 'Ringing', 'ringing');
const ANSWER = bLeg(1_160, 200, 'OK', 'in-progress');
const REFUSED = bLeg(660, 486, 'Busy Here', 'busy');

function attemptsOf(webhooks: readonly Webhook[], late: readonly Webhook[] = []) {
  const events = webhooks.map((webhook) => eventOf(webhook, late.includes(webhook) ? 5_000 : 0));
  return new OpenCall(A_LEG, events).attempts;
}

function delays(webhooks: readonly Webhook[], late: readonly Webhook[] = []) {
  const [attempt] = attemptsOf([...webhooks], late);
  assert.ok(attempt);
  return delaysOf(attempt, EPOCH_MS + 10_000);
}

describe('the delays of a dialled leg', () => {
  for (const [what, webhooks, postDial, setup] of [
    ['to its ringing and to its answer', [...A_LEG_ANSWERED, TRYING, RINGING, ANSWER], 0.2, 1],
    ['to its answer if nothing rang', [...A_LEG_ANSWERED, TRYING, ANSWER], 1, 1],
    ['to its refusal if nothing rang', [...A_LEG_ANSWERED, TRYING, REFUSED], 0.5, undefined],
    ['to its ringing if it rang before the refusal', [...A_LEG_ANSWERED, TRYING, REFUSED, RINGING], 0.2, undefined],
    ['never without ringing or a response', [...A_LEG_ANSWERED, TRYING], undefined, undefined],
    ['never without the report of the INVITE', [...A_LEG_ANSWERED, RINGING], undefined, undefined],
    [
      'never for a leg that was not dialled',
      [aLeg(0, 100, 'Trying', 'trying'), aLeg(500, 180, 'Ringing', 'ringing')],
      undefined,
      undefined,
    ],
  ] as const) {
    it(`run ${what}`, () => {
      const measured = delays(webhooks);
      assert.deepEqual([measured.postDial, measured.setup], [postDial, setup]);
    });
  }

  it('are unknown if one of the two times is known only to the second', () => {
    assert.equal(delays([...A_LEG_ANSWERED, TRYING, RINGING], [RINGING]).postDial, undefined);
    assert.equal(delays([...A_LEG_ANSWERED, TRYING, RINGING], [TRYING]).postDial, undefined);
  });

  it('are unknown if only the dial hook reports the leg, and its verdict comes at once', () => {
    assert.deepEqual(delays([...A_LEG_ANSWERED, dialHook(700, 486, 'busy')]), {
      setup: undefined,
      postDial: undefined,
      verdict: 0,
    });
  });

  it('include the time from its last webhook to its verdict', () => {
    assert.equal(delays([...A_LEG_ANSWERED, TRYING, REFUSED]).verdict, 9.34);
  });
});

describe('the attempts of a call', () => {
  it('are sorted by start, then by name, with unreported legs last', () => {
    const leg = (call_sid: string, at: number) => bLeg(at, 100, 'Trying', 'trying', { call_sid });
    const sids = (...webhooks: Webhook[]) => attemptsOf([...A_LEG_ANSWERED, ...webhooks]).map(({ callSid }) => callSid);
    assert.deepEqual(sids(leg('b', 200), leg('a', 200), leg('c', 100)), ['c', 'a', 'b']);
    assert.deepEqual(sids(leg('a', 200), leg('b', 200), leg('c', 100)), ['c', 'a', 'b']);
    assert.deepEqual(sids(dialHook(50, 486, 'busy', { dial_call_sid: 'x' }), leg('c', 100)), ['c', 'x']);
  });
});

describe('the dial hook says that somebody answered', () => {
  const result = { at: 0, receivedAt: 0, precise: true, callSid: 'b', sbcCallId: undefined };
  for (const [callStatus, status, wanted] of [
    ['completed', undefined, true],
    ['in-progress', undefined, true],
    ['failed', 200, true],
    ['failed', 299, true],
    ['failed', 199, false],
    ['failed', 300, false],
    ['ringing', 180, false],
    [undefined, undefined, false],
  ] as const) {
    it(`with ${callStatus} and ${status}: ${wanted}`, () =>
      assert.equal(isAnswer({ ...result, callStatus, status }), wanted));
  }
});

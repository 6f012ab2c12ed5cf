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

describe('what is measured of a dialled leg', () => {
  for (const [what, webhooks, postDial, setup] of [
    ['to its ringing, and to its answer', [...A_LEG_ANSWERED, TRYING, RINGING, ANSWER], 0.2, 1],
    ['to its answer where nothing rang', [...A_LEG_ANSWERED, TRYING, ANSWER], 1, 1],
    ['to its refusal where nothing rang', [...A_LEG_ANSWERED, TRYING, REFUSED], 0.5, undefined],
    ['to its ringing where it was refused then', [...A_LEG_ANSWERED, TRYING, REFUSED, RINGING], 0.2, undefined],
    ['nothing where nothing came', [...A_LEG_ANSWERED, TRYING], undefined, undefined],
    ['nothing where the report of the INVITE is lost', [...A_LEG_ANSWERED, RINGING], undefined, undefined],
    [
      'nothing of a leg that was not dialled',
      [aLeg(0, 100, 'Trying', 'trying'), aLeg(500, 180, 'Ringing', 'ringing')],
      undefined,
      undefined,
    ],
  ] as const) {
    it(`is the delay ${what}`, () => {
      const measured = delays(webhooks);
      assert.deepEqual([measured.postDial, measured.setup], [postDial, setup]);
    });
  }

  it('is nothing where one of the two times is known to the second only', () => {
    assert.equal(delays([...A_LEG_ANSWERED, TRYING, RINGING], [RINGING]).postDial, undefined);
    assert.equal(delays([...A_LEG_ANSWERED, TRYING, RINGING], [TRYING]).postDial, undefined);
  });

  it('is nothing where only the dial hook tells of the leg, of which the verdict comes at once', () => {
    assert.deepEqual(delays([...A_LEG_ANSWERED, dialHook(700, 486, 'busy')]), {
      setup: undefined,
      postDial: undefined,
      verdict: 0,
    });
  });

  it('is how long after its last webhook the verdict came', () => {
    assert.equal(delays([...A_LEG_ANSWERED, TRYING, REFUSED]).verdict, 9.34);
  });
});

describe('the attempts of a call', () => {
  it('come in the order in which their legs began, then by name, those that are only named last', () => {
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

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

describe('the end of a dial', () => {
  const hook = (at: number) => dialHook(at, 486, 'busy', { dial_call_sid: undefined });
  const endOf = (...webhooks: Webhook[]) => {
    const at = attemptsOf([...A_LEG_ANSWERED, ...webhooks])[0]?.dialEnd?.at;
    return at === undefined ? undefined : at - EPOCH_MS;
  };

  it('is the first dial hook from the beginning of the leg on, in whatever order they arrive', () => {
    for (const hooks of [
      [hook(100), hook(500), hook(900)],
      [hook(900), hook(500), hook(100)],
      [hook(500), hook(100), hook(900)],
    ]) {
      assert.equal(endOf(TRYING, ...hooks), 500);
    }
    assert.equal(endOf(TRYING, hook(160)), 160);
    assert.equal(endOf(TRYING, hook(159)), undefined);
  });

  it('is the hook that names the leg before any other', () => {
    assert.equal(endOf(TRYING, hook(500), dialHook(900, 486, 'busy')), 900);
  });
});

describe('a leg with several webhooks of the same second', () => {
  it('began with the first that arrived, and was last heard of in the last', () => {
    const [attempt] = attemptsOf([TRYING, { ...TRYING, at_ms: 900 }], []);
    assert.ok(attempt?.leg);
    const { first, last } = attempt.leg;
    assert.deepEqual([first.receivedAt - EPOCH_MS, last.receivedAt - EPOCH_MS], [160, 900]);
    const rounded = [TRYING, { ...TRYING, at_ms: 900 }];
    const leg = attemptsOf(rounded, rounded)[0]?.leg;
    assert.deepEqual(
      [leg?.first.at, leg?.last.at, leg?.first.receivedAt, leg?.last.receivedAt],
      [EPOCH_MS, EPOCH_MS, EPOCH_MS + 5_160, EPOCH_MS + 5_900],
    );
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

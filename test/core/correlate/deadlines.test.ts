import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkAfterMs, settlesAt } from '../../../src/core/correlate/settle.ts';
import { attemptOf } from '../diagnose/attemptOf.ts';
import { SECOND_LEG } from '../dialling.ts';
import { EPOCH_MS, eventOf } from '../running.ts';
import { A_LEG, A_LEG_ANSWERED, aLeg, B_LEG, bLeg, dialHook, webhook } from '../scenario.ts';
import { HOOK, REFUSED, TRYING } from '../settling.ts';

const UNANSWERED_MS = 240_000;
const STRAGGLER_MS = 250;

describe('a call is checked after a webhook', () => {
  for (const callStatus of ['trying', 'queued', 'ringing', 'early-media', 'unknown']) {
    it(`${callStatus}: after four quiet minutes`, () => {
      assert.equal(checkAfterMs(eventOf(bLeg(0, 180, 'Ringing', callStatus))), UNANSWERED_MS);
    });
  }
  for (const callStatus of ['in-progress', 'completed', 'failed', 'busy', 'no-answer']) {
    it(`${callStatus}: soon`, () => assert.equal(checkAfterMs(eventOf(aLeg(0, 200, 'OK', callStatus))), STRAGGLER_MS));
  }
  it('of the dial hook: soon, with any status', () => {
    assert.equal(checkAfterMs(eventOf(dialHook(0, 180, 'ringing', { call_status: 'trying' }))), STRAGGLER_MS);
  });
  it('of any kind, if it already has a verdict: soon', () => assert.equal(checkAfterMs(undefined), STRAGGLER_MS));
});

describe('an attempt settles', () => {
  const RINGING = bLeg(250, 180, 'Ringing', 'ringing');
  const ENDED = aLeg(20_000, 200, 'OK', 'completed');
  for (const [what, webhooks, at] of [
    ['four minutes after the last webhook of an A leg', [aLeg(100, 180, 'Ringing', 'ringing')], 240_100],
    ['six hours after the last webhook of an answered A leg', A_LEG_ANSWERED, 21_600_040],
    ['3 s after the end of an A leg', [...A_LEG_ANSWERED, ENDED], 23_000],
    [
      '1 s after the end of a leg made through REST',
      [aLeg(230, 407, 'Unauthorized', 'failed', { direction: 'outbound' })],
      1_230,
    ],
    ['four minutes after the last webhook of a dialled leg', [...A_LEG_ANSWERED, TRYING, RINGING], 240_250],
    ['at once after the answer', [TRYING, bLeg(900, 200, 'OK', 'in-progress')], 1_150],
    ['at once after an answer that only the end reports', [TRYING, bLeg(900, 200, 'OK', 'completed')], 1_150],
    ['5 s after the final response if no dial hook comes', [TRYING, REFUSED], 5_390],
    ['at once after the final response and the dial hook', [TRYING, REFUSED, HOOK], 650],
    ['at once after the later one', [TRYING, HOOK, bLeg(1_000, 407, 'Unauthorized', 'failed')], 1_250],
    ['2 s after a dial hook with a final status', [TRYING, HOOK], 2_400],
    ['2 s after a dial hook with a 300', [TRYING, dialHook(400, 300, 'failed')], 2_400],
    ['2 s after a dial hook with an answer', [TRYING, dialHook(400, 200, 'completed')], 2_400],
    ['2 s after a dial hook with an answer and no status', [TRYING, statusless('completed')], 2_400],
    ['1 s after a dial hook with a provisional status', [TRYING, dialHook(400, 180, 'ringing')], 1_400],
    ['1 s after a dial hook without a status', [TRYING, statusless('failed')], 1_400],
    ['2 s after the dial hook that alone names the leg', [...A_LEG_ANSWERED, HOOK, ENDED], 2_400],
    [
      '1 s after the answer of another leg of the dial',
      [
        TRYING,
        RINGING,
        bLeg(160, 100, 'Trying', 'trying', { call_sid: SECOND_LEG }),
        bLeg(6_500, 200, 'OK', 'in-progress', { call_sid: SECOND_LEG }),
      ],
      7_500,
    ],
    ['3 s after the end of the A leg', [...A_LEG_ANSWERED, TRYING, ENDED], 23_000],
    [
      '3 s after its own later webhook',
      [...A_LEG_ANSWERED, TRYING, ENDED, bLeg(21_000, 180, 'Ringing', 'ringing')],
      24_000,
    ],
  ] as const) {
    it(what, () => assert.equal(settlesAt(attemptOf(webhooks)) - EPOCH_MS, at));
  }

  function statusless(dial_call_status: string) {
    return webhook('dial-action', 400, {
      call_sid: A_LEG,
      direction: 'inbound',
      call_status: 'in-progress',
      dial_call_sid: B_LEG,
      dial_call_status,
    });
  }
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addEvent, attemptsOf, newCall } from '../../../src/core/call/call.ts';
import { SECOND_LEG } from '../dialling.ts';
import { eventOf } from '../running.ts';
import { A_LEG, aLeg, B_LEG, bLeg, dialHook, type Webhook } from '../scenario.ts';

const ofA = aLeg(0, 100, 'Trying', 'trying');
const ofB = bLeg(160, 100, 'Trying', 'trying');
const ofSecond = bLeg(100, 100, 'Trying', 'trying', { call_sid: SECOND_LEG });
const hookOfSecond = dialHook(1_000, 503, 'failed', { dial_call_sid: SECOND_LEG });
const hookOfA = dialHook(1_000, 503, 'failed', { dial_call_sid: A_LEG });

/** The ids of the attempts by their legs, after webhooks arrived in this order. */
function idsAfter(webhooks: readonly Webhook[]): Record<string, string> {
  const call = newCall(A_LEG);
  for (const webhook of webhooks) addEvent(call, eventOf(webhook));
  return Object.fromEntries(attemptsOf(call).map(({ callSid, id }) => [callSid, id]));
}

describe('the id of an attempt', () => {
  const rows: [what: string, webhooks: readonly Webhook[], ids: Record<string, string>][] = [
    ['is the call’s of an A leg', [ofA], { [A_LEG]: A_LEG }],
    ['passes to the dialled leg that is heard of later', [ofA, ofB], { [B_LEG]: A_LEG }],
    ['is the call’s of a dialled leg without an A leg', [ofB], { [B_LEG]: A_LEG }],
    ['is its call_sid of each further leg', [ofA, ofB, ofSecond], { [B_LEG]: A_LEG, [SECOND_LEG]: SECOND_LEG }],
    [
      'goes by what was heard of first, not by what began first',
      [ofA, ofSecond, ofB],
      { [SECOND_LEG]: A_LEG, [B_LEG]: B_LEG },
    ],
    ['is the call’s of a leg that only a dial hook names', [ofA, hookOfSecond], { [SECOND_LEG]: A_LEG }],
    [
      'stays where another leg is heard of after the dial hook',
      [ofA, hookOfSecond, ofB],
      { [SECOND_LEG]: A_LEG, [B_LEG]: B_LEG },
    ],
    ['is given once, also where a dial hook names the A leg itself', [ofA, hookOfA, ofB], { [B_LEG]: A_LEG }],
  ];
  for (const [what, webhooks, ids] of rows) it(what, () => assert.deepEqual(idsAfter(webhooks), ids));
});

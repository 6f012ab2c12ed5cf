import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waitsOf } from '../../../src/core/call/waits.ts';
import { OpenCall } from '../../../src/core/correlate/openCall.ts';
import { eventOf } from '../running.ts';
import { A_LEG, A_LEG_ANSWERED, aLeg, bLeg, dialHook, type Webhook } from '../scenario.ts';

const TRYING = bLeg(160, 100, 'Trying', 'trying');
const RINGING = bLeg(360, 180, 'Ringing', 'ringing');
const ANSWER = bLeg(1_160, 200, 'OK', 'in-progress');
const REFUSED = bLeg(660, 486, 'Busy Here', 'busy');

/** The waits of the only attempt. The time of a late webhook is known only to the second. */
function waits(webhooks: readonly Webhook[], late: readonly Webhook[] = []) {
  const events = webhooks.map((webhook) => eventOf(webhook, late.includes(webhook) ? 5_000 : 0));
  const [attempt] = new OpenCall(A_LEG, events).attempts;
  assert.ok(attempt);
  const { ringing, answer } = waitsOf(attempt);
  return [ringing, answer];
}

describe('the waits of a dialled leg', () => {
  for (const [what, webhooks, wanted] of [
    ['run to its ringing and to its answer', [...A_LEG_ANSWERED, TRYING, RINGING, ANSWER], [0.2, 1]],
    [
      'run to its first ringing',
      [...A_LEG_ANSWERED, TRYING, RINGING, bLeg(1_360, 180, 'Ringing', 'ringing')],
      [0.2, undefined],
    ],
    ['run to its answer if nothing rang', [...A_LEG_ANSWERED, TRYING, ANSWER], [1, 1]],
    [
      'run to its answer if it rang only afterwards',
      [...A_LEG_ANSWERED, TRYING, bLeg(660, 200, 'OK', 'in-progress'), bLeg(760, 180, 'Ringing', 'ringing')],
      [0.5, 0.5],
    ],
    ['run to its ringing if it was refused', [...A_LEG_ANSWERED, TRYING, RINGING, REFUSED], [0.2, undefined]],
    ['are unknown if it was refused without ringing', [...A_LEG_ANSWERED, TRYING, REFUSED], [undefined, undefined]],
    ['are unknown if nothing came', [...A_LEG_ANSWERED, TRYING], [undefined, undefined]],
    ['are unknown without the report of the INVITE', [...A_LEG_ANSWERED, RINGING, ANSWER], [undefined, undefined]],
    [
      'are unknown if only the dial hook reports it',
      [...A_LEG_ANSWERED, dialHook(700, 200, 'completed')],
      [undefined, undefined],
    ],
    [
      'are unknown for a leg that was not dialled',
      [aLeg(0, 100, 'Trying', 'trying'), aLeg(500, 180, 'Ringing', 'ringing'), aLeg(900, 200, 'OK', 'in-progress')],
      [undefined, undefined],
    ],
  ] as const) {
    it(what, () => assert.deepEqual(waits(webhooks), wanted));
  }

  const [ringing, answer] = [bLeg(1_360, 180, 'Ringing', 'ringing'), bLeg(2_160, 200, 'OK', 'in-progress')];
  for (const [what, late, wanted] of [
    ['the INVITE', TRYING, [undefined, undefined]],
    ['the ringing', ringing, [undefined, 2]],
    ['the answer', answer, [1.2, undefined]],
  ] as const) {
    it(`are known without ${what} if its time is known only to the second`, () =>
      assert.deepEqual(waits([...A_LEG_ANSWERED, TRYING, ringing, answer], [late]), wanted));
  }
});

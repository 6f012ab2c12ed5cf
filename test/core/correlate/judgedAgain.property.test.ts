import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { callIdOf } from '../../../src/core/call/callEvent.ts';
import { eventOf, Running } from '../running.ts';
import { A_LEG_ANSWERED, aLeg, bLeg, dialHook, everySecond, type Webhook, webhooksOf } from '../scenario.ts';

const SECOND = { call_sid: 'b5bd6b0c-7f4a-4c0e-9d3e-000000000009' };
const BY_CALLER = { call_termination_by: 'caller' };

/** Two legs of one dial, one of which answers. */
const TWO_LEGS = [
  ...A_LEG_ANSWERED,
  bLeg(160, 100, 'Trying', 'trying'),
  bLeg(200, 100, 'Trying', 'trying', SECOND),
  bLeg(300, 180, 'Ringing', 'ringing'),
  bLeg(500, 200, 'OK', 'in-progress', SECOND),
  bLeg(700, 487, 'Request Terminated', 'no-answer'),
];

const CALLS: readonly (readonly Webhook[])[] = [
  webhooksOf({ response: [503, 'Try again later', 230] }),
  webhooksOf({ ringing: [90], response: [404, 'Not Found', 9_000] }),
  webhooksOf({ ringing: everySecond(90, 9_000), callerHungUpAt: 9_500 }),
  webhooksOf({ ringing: [90], dialGaveUpAt: 20_000 }),
  webhooksOf({ ringing: [90], response: [200, 'OK', 900] }),
  // The caller hangs up, which the dialled leg tells as well.
  [
    ...A_LEG_ANSWERED,
    bLeg(160, 100, 'Trying', 'trying'),
    ...everySecond(300, 8_300).map((at) => bLeg(at, 180, 'Ringing', 'ringing')),
    bLeg(9_000, 487, 'Request Terminated', 'no-answer', BY_CALLER),
    aLeg(9_100, 200, 'OK', 'completed', BY_CALLER),
  ],
  // The A leg only rings.
  [
    aLeg(0, 100, 'Trying', 'trying'),
    bLeg(160, 100, 'Trying', 'trying'),
    bLeg(250, 180, 'Ringing', 'ringing'),
    aLeg(260, 180, 'Ringing', 'ringing'),
    bLeg(9_000, 486, 'Busy Here', 'busy'),
    aLeg(9_100, 486, 'Busy Here', 'failed'),
  ],
  [
    ...TWO_LEGS,
    dialHook(60_000, 200, 'completed', { dial_call_sid: SECOND.call_sid }),
    aLeg(60_100, 200, 'OK', 'completed'),
  ],
  TWO_LEGS,
];

/** What is said of each leg in the end, where webhooks come late; `always`: each has the whole call judged again. */
function said(webhooks: readonly Webhook[], delays: readonly number[], always: boolean): object {
  const running = new Running();
  const arrivals = webhooks.map((webhook, i) => ({ webhook, lateMs: delays[i] ?? 0 }));
  for (const { webhook, lateMs } of arrivals.toSorted((a, b) => arrivalOf(a) - arrivalOf(b))) {
    running.settleBefore(webhook.at_ms + lateMs);
    const punctual = eventOf(webhook);
    const event = { ...punctual, receivedAt: punctual.receivedAt + lateMs };
    running.pipeline.accept(event);
    if (always) running.pipeline.reconsider(callIdOf(event));
  }
  running.settleAll();
  return Object.fromEntries(running.verdicts.map(({ callSid, explanation }) => [callSid, explanation]));
}

function arrivalOf({ webhook, lateMs }: { readonly webhook: Webhook; readonly lateMs: number }): number {
  return webhook.at_ms + lateMs;
}

test('no webhook that has nothing judged again would have had something else said', () => {
  const delay = fc.oneof(fc.constant(0), fc.nat(9_000), fc.nat(50_000));
  fc.assert(
    fc.property(
      fc.constantFrom(...CALLS),
      fc.array(fc.tuple(delay, fc.nat(9)), { minLength: 20, maxLength: 20 }),
      (call, fates) => {
        const kept = call.flatMap((webhook, i) =>
          fates[i]?.[1] === 0 ? [] : [{ webhook, delay: fates[i]?.[0] ?? 0 }],
        );
        const webhooks = kept.map(({ webhook }) => webhook);
        const delays = kept.map((each) => each.delay);
        assert.deepEqual(said(webhooks, delays, false), said(webhooks, delays, true));
      },
    ),
    { numRuns: 1_500, seed: 20_261_123 },
  );
});

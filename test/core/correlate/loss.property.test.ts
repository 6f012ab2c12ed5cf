import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type RecordedCase, replay } from '../../../src/core/replay/replay.ts';
import { isRightSet, type Recorded, recordedCases } from '../recordedCases.ts';
import type { Webhook } from '../scenario.ts';

const CASES = recordedCases();
const RUNS = { numRuns: 1_500, seed: 20_261_123 };

function sidOf({ body = '' }: Webhook): string {
  return JSON.parse(body).call_sid;
}

/** The dialled leg of a recorded call. */
function dialledLeg({ webhooks }: RecordedCase): string {
  const dialled = webhooks.find(({ body = '' }) => body.includes('"direction":"outbound"'));
  assert.ok(dialled);
  return sidOf(dialled);
}

/** Replays other deliveries of a recorded call, and checks that nothing wrong is certain. */
function replayHonestly(recorded: Recorded, webhooks: readonly Webhook[]) {
  const { calls } = replay({ ...recorded.call, webhooks: [...webhooks] });
  assertHonest(recorded, calls);
  return calls;
}

function assertHonest({ id, expected }: Recorded, calls: ReturnType<typeof replay>['calls']): void {
  for (const { cause, blocking, confidence, outcome } of calls) {
    if (outcome === 'connected') continue;
    const isHonest = confidence !== 'certain' || isRightSet(expected, blocking);
    assert.ok(isHonest, `${id}: ${cause} is certain, right is ${expected.blocking}`);
  }
}

/** Each recorded call with what it comes to undisturbed. */
const UNDISTURBED = CASES.map((recorded) => ({ recorded, calls: replay(recorded.call).calls }));

describe('a lost webhook', () => {
  /** Each recorded call without each of its webhooks. */
  const replayed = CASES.flatMap((recorded) =>
    recorded.call.webhooks.map((_, lost) => ({
      recorded,
      lost,
      calls: replay({ ...recorded.call, webhooks: recorded.call.webhooks.toSpliced(lost, 1) }).calls,
    })),
  );

  test('never makes a wrong cause certain, and never loses the attempt', () => {
    for (const { recorded, lost, calls } of replayed) {
      assertHonest(recorded, calls);
      assert.deepEqual(
        calls.map(({ call_sid }) => call_sid),
        [dialledLeg(recorded.call)],
        `${recorded.id} without webhook ${lost}`,
      );
    }
  });

  test('leaves the cause of every recorded call right', () => {
    for (const { recorded, lost, calls } of replayed) {
      const isRight = isRightSet(recorded.expected, calls[0]?.blocking ?? []);
      assert.ok(isRight, `${recorded.id} without webhook ${lost}`);
    }
  });

  test('leaves an honest answer, however many more are lost with it', () => {
    const delivery = fc
      .constantFrom(...CASES)
      .chain((recorded) => fc.tuple(fc.constant(recorded), fc.subarray(recorded.call.webhooks, { minLength: 1 })));
    fc.assert(
      fc.property(delivery, ([recorded, webhooks]) => {
        const calls = replayHonestly(recorded, webhooks);
        const leg = dialledLeg(recorded.call);
        const isHeardOf = webhooks.some(({ body = '' }) => body.includes(leg));
        assert.deepEqual(
          calls.map(({ call_sid }) => call_sid === leg),
          [isHeardOf],
        );
      }),
      RUNS,
    );
  });
});

describe('a webhook that is delivered twice', () => {
  for (const [what, later] of [
    ['at once', 0],
    ['2 s later', 2_000],
    ['after the verdict', 30_000],
    ['after the call was let go', 600_000],
  ] as const) {
    test(`changes nothing ${what}`, () => {
      for (const { recorded, calls } of UNDISTURBED) {
        const { id, call } = recorded;
        for (const [i, webhook] of call.webhooks.entries()) {
          const again = call.webhooks.toSpliced(i + 1, 0, { ...webhook, at_ms: webhook.at_ms + later });
          assert.deepEqual(replay({ ...call, webhooks: again }).calls, calls, `${id}, webhook ${i}`);
        }
      }
    });
  }
});

describe('webhooks in another order', () => {
  /** A recorded call of which each webhook arrives when another one did. */
  const shuffled = fc.constantFrom(...CASES).chain((recorded) => {
    const { webhooks } = recorded.call;
    const all = { minLength: webhooks.length, maxLength: webhooks.length };
    return fc.tuple(fc.constant(recorded), fc.shuffledSubarray(webhooks, all)).map(([, order]) => {
      const arrivals = order.map((webhook, i) => ({ ...webhook, at_ms: webhooks[i]?.at_ms ?? 0 }));
      return { recorded, arrivals };
    });
  });

  test('give the same cause, since each is dated by its signature where it is late', () => {
    fc.assert(
      fc.property(shuffled, ({ recorded, arrivals }) => {
        const calls = replayHonestly(recorded, arrivals);
        assert.deepEqual(
          calls.map(({ call_sid }) => call_sid),
          [dialledLeg(recorded.call)],
        );
        assert.ok(isRightSet(recorded.expected, calls[0]?.blocking ?? []), recorded.id);
      }),
      RUNS,
    );
  });

  test('without signatures, which could date them, are never wrong and certain', () => {
    fc.assert(
      fc.property(shuffled, ({ recorded, arrivals }) => {
        const unsigned = arrivals.map((webhook) => ({ ...webhook, headers: {} }));
        assert.ok(replayHonestly(recorded, unsigned).length > 0);
      }),
      RUNS,
    );
  });

  test('with some of them minutes late give the same cause', () => {
    const delayed = fc.constantFrom(...CASES).chain((recorded) =>
      fc.record({
        recorded: fc.constant(recorded),
        delays: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 600_000 })), {
          minLength: recorded.call.webhooks.length,
          maxLength: recorded.call.webhooks.length,
        }),
      }),
    );
    fc.assert(
      fc.property(delayed, ({ recorded, delays }) => {
        const late = recorded.call.webhooks.map((webhook, i) => ({
          ...webhook,
          at_ms: webhook.at_ms + (delays[i] ?? 0),
        }));
        const calls = replayHonestly(recorded, late);
        assert.deepEqual(
          calls.map(({ call_sid }) => call_sid),
          [dialledLeg(recorded.call)],
        );
        assert.ok(isRightSet(recorded.expected, calls[0]?.blocking ?? []), recorded.id);
      }),
      RUNS,
    );
  });
});

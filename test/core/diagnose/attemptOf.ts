import assert from 'node:assert/strict';
import type { Attempt } from '../../../src/core/call/call.ts';
import { OpenCall } from '../../../src/core/correlate/openCall.ts';
import { eventOf } from '../running.ts';
import { A_LEG, type Webhook } from '../scenario.ts';

/** The first attempt of a call. */
export function attemptOf(webhooks: readonly Webhook[]): Attempt {
  const call = new OpenCall(
    A_LEG,
    webhooks.map((webhook) => eventOf(webhook)),
  );
  const [attempt] = call.attempts;
  assert.ok(attempt);
  return attempt;
}

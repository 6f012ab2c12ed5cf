import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkAfterMs } from '../../../src/core/correlate/settle.ts';
import { eventOf } from '../running.ts';
import { aLeg, bLeg, dialHook } from '../scenario.ts';

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

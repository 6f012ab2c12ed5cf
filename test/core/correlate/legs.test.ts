import assert from 'node:assert/strict';
import { test } from 'node:test';
import { A_LEG, A_LEG_ANSWERED, aLeg, explainOnly, FITTING, webhook } from '../scenario.ts';

test('a dial that failed before a leg of it was heard of is no connected call', () => {
  const webhooks = [
    ...A_LEG_ANSWERED,
    webhook('dial-action', 230, { call_sid: A_LEG, dial_call_status: 'failed' }),
    aLeg(600, 200, 'OK', 'completed'),
  ];
  const { call_sid, outcome, cause, confidence } = explainOnly(webhooks, { livekit: FITTING });
  assert.deepEqual([call_sid, outcome, cause, confidence], [A_LEG, 'failed', 'unclassified', 'possible']);
});

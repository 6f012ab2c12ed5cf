import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reportedTransfer } from '../../../src/core/replay/reportedTransfer.ts';
import { B_LEG_CALL_ID } from '../livekitScenario.ts';
import { BEGIN_MS, webhooksOf } from '../scenario.ts';

const ERROR = { code: 'failed_precondition', msg: 'sip status: 501: Not Implemented', meta: {} };
const API = { error: 412, body: JSON.stringify(ERROR) };
const ANSWERED = webhooksOf({ ringing: [90], answeredAt: 200, callerHungUpAt: 10_200 });

describe('the report of a transfer in a recorded call', () => {
  it('is what the agent would send, halfway between the answer and the end', () => {
    const report = reportedTransfer({ api: API, webhooks: ANSWERED });
    assert.deepEqual(JSON.parse(report?.body ?? ''), {
      event: 'transfer_reported',
      sip_call_id: B_LEG_CALL_ID,
      error: ERROR,
    });
    assert.equal(report?.at_ms, BEGIN_MS + 5_200);
    assert.equal(report?.path, '/livekit/webhook');
  });

  for (const [what, api] of [
    ['there is no answer of the API', undefined],
    ['the API reported no error', {}],
    ['it is the answer to another request', { status: 429, body: JSON.stringify(ERROR) }],
    ['the error is no JSON', { error: 412, body: 'not json' }],
    ['the error is not the API’s', { error: 502, body: '{"message":"Bad Gateway"}' }],
  ] as const) {
    it(`is none where ${what}`, () => assert.equal(reportedTransfer({ api, webhooks: ANSWERED }), undefined));
  }

  it('is none where no dialled leg was answered, so that there was nothing to transfer', () => {
    for (const webhooks of [webhooksOf({ response: [503, 'Service Unavailable', 200] }), []]) {
      assert.equal(reportedTransfer({ api: API, webhooks }), undefined);
    }
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addEvent, attemptsOf, newCall } from '../../../src/core/call/call.ts';
import type { CallEvent, DialResultEvent, StatusEvent } from '../../../src/core/call/callEvent.ts';

const AT = 1_795_387_200_000;
const LEG: StatusEvent = {
  kind: 'status',
  at: AT,
  receivedAt: AT,
  precise: true,
  callSid: 'a',
  parentCallSid: undefined,
  direction: 'outbound',
  from: undefined,
  to: undefined,
  sbcCallId: undefined,
  sipStatus: 180,
  sipReason: undefined,
  callStatus: 'ringing',
  terminatedBy: undefined,
  declaredAuth: undefined,
};
const dialNaming = (dialCallSid: string): DialResultEvent => ({
  ...LEG,
  kind: 'dial_result',
  dialCallSid,
  dialCallStatus: 'failed',
  dialSipStatus: 503,
  dialSbcCallId: undefined,
});

/** Adds events to one call, and counts those that were read. */
function read(events: readonly CallEvent[]) {
  const call = newCall('a');
  return { call, read: events.filter((event) => addEvent(call, event)).length };
}
const times = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));

describe('a call', () => {
  it('has up to 500 legs', () => {
    const legs = times(501, (i) => ({ ...LEG, callSid: `b${i}` }));
    const { call, read: count } = read(legs);
    assert.deepEqual([count, call.legs.size, attemptsOf(call).length], [500, 500, 500]);
    assert.equal(call.legs.has('b500'), false);
  });

  it('hears of its first 500 legs and of its A leg, however many it has', () => {
    const { call } = read(times(600, (i) => ({ ...LEG, callSid: `b${i}` })));
    assert.equal(addEvent(call, { ...LEG, callSid: 'b499', callStatus: 'failed', sipStatus: 503 }), true);
    assert.equal(addEvent(call, { ...LEG, callSid: 'a', callStatus: 'completed', sipStatus: 200 }), true);
    assert.deepEqual([call.legs.get('b499')?.final?.status, call.legs.get('a')?.final?.status], [503, 200]);
  });

  it('has up to 500 legs where only dial hooks name them', () => {
    const { call } = read(times(501, (i) => dialNaming(`b${i}`)));
    assert.equal(attemptsOf(call).length, 500);
  });

  it('has up to 5,000 webhooks that are read', () => {
    assert.equal(read(times(5_000, () => LEG)).read, 5_000);
    const { call, read: count } = read(times(5_001, () => LEG));
    assert.deepEqual([count, call.legs.get('a')?.reports], [5_000, 5_000]);
  });
});

import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { Legs } from '../../../src/core/correlate/legs.ts';
import { OpenCall } from '../../../src/core/correlate/openCall.ts';
import { eventOf } from '../running.ts';
import { A_LEG, A_LEG_ANSWERED, aLeg, bLeg, explainOnly, FITTING, webhook } from '../scenario.ts';

test('a dial that failed before a leg of it was heard of is no connected call', () => {
  const webhooks = [
    ...A_LEG_ANSWERED,
    webhook('dial-action', 230, { call_sid: A_LEG, dial_call_status: 'failed' }),
    aLeg(600, 200, 'OK', 'completed'),
  ];
  const { call_sid, outcome, cause, confidence } = explainOnly(webhooks, { livekit: FITTING });
  assert.deepEqual([call_sid, outcome, cause, confidence], [A_LEG, 'failed', 'unclassified', 'possible']);
});

describe('the legs in memory', () => {
  const KEY = '+15550123>+15550100';
  const attemptsOf = (sbc_callid: string) =>
    new OpenCall(A_LEG, [eventOf(bLeg(0, 180, 'Ringing', 'ringing', { sbc_callid }))]).attempts;
  const found = (legs: Legs) => [legs.withCallId('one'), legs.withCallId('two'), legs.withNumbers(KEY)];
  const callsOf = (legs: Legs) => found(legs).map((of) => of.map(({ callId }) => callId));

  it('are found by Call-ID and by numbers, those of each call', () => {
    const legs = new Legs();
    legs.set('A', attemptsOf('one'));
    legs.set('B', attemptsOf('two'));
    assert.deepEqual(callsOf(legs), [['A'], ['B'], ['A', 'B']]);
    legs.delete('A');
    assert.deepEqual(callsOf(legs), [[], ['B'], ['B']]);
    legs.delete('B');
    assert.deepEqual(callsOf(legs), [[], [], []]);
  });

  it('of a call are replaced by later ones', () => {
    const legs = new Legs();
    legs.set('A', attemptsOf('one'));
    legs.set('A', attemptsOf('two'));
    assert.deepEqual(callsOf(legs), [[], ['A'], ['A']]);
    legs.set('A', []);
    assert.deepEqual(callsOf(legs), [[], [], []]);
  });

  it('are not found by what is unknown', () => {
    const legs = new Legs();
    legs.set('A', attemptsOf('one'));
    assert.deepEqual([legs.withCallId(undefined), legs.withNumbers(undefined)], [[], []]);
  });
});

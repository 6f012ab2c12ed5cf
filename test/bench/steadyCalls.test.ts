import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupsOfLane } from '../../scripts/bench/steadyCalls.ts';

const webhooksOf = (call: number) => ['a', 'b', 'c'].map((body) => ({ path: '/', body: `${call}${body}` }));

function bodies(lane: number, callsPerSecond: number): string[][] {
  const groups = groupsOfLane({ from: 10, calls: 6, callsPerSecond, webhooksOf }, lane);
  return groups.map((group) => group.map(({ body }) => body)).toArray();
}

describe('calls at a steady rate', () => {
  it('are spread over the lanes, each call in one lane, in the order of its webhooks', () => {
    // 10 calls a second are 15 webhooks a second in each lane: one every 67 ms.
    assert.deepEqual(bodies(0, 10), [
      ['10a', '10b', '10c'],
      ['12a', '12b', '12c'],
      ['14a', '14b', '14c'],
    ]);
    assert.deepEqual(bodies(1, 10), [
      ['11a', '11b', '11c'],
      ['13a', '13b', '13c'],
      ['15a', '15b', '15c'],
    ]);
  });

  it('have so many under way that some 40 ms pass between two webhooks of a call', () => {
    // 50 webhooks a second in each lane: two calls in turn.
    assert.deepEqual(bodies(0, 34), [
      ['10a', '12a', '10b', '12b', '10c', '12c'],
      ['14a', '14b', '14c'],
    ]);
  });

  it('must be even in number', () => {
    assert.throws(
      () => [...groupsOfLane({ from: 0, calls: 3, callsPerSecond: 1, webhooksOf }, 0)],
      /multiple of 2, got 3/,
    );
  });
});

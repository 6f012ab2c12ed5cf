import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ExampleConfiguration } from '../../../src/core/audit/finding.ts';
import { findUnreachable } from '../../../src/core/audit/unreachable.ts';
import { snapshotOf } from './auditedConfiguration.ts';

const CALLED = '+15550100';
const OTHER = '+15550101';
const CALLER = '+15550123';
const TRUNK = { ST_1: { numbers: [CALLED] } };
const LIMITED = { ST_1: { numbers: [CALLED], allowed_numbers: [CALLER] } };
const ON = { trunk_ids: ['ST_1'] };
const direct = (room_name: string, pin = '') => ({ rule: { dispatch_rule_direct: { room_name, pin } } });
const numbers = (count: number, from = 1_000) => Array.from({ length: count }, (_, i) => `+1555${from + i}`);

/** The rules that no call reaches. */
function unreachable(trunks: ExampleConfiguration['trunks'], rules: ExampleConfiguration['rules']): string[] {
  const snapshot = snapshotOf({ ...(trunks && { trunks }), ...(rules && { rules }) });
  return [...findUnreachable(snapshot)].map(({ rule }) => rule.sip_dispatch_rule_id);
}

describe('a rule that no call reaches', () => {
  it('is the later one of two with one room that come equally early', () => {
    const byNumber = { ...ON, ...direct('desk'), numbers: [CALLED] };
    const byCaller = { ...ON, ...direct('desk'), inbound_numbers: [CALLER] };
    assert.deepEqual(unreachable(LIMITED, { SDR_1: byNumber, SDR_2: byCaller }), ['SDR_2']);
    assert.deepEqual(unreachable(LIMITED, { SDR_1: byCaller, SDR_2: byNumber }), ['SDR_2']);
  });

  it('is beaten by a rule with its own pin only', () => {
    const pinned = (pin: string) => ({
      SDR_1: { ...ON, ...direct('lobby', '4711') },
      SDR_2: { ...ON, ...direct('desk', pin), numbers: [CALLED] },
    });
    assert.deepEqual(unreachable(TRUNK, pinned('4711')), ['SDR_1']);
    assert.deepEqual(unreachable(TRUNK, pinned('4712')), []);
    assert.deepEqual(unreachable(TRUNK, pinned('')), []);
  });

  it('may list a number that its trunk does not take, beside one for which another rule comes first', () => {
    const rules = (numbers: string[]) => ({
      SDR_1: { ...ON, numbers },
      SDR_2: { ...ON, numbers: [CALLED], inbound_numbers: [CALLER] },
    });
    assert.deepEqual(unreachable(LIMITED, rules([CALLED, OTHER])), ['SDR_1']);
    assert.deepEqual(unreachable({ ST_1: { ...LIMITED.ST_1, numbers: [CALLED, OTHER] } }, rules([CALLED, OTHER])), []);
  });

  it('is none of an unknown kind, and is beaten by none of an unknown kind', () => {
    assert.deepEqual(unreachable(TRUNK, { SDR_1: { ...ON, numbers: [OTHER], rule: {} } }), []);
    assert.deepEqual(unreachable(TRUNK, { SDR_1: ON, SDR_2: { ...ON, numbers: [CALLED], rule: {} } }), []);
  });

  it('counts as reached if rules of its trunk conflict, and not if those of another do', () => {
    const rules = { SDR_1: ON, SDR_2: { ...ON, numbers: [CALLED] } };
    const twice = (trunk: string) => ({ SDR_3: { trunk_ids: [trunk] }, SDR_4: { trunk_ids: [trunk] } });
    const trunks = { ...TRUNK, ST_2: { numbers: [OTHER] } };
    assert.deepEqual(unreachable(trunks, { ...rules, ...twice('ST_2') }), ['SDR_1']);
    assert.deepEqual(unreachable(trunks, { ...rules, ...twice('ST_1') }), []);
    assert.deepEqual(unreachable(trunks, { ...rules, SDR_3: {}, SDR_4: {} }), []);
  });
});

describe('the search for a rule that no call reaches', () => {
  /** A rule for all calls after one that lists every number of the trunk. */
  const found = (callers: number, called: number) =>
    unreachable(
      { ST_1: { numbers: numbers(called), allowed_numbers: numbers(callers, 5_000) } },
      { SDR_1: ON, SDR_2: { ...ON, numbers: numbers(called) } },
    ).includes('SDR_1');

  it('tries a thousand combinations of caller and called number', () => {
    assert.deepEqual([found(1, 1_000), found(1, 1_001)], [true, false]);
    assert.deepEqual([found(2, 500), found(2, 501)], [true, false]);
  });

  it('reads a thousand numbers of a rule, those included that its trunk does not take', () => {
    const listing = (count: number) =>
      unreachable(LIMITED, {
        SDR_1: { ...ON, numbers: [CALLED, ...numbers(count - 1)] },
        SDR_2: { ...ON, numbers: [CALLED], inbound_numbers: [CALLER] },
      });
    assert.deepEqual([listing(1_000), listing(1_001)], [['SDR_1'], []]);
  });

  it('reads two hundred thousand list entries of a trunk', () => {
    const of = (called: number) =>
      unreachable(TRUNK, {
        SDR_1: ON,
        SDR_2: { ...ON, numbers: [CALLED, ...numbers(called - 1)] },
        SDR_3: { ...ON, numbers: numbers(400, 2_000), inbound_numbers: numbers(499, 5_000) },
      }).includes('SDR_1');
    // 400 × 499 of the third rule and one of the first leave 399.
    assert.deepEqual([of(399), of(400)], [true, false]);
  });
});

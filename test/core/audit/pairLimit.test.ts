import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findPairs } from '../../../src/core/audit/pairs.ts';
import { snapshotOf } from './auditedConfiguration.ts';

const NUMBER = '+15550100';

/** Numbers that no other prefix has. */
const numbers = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${10_000 + i}`);
const addresses = (count: number) => Array.from({ length: count }, () => '192.0.2.1');

/** Two trunks for one number; the lists of the second one are longer. */
function pairsWith({ callers, called }: { readonly callers: number; readonly called: number }) {
  const snapshot = snapshotOf({
    trunks: {
      ST_1: {
        numbers: [NUMBER, ...numbers('+1555', called - 1)],
        allowed_numbers: [NUMBER, ...numbers('+1555', callers - 1)],
        allowed_addresses: addresses(1_000),
      },
      ST_2: {
        numbers: [NUMBER, ...numbers('+1666', 600)],
        allowed_numbers: [NUMBER, ...numbers('+1666', 600)],
        allowed_addresses: addresses(299),
      },
    },
  });
  const { pairs, isComplete } = findPairs(snapshot, false);
  return [pairs.length, isComplete];
}

// One for the pair and 1,000 × 299 for the addresses leave 999 of the 300,000 for both shorter lists of numbers.
describe('the search for pairs of trunks', () => {
  for (const [what, lists, wanted] of [
    ['goes to the end at 300,000 comparisons', { callers: 500, called: 499 }, [1, true]],
    ['stops after that for one caller more', { callers: 501, called: 499 }, [0, false]],
    ['stops after that for one called number more', { callers: 500, called: 500 }, [0, false]],
  ] as const) {
    it(what, () => assert.deepEqual(pairsWith(lists), wanted));
  }
});

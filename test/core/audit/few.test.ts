import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { few, written } from '../../../src/core/audit/few.ts';

describe('a list in a sentence', () => {
  for (const [values, shown] of [
    [[], ''],
    [['a'], 'a'],
    [['a', 'b', 'c', 'd', 'e'], 'a, b, c, d, e'],
    [['a', 'b', 'c', 'd', 'e', 'f'], 'a, b, c, d, e and 1 more'],
    [['a', 'b', 'c', 'd', 'e', 'f', 'g'], 'a, b, c, d, e and 2 more'],
  ] as const) {
    it(`of ${values.length} is: ${shown}`, () => assert.equal(few(values), shown));
  }

  for (const [entry, shown] of [
    ['a', 'a'],
    ['', '""'],
    ['a b', '"a b"'],
    ['a,b', '"a,b"'],
  ] as const) {
    it(`shows ${JSON.stringify(entry)} as ${shown}`, () => assert.equal(written(entry), shown));
  }
});

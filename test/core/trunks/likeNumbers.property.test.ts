import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LikeNumbers } from '../../../src/core/trunks/judge/likeNumbers.ts';
import { likeness } from '../../../src/core/trunks/number.ts';
import { number } from './arbitrary.ts';

/** Numbers that differ only in front, so that many share their end. */
const ending = fc.constantFrom('123456', '0123456', '00123456');
const front = fc.stringMatching(/^(\+|00|0)?[0149]{0,5}$/);
const alikeNumber = fc.oneof(
  fc.tuple(front, ending).map(([before, end]) => before + end),
  number,
);

describe('numbers like a given one', () => {
  it('are the same as a full scan finds', () => {
    fc.assert(
      fc.property(fc.array(alikeNumber, { maxLength: 120, size: 'max' }), alikeNumber, (all, asked) => {
        const numbers = new LikeNumbers<string>();
        for (const number of all) numbers.add(number, [number]);
        const found = numbers.find(asked).filter(({ how }) => how !== 'as_written' && how !== 'normalised');
        const alike = [...new Set(all)].flatMap((number) => {
          const how = likeness(asked, number);
          return how ? [{ number, owners: [number], how }] : [];
        });
        const byNumber = (a: { number: string }, b: { number: string }) => (a.number < b.number ? -1 : 1);
        assert.deepEqual(found.sort(byNumber), alike.sort(byNumber));
      }),
      { numRuns: 3_000 },
    );
  });
});

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

describe('numbers alike to one', () => {
  it('are found as by going through all of them', () => {
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

  const rows: [string, string, ReturnType<typeof likeness>][] = [
    ['0049918743503', '+49918743503', 'international_prefix'],
    ['918743503', '+49918743503', 'country_code_missing'],
    ['0918743503', '+49918743503', 'national_zero'],
    ['+49918743503\n', '+49918743503', 'white_space'],
    ['call-x ', 'call-x', 'white_space'],
    ['+49918743503', '49 (918) 743-503', undefined],
    ['43503', '+4943503', undefined],
    ['743503', '+49918743503', undefined],
    ['\t', ' ', undefined],
  ];
  for (const [a, b, how] of rows) {
    it(`${JSON.stringify(a)} and ${JSON.stringify(b)}: ${how ?? 'not alike'}`, () => {
      assert.equal(likeness(a, b), how);
      assert.equal(likeness(b, a), how);
    });
  }
});

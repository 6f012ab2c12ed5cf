import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LikeNumbers } from '../../../src/core/trunks/judge/likeNumbers.ts';
import { likeness } from '../../../src/core/trunks/number.ts';

describe('numbers alike to one', () => {
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
    ['0012345', '+12345', 'international_prefix'],
  ];
  for (const [a, b, how] of rows) {
    it(`${JSON.stringify(a)} and ${JSON.stringify(b)}: ${how ?? 'not alike'}`, () => {
      assert.equal(likeness(a, b), how);
      assert.equal(likeness(b, a), how);
      const listed = new LikeNumbers<string>();
      listed.add('owner', [b]);
      if (how) assert.deepEqual(listed.find(a), [{ number: b, owners: ['owner'], how }]);
    });
  }
});

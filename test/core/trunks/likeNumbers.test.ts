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
    ['743503', '+49743503', 'country_code_missing'],
    ['0743503', '+49743503', 'national_zero'],
    ['043503', '+4943503', undefined],
    ['5550100', '+15550100', 'country_code_missing'],
    ['5550100', '+3545550100', 'country_code_missing'],
    ['5550100', '+12465550100', undefined],
    ['05550100', '+12465550100', undefined],
    ['05550100', '+495550100', 'national_zero'],
    ['05550100', '+3545550100', 'national_zero'],
    ['00743503', '+49743503', undefined],
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

describe('a look-up of like numbers', () => {
  const found = (listed: readonly string[], asked: string) => {
    const numbers = new LikeNumbers<string>();
    for (const [i, number] of listed.entries()) numbers.add(`owner ${i}`, [number]);
    return numbers.find(asked);
  };
  for (const [listed, asked, how] of [
    ['12345', '0012345', 'international_prefix'],
    ['0012345', '12345', 'international_prefix'],
    ['123456', '00123456', 'international_prefix'],
    ['1', '001', 'international_prefix'],
    ['+49 918743503', '49918743503', 'normalised'],
    ['49918743503', '49918743503', 'as_written'],
    ['call-x', ' call-x', 'white_space'],
    ['0918743503', '+49918743503', 'national_zero'],
  ] as const) {
    it(`finds ${listed} for ${asked}: ${how}`, () => {
      assert.deepEqual(found(['777777', listed, 'call-y'], asked), [{ number: listed, owners: ['owner 1'], how }]);
    });
  }

  it('leaves out a number that only has the same end', () => {
    assert.deepEqual(found(['+33744918743503'], '+49918743503'), []);
  });

  it('names an owner once for a number that it lists twice, and each of two owners', () => {
    const numbers = new LikeNumbers<string>();
    numbers.add('a', ['1', '1']);
    numbers.add('b', ['1', '2']);
    assert.deepEqual(numbers.ownersOf('1'), ['a', 'b']);
    numbers.add('c', ['2', '2']);
    assert.deepEqual(numbers.ownersOf('2'), ['b', 'c']);
    assert.deepEqual(numbers.ownersOf('3'), []);
    assert.deepEqual(
      [...numbers.groups()],
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
    );
  });
});

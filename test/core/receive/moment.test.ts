import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { momentOf } from '../../../src/core/receive/verifyJambonz.ts';

const SIGNED_AT = 1_795_387_200_000;
const SIGNATURE = `t=${SIGNED_AT / 1000},v1=${'0'.repeat(64)}`;

describe('when a webhook’s event happened', () => {
  test('is when it arrived, where it arrived promptly', () => {
    const at = SIGNED_AT + 1_250;
    assert.deepEqual(momentOf(at, SIGNATURE), { at, receivedAt: at, precise: true });
  });

  for (const [after, precise] of [
    [3_000, true],
    [3_001, false],
    [-3_000, true],
    [-3_001, false],
  ] as const) {
    test(`is ${precise ? 'when it arrived' : 'when it was signed'}, ${after} ms after that`, () => {
      assert.equal(momentOf(SIGNED_AT + after, SIGNATURE).precise, precise);
    });
  }

  test('is when it was signed, to the second, where it arrived late', () => {
    const receivedAt = SIGNED_AT + 60_250;
    assert.deepEqual(momentOf(receivedAt, SIGNATURE), { at: SIGNED_AT, receivedAt, precise: false });
  });

  test('is when it was signed too where the clocks differ', () => {
    const receivedAt = SIGNED_AT - 60_250;
    assert.deepEqual(momentOf(receivedAt, SIGNATURE), { at: SIGNED_AT, receivedAt, precise: false });
  });

  for (const signature of [undefined, '', 'nonsense', 't=x,v1=y']) {
    test(`is when it arrived where the signature is ${JSON.stringify(signature)}`, () => {
      assert.deepEqual(momentOf(SIGNED_AT, signature), { at: SIGNED_AT, receivedAt: SIGNED_AT, precise: true });
    });
  }
});

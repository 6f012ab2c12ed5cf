import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eraserOf } from '../../../src/core/receive/eraseNumber.ts';

const erase = eraserOf('+49 151 12345678') ?? assert.fail();

describe('a number', () => {
  for (const [given, erased] of [
    ['+4915112345678', 'erased'],
    ['4915112345678', 'erased'],
    ['004915112345678', 'erased'],
    ['+49 (151) 1234-5678', 'erased'],
    ['{"from":"+4915112345678","to":"sip:4915112345678@h"}', '{"from":"erased","to":"sip:erased@h"}'],
    ['call-_+4915112345678_bWL4 sip_+4915112345678', 'call-_erased_bWL4 sip_erased'],
    ['call_sid=a&from=%2B4915112345678&x=1', 'call_sid=a&from=erased&x=1'],
    ['from=%2B49+151+12345678', 'from=erased'],
    ['+4915112345678>+4930111', 'erased>+4930111'],
    ['+4915112345678, +4915112345678', 'erased, erased'],
  ] as const) {
    it(`is erased from ${given}`, () => assert.equal(erase(given), erased));
  }

  for (const other of ['+49151123456789', '14915112345678', '1004915112345678', '4915112345679', '15112345678', '']) {
    it(`is not taken for ${other}`, () => assert.equal(erase(other), other));
  }

  it('is the same one in each form in which it is given', () => {
    for (const form of ['4915112345678', ' 00 49 151 12345678', '+49-151-12345678']) {
      assert.equal(eraserOf(form)?.('x 4915112345678'), 'x erased', form);
    }
  });

  it('has six digits at least', () => {
    assert.equal(eraserOf('123456')?.('+123456'), 'erased');
    for (const none of ['12345', '', 'anonymous', '+', 'sip:123456@h', '12345x'])
      assert.equal(eraserOf(none), undefined);
  });
});

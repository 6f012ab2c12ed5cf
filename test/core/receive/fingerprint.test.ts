import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fingerprint } from '../../../src/core/receive/webhook.ts';

const BODY = Buffer.from('{"call_sid":"a","call_status":"ringing"}');
const SIGNATURE = 't=1795387200,v1=00';

describe('a repeat', () => {
  test('is the same body with the same signature, for ever', () => {
    const first = fingerprint('call_status', BODY, SIGNATURE);
    assert.equal(fingerprint('call_status', Buffer.from(BODY), SIGNATURE).digest, first.digest);
    assert.equal(first.repeatWithinMs, Number.POSITIVE_INFINITY);
  });

  test('is, unsigned, the same body within 500 ms', () => {
    const first = fingerprint('call_status', BODY, undefined);
    assert.equal(fingerprint('call_status', Buffer.from(BODY), undefined).digest, first.digest);
    assert.equal(first.repeatWithinMs, 500);
  });

  test('is not the next ringing, whose body is the same and whose signature is another', () => {
    const next = fingerprint('call_status', BODY, 't=1795387201,v1=00');
    assert.notEqual(next.digest, fingerprint('call_status', BODY, SIGNATURE).digest);
  });

  test('is not the same body at another hook, nor another body with the same signature', () => {
    const { digest } = fingerprint('call_status', BODY, SIGNATURE);
    assert.notEqual(fingerprint('dial_action', BODY, SIGNATURE).digest, digest);
    assert.notEqual(fingerprint('call_status', Buffer.from('{}'), SIGNATURE).digest, digest);
  });
});

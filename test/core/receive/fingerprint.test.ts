import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fingerprint, liveKitFingerprint } from '../../../src/core/receive/webhook.ts';

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

describe('a repeat of a LiveKit webhook', () => {
  const OTHER = Buffer.from('{}');

  test('has the same id, whatever its body and token', () => {
    const first = liveKitFingerprint('EV_1', BODY, 'token');
    assert.deepEqual(liveKitFingerprint('EV_1', OTHER, undefined), first);
    assert.equal(first.repeatWithinMs, Number.POSITIVE_INFINITY);
    assert.notEqual(liveKitFingerprint('EV_2', BODY, 'token').digest, first.digest);
  });

  test('without an id is the same body with the same token, or within 500 ms without one', () => {
    const first = liveKitFingerprint(undefined, BODY, undefined);
    assert.deepEqual(liveKitFingerprint(undefined, BODY, undefined), first);
    assert.notEqual(liveKitFingerprint(undefined, OTHER, undefined).digest, first.digest);
    assert.equal(first.repeatWithinMs, 500);
    assert.equal(liveKitFingerprint(undefined, BODY, 'token').repeatWithinMs, Number.POSITIVE_INFINITY);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fingerprint, frameFingerprint, liveKitFingerprint } from '../../../src/core/receive/webhook.ts';

const BODY = Buffer.from('{"call_sid":"a","call_status":"ringing"}');
const DIGEST = 'a0'.repeat(32);
const OTHER = 'b1'.repeat(32);
const SIGNATURE = `t=1795387200,v1=${DIGEST}`;
const digestOf = (signature: string | undefined, hook = 'call_status') => fingerprint(hook, BODY, signature).digest;

describe('a repeat', () => {
  test('is the same body with the same signature, for ever', () => {
    const first = fingerprint('call_status', BODY, SIGNATURE);
    assert.equal(fingerprint('call_status', Buffer.from(BODY), SIGNATURE).digest, first.digest);
    assert.equal(first.repeatWithinMs, Number.POSITIVE_INFINITY);
  });

  // All of these pass verification where the first does. Nobody needs the secret to write them.
  for (const [what, header] of Object.entries({
    'a space after the comma': `t=1795387200, v1=${DIGEST}`,
    'spaces around': `  t=1795387200 ,  v1=${DIGEST} `,
    'capital digits': `t=1795387200,v1=${DIGEST.toUpperCase()}`,
    'another order': `v1=${DIGEST},t=1795387200`,
    'a leading zero in the time': `t=01795387200,v1=${DIGEST}`,
    'an earlier time that is not used': `t=1,t=1795387200,v1=${DIGEST}`,
    'another part': `t=1795387200,v1=${DIGEST},x=1`,
    'an empty part': `t=1795387200,,v1=${DIGEST},`,
    'another scheme': `t=1795387200,v0=${OTHER},v1=${DIGEST}`,
    'a second digest': `t=1795387200,v1=${OTHER},v1=${DIGEST}`,
    'only the other of two valid digests': `t=1795387200,v1=${OTHER}`,
  })) {
    test(`is one whose header is written with ${what}`, () => {
      assert.equal(digestOf(header), digestOf(SIGNATURE));
    });
  }

  test('is one at the other hook, because the signature does not name the hook', () => {
    assert.equal(digestOf(SIGNATURE, 'dial_action'), digestOf(SIGNATURE));
  });

  for (const [what, header] of [
    ['unsigned', undefined],
    ['with a header that is no signature', 'x'],
  ] as const) {
    test(`is, ${what}, the same body within 500 ms at the same hook`, () => {
      const first = fingerprint('call_status', BODY, header);
      assert.equal(fingerprint('call_status', Buffer.from(BODY), undefined).digest, first.digest);
      assert.equal(first.repeatWithinMs, 500);
      assert.notEqual(digestOf(header, 'dial_action'), first.digest);
    });
  }

  test('is not the next ringing, whose body is the same and whose time is another', () => {
    assert.notEqual(digestOf(`t=1795387201,v1=${DIGEST}`), digestOf(SIGNATURE));
  });

  test('is not another body with the same signature', () => {
    assert.notEqual(fingerprint('call_status', Buffer.from('{}'), SIGNATURE).digest, digestOf(SIGNATURE));
  });
});

describe('a repeat by WebSocket', () => {
  test('has the same msgid and content, for ever', () => {
    const first = frameFingerprint(BODY, 'm1');
    assert.deepEqual(first, frameFingerprint(Buffer.from(BODY), 'm1'));
    assert.equal(first.repeatWithinMs, Number.POSITIVE_INFINITY);
    assert.notEqual(frameFingerprint(BODY, 'm2').digest, first.digest);
    assert.notEqual(frameFingerprint(Buffer.from('{}'), 'm1').digest, first.digest);
  });

  test('has, without a msgid, the same content within 500 ms', () => {
    assert.equal(frameFingerprint(BODY, undefined).repeatWithinMs, 500);
  });
});

describe('a repeat of LiveKit’s', () => {
  const token = 'aGVhZGVy.Y2xhaW1z.c2lnbmF0dXJl';
  const digest = liveKitFingerprint(undefined, BODY, token).digest;

  test('has the same event id, whatever its token', () => {
    assert.equal(liveKitFingerprint('EV_1', BODY, token).digest, liveKitFingerprint('EV_1', BODY, 'a.b.c').digest);
    assert.notEqual(liveKitFingerprint('EV_2', BODY, token).digest, liveKitFingerprint('EV_1', BODY, token).digest);
  });

  for (const [what, authorization] of Object.entries({
    'the word Bearer': `Bearer ${token}`,
    'other case and spaces': ` bearer   ${token} `.trim(),
    padding: `${token}==`,
    'other last bits of the signature': `${token.slice(0, -1)}m`,
  })) {
    test(`is, without an id, one whose token is written with ${what}`, () => {
      assert.equal(liveKitFingerprint(undefined, BODY, authorization).digest, digest);
    });
  }

  test('is, without an id, not one with other claims or another body', () => {
    assert.notEqual(liveKitFingerprint(undefined, BODY, 'aGVhZGVy.b3RoZXI.c2lnbmF0dXJl').digest, digest);
    assert.notEqual(liveKitFingerprint(undefined, Buffer.from('{}'), token).digest, digest);
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

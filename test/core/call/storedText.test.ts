import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { indexKey, storedText } from '../../../src/core/call/storedText.ts';
import { numberKey } from '../../../src/core/correlate/lookup.ts';
import { readBody, readQuery } from '../../../src/core/receive/jambonzWebhook.ts';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';

const MOMENT = { at: 1, receivedAt: 1, precise: true };

describe('stored text', () => {
  for (const [name, given, stored] of [
    ['plain text stays as it is', 'Zoë 😀 +491', 'Zoë 😀 +491'],
    ['each NUL is replaced', 'a\0b\0', 'a\ufffdb\ufffd'],
    ['a lone surrogate is replaced', 'a\ud800b', 'a\ufffdb'],
    ['a pair of surrogates stays', '\ud83d\ude00', '😀'],
  ] as const) {
    it(name, () => assert.equal(storedText(given), stored));
  }

  it('is what a webhook in JSON is read as, also in its ids', () => {
    const body = Buffer.from('{"call_sid":"a\\u0000\\ud800","call_status":"trying","sip_reason":"\\u0000"}');
    const reading = readBody('call_status', body, MOMENT);
    assert.ok(reading.ok);
    assert.deepEqual([reading.event.callSid, reading.event.sipReason], ['a\ufffd\ufffd', '\ufffd']);
  });

  it('is what a webhook in a query is read as', () => {
    const reading = readQuery('call_status', new URLSearchParams('call_sid=a%00&call_status=trying'), MOMENT);
    assert.ok(reading.ok);
    assert.equal(reading.event.callSid, 'a\ufffd');
  });

  it('is what a webhook of LiveKit is read as', () => {
    const reading = readLiveKit(Buffer.from('{"event":"room_started","room":{"sid":"RM\\u0000"}}'), 1);
    assert.equal(reading.ok && reading.event.room?.sid, 'RM\ufffd');
  });

  it('keeps an escaped backslash before u0000', () => {
    const reading = readBody('call_status', Buffer.from('{"call_sid":"a\\\\u0000","call_status":"trying"}'), MOMENT);
    assert.equal(reading.ok && reading.event.callSid, 'a\\u0000');
  });
});

describe('the key of an index', () => {
  it('is the text up to 512 characters, and then its beginning and a digest', () => {
    assert.equal(indexKey('k'.repeat(512)), 'k'.repeat(512));
    // printf 'k%.0s' {1..513} | openssl dgst -sha256 -binary | basenc --base64url
    assert.equal(indexKey('k'.repeat(513)), `${'k'.repeat(200)}…RafH75XDQX6AA2L1Zyq6FtqAcmH-cSHzqBsKD7a5oFw`);
  });

  it('differs for texts that differ only after their beginning', () => {
    assert.notEqual(indexKey(`${'k'.repeat(600)}1`), indexKey(`${'k'.repeat(600)}2`));
  });

  it('has no half of a surrogate pair, which a store would change', () => {
    const key = indexKey(`${'k'.repeat(199)}${'😀'.repeat(300)}`);
    assert.ok(key.isWellFormed());
  });

  it('is bounded for two long numbers', () => {
    assert.ok((numberKey('1'.repeat(8_000), `sip:${'2'.repeat(8_000)}@x`) ?? '').length < 300);
  });
});

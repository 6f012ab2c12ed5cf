import assert from 'node:assert/strict';
import { it } from 'node:test';
import { maskNumbers } from '../../../src/core/explain/mask.ts';
import { eraserOf } from '../../../src/core/receive/eraseNumber.ts';
import { keptBody } from '../../../src/core/receive/keptBody.ts';
import { hashCaller, hashDigits, hashNumber, isHashed, lineOf } from '../../../src/core/trunks/hashedNumber.ts';

const KEY = 'a key of 22 characters';
// printf %s TEXT | openssl dgst -sha256 -hmac KEY
const LINE = 'h_9c18efb7b747e5c8';
const PLUS = `${LINE}.9c18`;
const WITHOUT = `${LINE}.1172`;

it('a number becomes the hash of its line and of its form', () => {
  assert.equal(hashNumber(KEY, '+4915112345678'), PLUS);
  assert.equal(hashNumber(KEY, '4915112345678'), WITHOUT);
  assert.notEqual(hashNumber(`${KEY}.`, '+4915112345678').slice(0, 18), LINE);
});

for (const [what, caller, kept] of [
  ['a number', '+4915112345678', PLUS],
  ['a SIP URI', 'sip:+4915112345678@example.com;user=phone', `sip:${PLUS}@example.com;user=phone`],
  ['an escaped SIP URI', 'sips:%2B4915112345678@example.com', `sips:${PLUS}@example.com`],
  ['a SIP URI with a name', '"+4915112345678" <sip:4915112345678@example.com>', `<sip:${WITHOUT}@example.com>`],
  ['a telephone URI', 'tel:+4915112345678', `tel:${PLUS}`],
  ['no number', 'anonymous', 'anonymous'],
  ['an anonymous SIP URI', 'sip:anonymous@anonymous.invalid', 'sip:anonymous@anonymous.invalid'],
  ['an extension of four digits', '1001', '1001'],
  ['nothing', '', ''],
] as const) {
  it(`the caller keeps what is no number: ${what}`, () => assert.equal(hashCaller(KEY, caller), kept));
}

it('five digits are a number', () => assert.ok(isHashed(hashCaller(KEY, '10010'))));

it('two forms of one number are one line, hashed or not, also in a SIP URI', () => {
  assert.equal(lineOf(PLUS), LINE);
  assert.equal(lineOf(`sip:${WITHOUT}@example.com`), LINE);
  assert.equal(lineOf('sip:49 151@example.com'), '+49151');
});

it('a number in a name is hashed alike each time', () => {
  assert.equal(hashDigits(KEY, 'call_+4915112345678_x7'), `call_${PLUS}_x7`);
  assert.equal(hashDigits(KEY, 'room-1234'), 'room-1234');
});

it('more than ten numbers in a name are no numbers: from the eleventh on there is one hash', () => {
  const times = (count: number, text: string) => Array.from({ length: count }, () => text).join(',');
  assert.equal(hashDigits(KEY, times(10, '4915112345678')), times(10, WITHOUT));
  // printf %s 4915112345678,4915112345678 | openssl dgst -sha256 -hmac KEY
  const rest = 'h_0d5ab3fb26484741.0d5a';
  assert.equal(hashDigits(KEY, `a ${times(12, '4915112345678')}`), `a ${times(10, WITHOUT)},${rest}`);
});

it('a hostile caller of 8 KB has eleven hashes at most', () => {
  for (const hostile of ['12345,'.repeat(1_365), '+12345'.repeat(1_365), '1'.repeat(8_192), '1 '.repeat(4_096)]) {
    const hashes = hashCaller(KEY, hostile).match(/h_[\da-f]{16}\.[\da-f]{4}/g) ?? [];
    assert.ok(hashes.length <= 11, `${hostile.slice(0, 8)}: ${hashes.length}`);
    assert.doesNotMatch(hashCaller(KEY, hostile), /12345|11111|1 1/);
  }
});

const kept = (source: 'call_status' | 'livekit', json: object) =>
  JSON.parse(Buffer.from(keptBody({ source, form: 'json' }, Buffer.from(JSON.stringify(json)), KEY)).toString());

it('of a status the caller is hashed, and the called number kept', () => {
  const status = {
    call_sid: 's',
    from: '+4915112345678',
    caller_id: '4915112345678',
    to: '+15550100',
    sip_status: 100,
  };
  assert.deepEqual(kept('call_status', status), { ...status, from: PLUS, caller_id: WITHOUT });
  assert.deepEqual(kept('call_status', { call_sid: 's', from: null }), { call_sid: 's', from: null });
});

it('of a status by GET too', () => {
  const query = Buffer.from('call_sid=s&from=%2B4915112345678&to=15550100');
  const bytes = keptBody({ source: 'call_status', form: 'query' }, query, KEY);
  assert.equal(Buffer.from(bytes).toString(), `call_sid=s&from=${PLUS}&to=15550100`);
});

it('of LiveKit’s webhook the caller is hashed in the attribute and in names', () => {
  const sent = {
    event: 'participant_joined',
    id: 'EV_123456',
    createdAt: '1795387200',
    room: { sid: 'RM_1', name: 'call_+4915112345678_x' },
    participant: {
      sid: 'PA_123456',
      identity: 'sip_+4915112345678',
      attributes: { 'sip.phoneNumber': '4915112345678', 'sip.trunkPhoneNumber': '+15550100' },
    },
    job: { id: 'AJ_123456', room: { name: 'call_+4915112345678_x' } },
  };
  assert.deepEqual(kept('livekit', sent), {
    ...sent,
    room: { sid: 'RM_1', name: `call_${PLUS}_x` },
    participant: {
      sid: 'PA_123456',
      identity: `sip_${PLUS}`,
      attributes: { 'sip.phoneNumber': WITHOUT, 'sip.trunkPhoneNumber': '+15550100' },
    },
    job: { id: 'AJ_123456', room: { name: `call_${PLUS}_x` } },
  });
});

it('of LiveKit’s webhook a key with a strange name stays', () => {
  const body = Buffer.from('{"event":"room_started","room":{"name":"r"},"__proto__":"x","toString":"x"}');
  const [hashed, plain] = [KEY, undefined].map((key) => keptBody({ source: 'livekit', form: 'json' }, body, key));
  assert.deepEqual(hashed, plain);
});

it('a forgotten number is found by its hash, in either form, and another is not', () => {
  const erase = eraserOf('+49 151 12345678', KEY) ?? assert.fail();
  const other = hashNumber(KEY, '+4915112345679');
  assert.equal(erase(`${PLUS} call_${WITHOUT}_x ${LINE}>1 ${other}`), `erased call_erased_x erased>1 ${other}`);
  assert.equal(erase(hashNumber(KEY, '004915112345678')), 'erased');
});

it('masking leaves a hash as it is, also one of digits alone', () => {
  for (const hash of [PLUS, 'h_1234567890123456.1234']) assert.equal(maskNumbers(`call_${hash}_x`), `call_${hash}_x`);
});

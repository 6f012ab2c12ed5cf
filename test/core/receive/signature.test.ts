import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { type Delivery, type Refusal, verify, type WebhookTrust } from '../../../src/core/receive/verifyJambonz.ts';
import { recordedLines } from '../recordedCases.ts';

const SECRET = 'whsec_lab_jambonz';
const NOW = 1_795_387_200_000;
const SECONDS = NOW / 1000;
const BODY = Buffer.from('{"call_sid":"a","call_status":"trying"}');

const SIGNED: WebhookTrust = { secrets: [SECRET], basicAuth: undefined, toleranceSeconds: 300 };

function hmac(secret: string, seconds: number | string, body: Uint8Array = BODY): string {
  return createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
}

function sign(secret = SECRET, seconds = SECONDS, body: Uint8Array = BODY): string {
  return `t=${seconds},v1=${hmac(secret, seconds, body)}`;
}

function post(signature: string | undefined, more: Partial<Delivery> = {}): Delivery {
  return { method: 'POST', body: BODY, signature, authorization: undefined, ...more };
}

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

function refusal(trust: WebhookTrust, delivery: Delivery, now = NOW): Refusal | 'accepted' {
  const verification = verify(trust, delivery, now);
  return verification.ok ? 'accepted' : verification.reason;
}

describe('the signature', () => {
  test('all recorded webhooks verify, and none does with a byte changed', () => {
    const webhooks = recordedLines('livekit-sip-cases.jsonl.gz').flatMap((line) => {
      // The cast is the recording's documented form.
      return (line as { webhooks: { headers: Record<string, string>; body: string }[] }).webhooks;
    });
    assert.ok(webhooks.length > 1_900);
    for (const { headers, body } of webhooks) {
      const signature = headers['jambonz-signature'];
      const now = Number(/t=(\d+)/.exec(signature ?? '')?.[1]) * 1000;
      assert.equal(refusal(SIGNED, post(signature, { body: Buffer.from(body) }), now), 'accepted');
      const changed = Buffer.from(`${body.slice(0, -1)} }`);
      assert.equal(refusal(SIGNED, post(signature, { body: changed }), now), 'bad_signature');
    }
  });

  test('any of several secrets may have signed', () => {
    const rotating = { ...SIGNED, secrets: ['old', SECRET, 'new'] };
    for (const secret of rotating.secrets) assert.equal(refusal(rotating, post(sign(secret))), 'accepted', secret);
    assert.equal(refusal(rotating, post(sign('another'))), 'bad_signature');
  });

  test('any of several digests may be right', () => {
    const wrong = '0'.repeat(64);
    const header = `t=${SECONDS},v1=${wrong},v1=${hmac(SECRET, SECONDS)}`;
    assert.equal(refusal(SIGNED, post(header)), 'accepted');
    assert.equal(refusal(SIGNED, post(`t=${SECONDS},v1=${wrong},v1=${wrong}`)), 'bad_signature');
  });

  test('letter case of the digest, order, blanks and unknown parts do not matter', () => {
    const digest = hmac(SECRET, SECONDS);
    for (const header of [
      `t=${SECONDS},v1=${digest.toUpperCase()}`,
      `v1=${digest},t=${SECONDS}`,
      ` t=${SECONDS} , v1=${digest} `,
      `t=${SECONDS},v0=x,v1=${digest},v2=y,flag`,
    ]) {
      assert.equal(refusal(SIGNED, post(header)), 'accepted', header);
    }
  });

  for (const [offset, want] of [
    [0, 'accepted'],
    [300, 'accepted'],
    [-300, 'accepted'],
    [301, 'stale_signature'],
    [-301, 'stale_signature'],
  ] as const) {
    test(`a signature ${offset} s from now, with 300 s of tolerance, is ${want}`, () => {
      assert.equal(refusal(SIGNED, post(sign(SECRET, SECONDS + offset))), want);
    });
  }

  for (const offset of [3_600, -3_600]) {
    test(`a signature ${offset} s from now is refused with how far it is ahead`, () => {
      const verification = verify(SIGNED, post(sign(SECRET, SECONDS + offset)), SECONDS * 1_000);
      assert.deepEqual(verification, { ok: false, reason: 'stale_signature', secondsAhead: offset });
    });
  }

  test('a forged signature is bad, not stale, however old it says it is', () => {
    assert.equal(refusal(SIGNED, post(sign('forged', SECONDS - 9_000))), 'bad_signature');
  });

  test('the time is signed as well', () => {
    const header = `t=${SECONDS + 1},v1=${hmac(SECRET, SECONDS)}`;
    assert.equal(refusal(SIGNED, post(header)), 'bad_signature');
  });

  const digest = hmac(SECRET, SECONDS);
  for (const [what, header] of [
    ['empty', ''],
    ['only commas', ',,,'],
    ['no time', `v1=${digest}`],
    ['no digest', `t=${SECONDS}`],
    ['an empty time', `t=,v1=${digest}`],
    ['a time that is no number', `t=now,v1=${digest}`],
    ['a negative time', `t=-${SECONDS},v1=${digest}`],
    ['a time with a fraction', `t=${SECONDS}.5,v1=${digest}`],
    ['a time in hexadecimal', `t=0x6b030000,v1=${digest}`],
    ['a time of a hundred digits', `t=${'9'.repeat(100)},v1=${digest}`],
    ['an empty digest', `t=${SECONDS},v1=`],
    ['a digest one character short', `t=${SECONDS},v1=${digest.slice(1)}`],
    ['a digest one character long', `t=${SECONDS},v1=${digest}0`],
    ['a digest that is no hexadecimal', `t=${SECONDS},v1=${'g'.repeat(64)}`],
    ['a digest in base64', `t=${SECONDS},v1=${Buffer.from(digest, 'hex').toString('base64')}`],
    ['a digest of another scheme', `t=${SECONDS},v2=${digest}`],
    ['the digest alone', digest],
    ['semicolons for commas', `t=${SECONDS};v1=${digest}`],
    ['a megabyte', `t=${SECONDS},v1=${'a'.repeat(1 << 20)}`],
    ['characters beyond ASCII', `t=${SECONDS},v1=${'ａ'.repeat(64)}`],
  ] as const) {
    test(`a header with ${what} is malformed and does not throw`, () => {
      assert.equal(refusal(SIGNED, post(header)), 'malformed_signature');
    });
  }

  test('a POST without a signature is refused, with the right credentials too', () => {
    const trust = { ...SIGNED, basicAuth: 'user:password' };
    assert.equal(refusal(trust, post(undefined)), 'missing_signature');
    assert.equal(refusal(trust, post(undefined, { authorization: basic('user:password') })), 'missing_signature');
  });

  test('a body of any bytes is signed as it is', () => {
    for (const body of [Buffer.alloc(0), Buffer.from([0xff, 0xfe, 0]), Buffer.alloc(1 << 20, 0x20)]) {
      assert.equal(refusal(SIGNED, post(sign(SECRET, SECONDS, body), { body })), 'accepted');
    }
  });
});

describe('what cannot be signed', () => {
  // A WebSocket's handshake is a GET.
  const get = (authorization?: string): Delivery => ({
    method: 'GET',
    body: Buffer.alloc(0),
    signature: sign(SECRET, SECONDS, Buffer.alloc(0)),
    authorization,
  });
  const CREDENTIALS = 'user:pass:wörd';

  test('without any trust configured everything is accepted', () => {
    const open = { secrets: [], basicAuth: undefined, toleranceSeconds: 300 };
    assert.equal(refusal(open, get()), 'accepted');
    assert.equal(refusal(open, post(undefined)), 'accepted');
    assert.equal(refusal(open, post('nonsense')), 'accepted');
  });

  test('a GET is refused where only a secret is configured, signed or not', () => {
    assert.equal(refusal(SIGNED, get()), 'missing_credentials');
    assert.equal(refusal(SIGNED, get(basic(CREDENTIALS))), 'missing_credentials');
  });

  for (const secrets of [[], [SECRET]]) {
    const trust = { secrets, basicAuth: CREDENTIALS, toleranceSeconds: 300 };
    const where = secrets.length > 0 ? 'beside a secret' : 'without a secret';
    test(`basic credentials admit a GET ${where}, and nothing less does`, () => {
      assert.equal(refusal(trust, get(basic(CREDENTIALS))), 'accepted');
      assert.equal(refusal(trust, get(basic(CREDENTIALS).replace('Basic', 'bAsIc'))), 'accepted');
      assert.equal(refusal(trust, get()), 'missing_credentials');
      for (const header of ['', 'Basic', 'Basic ', 'Basic ###', `Bearer ${basic(CREDENTIALS).slice(6)}`]) {
        assert.equal(refusal(trust, get(header)), 'missing_credentials', header);
      }
      for (const other of ['', 'user', 'user:', `${CREDENTIALS}x`, CREDENTIALS.slice(0, -1), 'USER:pass:wörd']) {
        const want = other === '' ? 'missing_credentials' : 'bad_credentials';
        assert.equal(refusal(trust, get(basic(other))), want, other);
      }
    });
  }

  test('a POST needs credentials where no secret is configured', () => {
    const trust = { secrets: [], basicAuth: CREDENTIALS, toleranceSeconds: 300 };
    assert.equal(refusal(trust, post(sign())), 'missing_credentials');
    assert.equal(refusal(trust, post(undefined, { authorization: basic(CREDENTIALS) })), 'accepted');
  });

  test('a signed POST needs no credentials', () => {
    assert.equal(refusal({ ...SIGNED, basicAuth: CREDENTIALS }, post(sign())), 'accepted');
  });
});

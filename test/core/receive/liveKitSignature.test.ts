import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { AccessToken, WebhookReceiver } from 'livekit-server-sdk';
import { verifyLiveKit } from '../../../src/core/receive/verifyLiveKit.ts';

const KEY = 'devkey';
const SECRET = 'secret-secret-secret-secret-secret-1234';
const BODY = '{"event":"participant_joined","id":"EV_1","room":{"name":"a room"}}';

/** A token made by LiveKit's own library. */
async function tokenOf(body: string, { key = KEY, secret = SECRET, ttl = 300 } = {}): Promise<string> {
  const token = new AccessToken(key, secret, { ttl });
  token.sha256 = createHash('sha256').update(body).digest('base64');
  return token.toJwt();
}

describe('a webhook of LiveKit is believed where LiveKit’s own receiver believes it', () => {
  const trust = { keys: [{ key: KEY, secret: SECRET }], toleranceSeconds: 60, acceptsUnsigned: false };
  const receiver = new WebhookReceiver(KEY, SECRET);
  for (const { name, make, isBelieved } of [
    { name: 'signed with the key', make: () => tokenOf(BODY), isBelieved: true },
    { name: 'expired within the tolerance', make: () => tokenOf(BODY, { ttl: -50 }), isBelieved: true },
    { name: 'expired before the tolerance', make: () => tokenOf(BODY, { ttl: -70 }), isBelieved: false },
    { name: 'signed with another secret', make: () => tokenOf(BODY, { secret: `${SECRET}5` }), isBelieved: false },
    { name: 'signed with another key', make: () => tokenOf(BODY, { key: 'another' }), isBelieved: false },
    { name: 'signed for another body', make: () => tokenOf(`${BODY} `), isBelieved: false },
    {
      name: 'with a changed signature',
      make: async () => (await tokenOf(BODY)).replace(/.{4}$/, 'AAAA'),
      isBelieved: false,
    },
    { name: 'with no token', make: async () => 'a.b', isBelieved: false },
  ]) {
    it(name, async () => {
      const token = await make();
      const byLiveKit = await receiver.receive(BODY, token, false, trust.toleranceSeconds).then(
        () => true,
        () => false,
      );
      assert.equal(byLiveKit, isBelieved);
      assert.equal(verifyLiveKit(trust, token, Buffer.from(BODY), Date.now()).ok, isBelieved);
    });
  }
});

describe('a LiveKit webhook without a configured key', () => {
  for (const [acceptsUnsigned, wanted] of [
    [true, { ok: true }],
    [false, { ok: false, reason: 'no_key' }],
  ] as const) {
    it(`is ${acceptsUnsigned ? 'accepted' : 'refused'} if unsigned webhooks are${acceptsUnsigned ? '' : ' not'} accepted`, () => {
      assert.deepEqual(
        verifyLiveKit({ keys: [], toleranceSeconds: 60, acceptsUnsigned }, undefined, Buffer.from(BODY), 0),
        wanted,
      );
    });
  }
});

describe('a LiveKit webhook', () => {
  const keys = [
    { key: KEY, secret: `${SECRET}-new` },
    { key: KEY, secret: SECRET },
    { key: 'other', secret: 'other' },
  ];
  const trust = { keys, toleranceSeconds: 60, acceptsUnsigned: false };
  const verified = async (given: Parameters<typeof tokenOf>[1], body = BODY, prefix = '') =>
    verifyLiveKit(trust, `${prefix}${await tokenOf(BODY, given)}`, Buffer.from(body), Date.now());

  it('may be signed with any of the secrets of its key', async () => {
    assert.deepEqual(await verified({}), { ok: true });
    assert.deepEqual(await verified({ secret: `${SECRET}-new` }), { ok: true });
    assert.deepEqual(await verified({}, BODY, 'Bearer '), { ok: true });
  });

  it('is refused with the reason', async () => {
    const reason = async (...given: Parameters<typeof verified>) => {
      const result = await verified(...given);
      return result.ok ? 'none' : result.reason;
    };
    assert.equal(await reason({ key: 'unknown' }), 'unknown_key');
    assert.equal(await reason({ secret: 'other' }), 'bad_signature');
    assert.equal(await reason({}, `${BODY} `), 'body_mismatch');
    assert.equal(await reason({ ttl: -70 }), 'expired_token');
  });

  it('is refused if its token is not valid yet, by more than the tolerance', async () => {
    const token = await tokenOf(BODY);
    const at = (seconds: number) => verifyLiveKit(trust, token, Buffer.from(BODY), Date.now() + seconds * 1_000);
    assert.deepEqual(at(-50), { ok: true });
    const { secondsAhead, ...refused } = { secondsAhead: 0, ...at(-70) };
    assert.deepEqual(refused, { ok: false, reason: 'expired_token' });
    // The token was signed within the second in which this test began, or in the one before.
    assert.ok(secondsAhead > 65 && secondsAhead <= 70, `${secondsAhead} s`);
  });

  for (const [claims, before, at, after] of [
    [{ exp: 1_000 }, 1_059, 1_060, 1_061],
    [{ exp: 2_000, nbf: 1_000 }, 941, 940, 939],
  ] as const) {
    it(`is taken up to the tolerance of its times: ${JSON.stringify(claims)}`, () => {
      const part = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url');
      const sha256 = createHash('sha256').update(BODY).digest('base64');
      const signed = `${part({ alg: 'HS256' })}.${part({ iss: KEY, sha256, ...claims })}`;
      const token = `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
      const isTaken = (seconds: number) => verifyLiveKit(trust, token, Buffer.from(BODY), seconds * 1_000).ok;
      assert.deepEqual([before, at, after].map(isTaken), [true, true, false]);
    });
  }

  it('is refused without a token, or with something else', () => {
    const reason = (token: string | undefined) => {
      const result = verifyLiveKit(trust, token, Buffer.from(BODY), Date.now());
      return result.ok ? 'none' : result.reason;
    };
    assert.deepEqual([undefined, '', 'Bearer '].map(reason), Array(3).fill('missing_token'));
    const part = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url');
    const HEADER = part({ alg: 'HS256' });
    for (const token of [
      'a.b',
      'a.b.c',
      `${HEADER}..c`,
      `${HEADER}.${part({ iss: KEY })}.`,
      `.${part({ iss: KEY })}.c`,
      `${HEADER}.${part({ iss: KEY })}.c.d`,
      `${part({ alg: 'none' })}.${part({ iss: KEY })}.c`,
      `${HEADER}.${part([])}.c`,
      `${HEADER}.${part(null)}.c`,
      `${HEADER}.${part('x')}.c`,
      `${HEADER}.${'x'.repeat(4_096)}.c`,
    ]) {
      assert.equal(reason(token), 'malformed_token', token.slice(0, 60));
    }
    assert.equal(reason(`${HEADER}.${part({ iss: KEY })}.c`), 'bad_signature');
  });
});

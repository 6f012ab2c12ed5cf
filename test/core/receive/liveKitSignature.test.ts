import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
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

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { livekitTarget, livekitTrunk } from '../../src/client/sipwhyClient.ts';

const HOST = 'vjnxecm0tjk.sip.livekit.cloud';
const BOTH = { LIVEKIT_SIP_USERNAME: 'livekit_client', LIVEKIT_SIP_PASSWORD: 'secret' };

describe('livekitTarget', () => {
  it('has the credentials of the environment', () => {
    assert.deepEqual(livekitTarget({ number: '+4915112345678', host: HOST, env: BOTH }), {
      type: 'sip',
      sipUri: 'sip:+4915112345678@vjnxecm0tjk.sip.livekit.cloud;transport=tcp',
      auth: { username: 'livekit_client', password: 'secret' },
    });
  });
  it('has no auth where none is set', () => {
    assert.deepEqual(livekitTarget({ number: '15550100', host: '192.0.2.7:5070', transport: 'udp', env: {} }), {
      type: 'sip',
      sipUri: 'sip:15550100@192.0.2.7:5070;transport=udp',
    });
  });
  it('escapes what a SIP URI can’t hold', () => {
    const { sipUri } = livekitTarget({ number: 'call-ä?', host: HOST, transport: 'tls', env: {} });
    assert.equal(sipUri, 'sip:call-%C3%A4%3F@vjnxecm0tjk.sip.livekit.cloud;transport=tls');
  });
  for (const number of ['', 'sip:+15550100', '+15550100@example.com', '+1 555 0100', '15550100;user=phone']) {
    it(`refuses ${JSON.stringify(number)}, without repeating it`, () => {
      assert.throws(() => livekitTarget({ number, host: HOST, env: {} }), {
        name: 'ClientFault',
        message: 'number must be the called number or name alone, such as +4915112345678, not a SIP URI',
      });
    });
  }
});

describe('livekitTrunk', () => {
  it('makes target and tag of a dial verb', () => {
    const trunk = livekitTrunk({ host: HOST, username: 'a', password: 'b', env: BOTH });
    assert.deepEqual(trunk.dial('+15550100'), {
      target: [
        {
          type: 'sip',
          sipUri: 'sip:+15550100@vjnxecm0tjk.sip.livekit.cloud;transport=tcp',
          auth: { username: 'a', password: 'b' },
        },
      ],
      tag: { sipwhy: { auth_username: 'a' } },
    });
  });
  it('says in the tag that no credentials are sent', () => {
    assert.deepEqual(livekitTrunk({ host: HOST, env: {} }).tag, { sipwhy: { auth_username: false } });
    const half = { LIVEKIT_SIP_USERNAME: 'livekit_client' };
    const { dial, tag } = livekitTrunk({ host: HOST, requiresCredentials: false, env: half });
    assert.deepEqual(tag, { sipwhy: { auth_username: false } });
    assert.deepEqual(Object.keys(dial('1').target[0] ?? {}), ['type', 'sipUri']);
  });

  const because =
    'must be set, because LiveKit’s trunk asks for a username and a password; set requiresCredentials to false if it asks for none';
  for (const [what, options, missing] of [
    ['nothing is set', { requiresCredentials: true, env: {} }, 'LIVEKIT_SIP_USERNAME and LIVEKIT_SIP_PASSWORD'],
    ['a variable is empty', { env: { ...BOTH, LIVEKIT_SIP_PASSWORD: '' } }, 'LIVEKIT_SIP_PASSWORD'],
    ['only the password is set', { password: 'secret', env: {} }, 'LIVEKIT_SIP_USERNAME'],
    ['only the username is set', { username: 'livekit_client', env: {} }, 'LIVEKIT_SIP_PASSWORD'],
  ] as const) {
    it(`throws at the start where ${what}`, () => {
      assert.throws(() => livekitTrunk({ host: HOST, ...options }), {
        name: 'ClientFault',
        message: `${missing} ${because}`,
      });
    });
  }

  it('refuses what is no host alone', () => {
    for (const host of ['', `sip:${HOST}`, `${HOST};transport=tcp`, `wss://${HOST}`, '+1555@example.com', 'a b']) {
      assert.throws(() => livekitTrunk({ host, env: {} }), /^ClientFault: host must be LiveKit’s SIP host alone/, host);
    }
    for (const host of ['a', 'livekit-sip.example.com:5060', '[2001:db8::1]:5061']) {
      assert.doesNotThrow(() => livekitTrunk({ host, env: {} }), host);
    }
  });
  it('refuses the host of LIVEKIT_URL, which accepts no calls', () => {
    for (const host of ['example-1z3kctsj.livekit.cloud', 'example-1z3kctsj.LiveKit.cloud:5060']) {
      assert.throws(() => livekitTrunk({ host, env: {} }), /has the form of LIVEKIT_URL’s host/);
    }
    assert.doesNotThrow(() => livekitTrunk({ host: 'vjnxecm0tjk.eu.sip.livekit.cloud', env: {} }));
  });
  it('refuses another transport', () => {
    // The cast stands for an application in JavaScript.
    const options = { host: HOST, transport: 'ws' as 'tcp', env: {} };
    assert.throws(() => livekitTrunk(options), { message: 'transport must be udp, tcp or tls, got "ws"' });
  });
});

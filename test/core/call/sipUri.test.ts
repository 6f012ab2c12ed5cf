import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSipUri, sipHostOf, userPartOf, withoutUriSecrets } from '../../../src/core/call/sipUri.ts';

describe('a SIP URI', () => {
  const plain = {
    scheme: 'sip',
    user: '+15550100',
    isEscaped: false,
    host: 'lab.example.com',
    port: undefined,
    transport: undefined,
  };
  for (const [text, wanted] of [
    ['sip:+15550100@lab.example.com', plain],
    ['"Desk" <sip:+15550100@lab.example.com>', plain],
    [' sip:+15550100@Lab.Example.COM. ', plain],
    ['sip:+15550100;phone-context=x:secret@lab.example.com', plain],
    ['sip:+15550100:secret@lab.example.com', plain],
    ['SIPS:+15550100@lab.example.com', { ...plain, scheme: 'sips' }],
    ['sip:+15550100@lab.example.com:5061', { ...plain, port: 5061 }],
    ['sip:+15550100@lab.example.com;lr;Transport=TLS;x=1?h=1', { ...plain, transport: 'tls' }],
    ['sip:lab.example.com', { ...plain, user: '' }],
    ['sip:front%20desk@lab.example.com', { ...plain, user: 'front desk', isEscaped: true }],
    ['sip:100%@lab.example.com', { ...plain, user: '100%' }],
    ['sip:+15550100@[2001:DB8:0:0::1]:5060', { ...plain, host: '2001:db8::1', port: 5060 }],
    ['sip:+15550100@[no address]', { ...plain, host: 'no address' }],
    // Only IPv6 is written in several ways. The URL parser would make an octal number of this one.
    ['sip:+15550100@192.0.2.010', { ...plain, host: '192.0.2.010' }],
    ['+15550100', undefined],
    ['tel:+15550100', undefined],
    ['sip:', undefined],
    ['', undefined],
  ] as const) {
    it(`${JSON.stringify(text)} is ${wanted ? 'read' : 'none'}`, () => assert.deepEqual(parseSipUri(text), wanted));
  }
});

describe('the host that an operator names', () => {
  for (const [text, host] of [
    ['SIP.example.com.', 'sip.example.com'],
    ['sips:sip.example.com:5061;transport=tls', 'sip.example.com'],
    ['192.0.2.7:5070', '192.0.2.7'],
    ['2001:DB8::1', '2001:db8::1'],
    ['[2001:db8:0::1]:5060', '2001:db8::1'],
    ['SIP:', 'sip:'],
    [';X', ';x'],
  ] as const) {
    it(`${text} is ${host}`, () => assert.equal(sipHostOf(text), host));
  }
});

describe('the user part', () => {
  it('of a URI is its user, and of other text the text', () => {
    assert.equal(userPartOf('sip:+15550100@lab.example.com'), '+15550100');
    assert.equal(userPartOf('anonymous'), 'anonymous');
  });
});

describe('a webhook’s address without secrets', () => {
  for (const [text, wanted] of [
    ['sip:anna:secret@example.com', 'sip:anna@example.com'],
    ['sip::secret@example.com', 'sip:@example.com'],
    ['sip:anna@example.com:5060', 'sip:anna@example.com:5060'],
    ['sip:example.com:5060', 'sip:example.com:5060'],
    ['<sip:anna:secret@example.com>;tag=a:b@c', '<sip:anna@example.com>;tag=a:b@c'],
    ['<sip:> a:b@c', '<sip:> a:b@c'],
    ['x sip:anna:secret@example.com', 'x sip:anna@example.com'],
    ['sip:anna@example.com?X-Key=secret', 'sip:anna@example.com?X-Key'],
    ['+15550100', '+15550100'],
    ['anna:desk@example.com', 'anna:desk@example.com'],
    ['', ''],
  ] as const) {
    it(`is ${JSON.stringify(wanted)}, made of ${JSON.stringify(text)}`, () => {
      assert.equal(withoutUriSecrets(text), wanted);
    });
  }
});

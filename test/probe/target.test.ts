import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTarget, targetsFrom, uriOf } from '../../src/probe/target.ts';

describe('a target', () => {
  for (const [text, uri] of [
    ['sip:sip.example', 'sip:sip.example;transport=udp'],
    ['SIP.Example', 'sip:sip.example;transport=udp'],
    ['sip.example:5070', 'sip:sip.example:5070;transport=udp'],
    ['sip.example;transport=tcp', 'sip:sip.example;transport=tcp'],
    ['sip:sip.example;transport=TCP', 'sip:sip.example;transport=tcp'],
    ['sip:sip.example:5061;transport=tls', 'sip:sip.example:5061;transport=tls'],
    ['sips:sip.example', 'sip:sip.example;transport=tls'],
    ['sips:sip.example;transport=tcp', 'sip:sip.example;transport=tls'],
    ['sip:+49123@sip.example', 'sip:sip.example;transport=udp'],
    ['192.0.2.1', 'sip:192.0.2.1;transport=udp'],
    ['sip:[2001:db8::1]:5060', 'sip:[2001:db8::1]:5060;transport=udp'],
  ] as const) {
    it(`is read from ${text}`, () => {
      const target = parseTarget(text);
      assert.ok(target);
      assert.equal(uriOf(target), uri);
      assert.deepEqual(parseTarget(uri), target);
    });
  }

  for (const text of [
    '',
    'sip:',
    'sip:a b',
    'sip:sip.example:0',
    'sip:sip.example:70000',
    'sip:sip.example:port',
    'sip:sip.example;transport=ws',
    'sips:sip.example;transport=udp',
    'https://sip.example',
    'tel:+49123',
    '2001:db8::1',
  ]) {
    it(`is not read from "${text}"`, () => assert.equal(parseTarget(text), undefined));
  }
});

describe('the targets of a configuration', () => {
  it('are the SIP hosts over UDP, or over the transport that their URI names', () => {
    const sipHosts = ['lk.example', 'sip:b.example;transport=tcp', 'LK.example', 'no host'];
    assert.deepEqual(targetsFrom({ probeTargets: [], sipHosts }).map(uriOf), [
      'sip:lk.example;transport=udp',
      'sip:b.example;transport=tcp',
    ]);
  });

  it('are those of PROBE_TARGETS alone where it is set', () => {
    const targets = targetsFrom({ probeTargets: ['sips:a.example'], sipHosts: ['lk.example'] });
    assert.deepEqual(targets.map(uriOf), ['sip:a.example;transport=tls']);
  });
});

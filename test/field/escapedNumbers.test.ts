import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check } from '../../src/core/check/check.ts';
import { siteFrom } from '../../src/core/diagnose/facts/site.ts';
import { readConfiguration } from '../../src/core/trunks/configurationFile.ts';
import { explainDial, rule, trunk } from '../core/scenario.ts';

const SITE = siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: [] });
const NOT_ON_TRUNK = 'called_number_not_on_trunk';
const PLAIN = 'sip:+15550100@lab.sip.livekit.cloud';

/** What is dialled, the trunk's number, whether that connects, and the SIP URI that the first fix dials. */
const CHECKS: readonly (readonly [string, string, boolean | null, string | undefined])[] = [
  [PLAIN, '+15550100', true, undefined],
  ['sip:%2B15550100@lab.sip.livekit.cloud', '+15550100', null, PLAIN],
  ['sip:%2b15550100@lab.sip.livekit.cloud', '+15550100', null, PLAIN],
  ['sip:%2B15550100@lab.sip.livekit.cloud;user=phone', '+15550100', null, `${PLAIN};user=phone`],
  ['sip:%252B15550100@lab.sip.livekit.cloud', '+15550100', false, PLAIN],
  ['sip:%2B15550199@lab.sip.livekit.cloud', '+15550100', false, PLAIN],
  ['sip:front%20desk@lab.sip.livekit.cloud', 'front desk', null, undefined],
  ['sip:100%@lab.sip.livekit.cloud', '100%', true, undefined],
  ['%2B15550100', '+15550100', null, 'sip:+15550100@<LiveKit’s SIP host>'],
  ['100%', '100%', true, undefined],
];

describe('a check of', () => {
  for (const [to, number, connects, dialled] of CHECKS) {
    it(`${to} on a trunk with ${number}`, () => {
      const reading = readConfiguration({ inbound_trunks: [trunk({ numbers: [number] })], dispatch_rules: [rule()] });
      assert.ok(reading.ok);
      const question = { to, caller: '+15550123', source: undefined, auth: { sent: false }, srtp: false } as const;
      const { would_connect, blocking, latent, fixes } = check(SITE, reading.snapshot, question);
      assert.equal(would_connect, connects);
      assert.deepEqual(blocking, connects === false ? [NOT_ON_TRUNK] : []);
      assert.deepEqual(latent, connects === null ? [NOT_ON_TRUNK] : []);
      const verb = fixes.flatMap(({ pastes }) => pastes).find(({ label }) => label.startsWith('Dial verb'));
      assert.equal(verb && JSON.parse(verb.text).target[0].sipUri, dialled);
    });
  }

  it('a number that was escaped twice does not say to put that on the trunk', () => {
    const { fixes } = explainDial(
      { to: 'sip:%252B15550100@lab.sip.livekit.cloud', ringing: [90], dialGaveUpAt: 20_000 },
      { livekit: { inbound_trunks: [trunk()], dispatch_rules: [rule()] } },
    );
    assert.deepEqual(
      fixes.map(({ action }) => action),
      ['Dial +15550100, a number of ST_1 "first", instead of %2B15550100.'],
    );
  });
});

describe('a refused call to an escaped number', () => {
  for (const user of ['%2B15550100', '%2b15550100']) {
    it(`may be a number of the trunk: ${user}`, () => {
      const { blocking, confidence, fixes } = explainDial(
        { to: `sip:${user}@lab.sip.livekit.cloud`, response: [404, 'No trunk found', 90] },
        { livekit: { inbound_trunks: [trunk()], dispatch_rules: [rule()] } },
      );
      assert.deepEqual([blocking, confidence], [[NOT_ON_TRUNK], 'possible']);
      assert.equal(fixes[0]?.action, 'Dial +15550100 without escapes.');
    });
  }
});

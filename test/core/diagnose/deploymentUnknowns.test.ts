import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deploymentUnknowns, isRefusalKnown } from '../../../src/core/diagnose/unknowns.ts';
import { CALLED, type Dial, FITTING } from '../scenario.ts';
import { factsOf } from './gatheredFacts.ts';

const CLOUD = 'vjnxecm0tjk.sip.livekit.cloud';
const URL_NAME = 'second-abcdefgh.sip.livekit.cloud';
const OWN = 'sip.example.com';
const URL_HOST = 'second-abcdefgh.livekit.cloud';
const CONFIGURED = { livekitUrlHost: URL_HOST };
const SILENT: Dial = { ringing: [90], dialGaveUpAt: 20_000 };
const on = (host: string, dial: Dial): Dial => ({ ...dial, to: `sip:${CALLED}@${host}` });
const answered = (status: number, reason: string): Dial => ({ ringing: [90], response: [status, reason, 230] });
const NOT_FOUND = answered(404, 'Not Found');
const BUSY = answered(486, 'Busy Here');
const UNAVAILABLE: Dial = { response: [503, 'Try again later', 230] };
/** A number that one trunk has, dialled through a carrier, with one 180 and then silence. */
const CARRIED = { ...SILENT, to: CALLED };

const SILENCE = /^Whether LiveKit Cloud refuses calls by silence/;
const CARRIER = /^Whether the carrier of this number is LiveKit: .* Set JAMBONZ_LIVEKIT_CARRIERS\.$/;
const OTHER_HOST = /^What LiveKit Cloud answers on a host other than/;
const WHICH = /^Whether this LiveKit is LiveKit Cloud or self-hosted: .* Set LIVEKIT_DEPLOYMENT\.$/;

describe('what a deployment leaves unknown', () => {
  for (const [what, facts, isKnown, ...unknowns] of [
    ['Cloud’s silence', factsOf(on(CLOUD, SILENT), { settings: CONFIGURED }), false, SILENCE],
    ['not Cloud’s 404', factsOf(on(CLOUD, NOT_FOUND), { settings: CONFIGURED }), true],
    [
      'Cloud’s silence that timed out',
      factsOf(on(CLOUD, { ringing: [90], response: [408, 'Request Timeout', 32_000] }), { settings: CONFIGURED }),
      false,
      SILENCE,
    ],
    ['not Cloud’s own answers', factsOf(on(CLOUD, BUSY), { settings: CONFIGURED }), true],
    ['not a silence where only the host looks like Cloud’s', factsOf(on(CLOUD, SILENT)), true],
    [
      'not a self-hosted LiveKit’s silence',
      factsOf(on(OWN, SILENT), { settings: { deployment: 'self_hosted' } }),
      true,
    ],
    ['another host of Cloud’s', factsOf(on(URL_NAME, BUSY), { settings: CONFIGURED }), true, OTHER_HOST],
    [
      'another host of Cloud’s that is silent',
      factsOf(on(URL_NAME, SILENT), { settings: CONFIGURED }),
      false,
      SILENCE,
      OTHER_HOST,
    ],
    [
      'not another host of a self-hosted LiveKit',
      factsOf(on(URL_NAME, BUSY), { settings: { ...CONFIGURED, deployment: 'self_hosted' } }),
      true,
    ],
    ['which it is, if it refuses', factsOf(on(OWN, SILENT)), true, WHICH],
    ['which it is, for a 503', factsOf(on(OWN, UNAVAILABLE)), true, WHICH],
    ['not which it is, for another answer', factsOf(on(OWN, BUSY)), true],
    ['whether a carrier is LiveKit', factsOf(CARRIED, { livekit: FITTING }), false, CARRIER, WHICH],
    ['nothing of a call to somebody else', factsOf({ ...SILENT, to: '+15550199' }), true],
  ] as const) {
    it(`is ${what}`, () => {
      assert.equal(isRefusalKnown(facts), isKnown);
      const found = deploymentUnknowns(facts);
      assert.equal(found.length, unknowns.length, found.join('\n'));
      for (const [i, unknown] of unknowns.entries()) assert.match(found[i] ?? '', unknown);
    });
  }
});

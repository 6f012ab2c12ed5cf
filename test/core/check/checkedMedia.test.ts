import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check } from '../../../src/core/check/check.ts';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { readConfiguration } from '../../../src/core/trunks/configurationFile.ts';
import { CALLED, CALLER, rule, trunk } from '../scenario.ts';

const DISABLE = 'SIP_MEDIA_ENCRYPT_DISABLE';
const ALLOW = 'SIP_MEDIA_ENCRYPT_ALLOW';
const REQUIRE = 'SIP_MEDIA_ENCRYPT_REQUIRE';
const enc = (encryption: string) => ({ media: { encryption } });
const older = (media_encryption: string) => ({ media_encryption });
const only = (...codecs: readonly object[]) => ({ media: { only_listed_codecs: true, codecs } });
const beside = (...codecs: readonly object[]) => ({ media: { codecs } });
const OPUS = { name: 'opus', rate: 48000 };
const PCMU = { name: 'PCMU' };

const SITE = siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: [] });

function wouldConnect(livekit: object, srtp: boolean | undefined) {
  const reading = readConfiguration(livekit);
  assert.ok(reading.ok);
  const to = `sip:${CALLED}@lab.sip.livekit.cloud`;
  return check(SITE, reading.snapshot, { to, caller: CALLER, source: undefined, auth: undefined, srtp });
}

/** One trunk with one rule for it. */
const configured = (ofTrunk: object, ofRule: object) => ({
  inbound_trunks: [trunk(ofTrunk)],
  dispatch_rules: [rule(ofRule)],
});

// Fields of trunk and rule, and whether a call connects without SRTP, with it, and if nobody knows.
const ENCRYPTION: readonly [string, object, object, boolean | null, boolean | null, boolean | null][] = [
  ['nothing is set', {}, {}, true, true, true],
  ['the trunk disables it', enc(DISABLE), {}, true, true, true],
  ['the trunk allows it', enc(ALLOW), {}, true, true, true],
  ['the trunk requires it', enc(REQUIRE), {}, false, true, null],
  ['the rule requires it', {}, enc(REQUIRE), false, true, null],
  ['both require it', enc(REQUIRE), enc(REQUIRE), false, true, null],
  ['the trunk requires it in the older field', older(REQUIRE), {}, false, true, null],
  ['the rule requires it in the older field', {}, older(REQUIRE), false, true, null],
  [
    'the older field of the trunk disables it, which is unset',
    { ...enc(REQUIRE), ...older(DISABLE) },
    {},
    false,
    true,
    null,
  ],
  ['the trunk allows it in the older field', older(ALLOW), {}, true, true, true],
  ['the trunk requires it and the rule disables it: the stronger wins', enc(REQUIRE), enc(DISABLE), false, true, null],
  ['the rule requires it and the trunk disables it', enc(DISABLE), enc(REQUIRE), false, true, null],
  ['the rule requires it and the trunk allows it', enc(ALLOW), enc(REQUIRE), false, true, null],
  // Current releases take the weaker value here; in others the stronger one wins.
  ['the trunk requires it and the rule allows it', enc(REQUIRE), enc(ALLOW), null, true, null],
  [
    'the newer field of the trunk allows it, the older one requires it',
    { ...enc(ALLOW), ...older(REQUIRE) },
    {},
    null,
    true,
    null,
  ],
];

describe('a call where, of SRTP,', () => {
  for (const [what, ofTrunk, ofRule, without, withSrtp, unknown] of ENCRYPTION) {
    it(what, () => {
      const asked = [false, true, undefined].map((srtp) => wouldConnect(configured(ofTrunk, ofRule), srtp));
      assert.deepEqual(
        asked.map((answer) => answer.would_connect),
        [without, withSrtp, unknown],
      );
      const [plain, encrypted, either] = asked;
      assert.deepEqual(plain?.blocking, without === false ? ['media_encryption_mismatch'] : []);
      assert.deepEqual(encrypted?.latent, []);
      assert.deepEqual(either?.latent, unknown === null ? ['media_encryption_mismatch'] : []);
    });
  }

  it('a wildcard rule that admits the call requires it', () => {
    const bypass = {
      inbound_trunks: [trunk({ numbers: ['+15550199'] })],
      dispatch_rules: [rule({ trunk_ids: [], ...enc(REQUIRE) })],
    };
    assert.deepEqual(
      [false, true, undefined].map((srtp) => wouldConnect(bypass, srtp).would_connect),
      [false, true, null],
    );
  });

  it('the likely trunk of a call that no trunk takes requires it', () => {
    const barred = configured({ ...enc(REQUIRE), allowed_numbers: ['+15550142'] }, {});
    assert.deepEqual(wouldConnect(barred, false).blocking, ['caller_not_allowed', 'media_encryption_mismatch']);
    assert.deepEqual(wouldConnect(barred, undefined).latent, ['media_encryption_mismatch']);
    assert.equal(wouldConnect(barred, true).fixes[0]?.proof, 'connects');
  });
});

// Whether a call connects. `null`: releases of LiveKit differ.
const CODECS: readonly [string, object, object, boolean | null][] = [
  ['only listed ones count and none is listed', only(), {}, false],
  ['G.711 alone is listed', only(PCMU), {}, true],
  ['only Opus is listed', only(OPUS), {}, false],
  ['Opus is listed beside G.711', only(OPUS, PCMU), {}, true],
  ['Opus is added to LiveKit’s own', beside(OPUS), {}, true],
  ['Opus is added without its rate', beside({ name: 'opus' }), {}, false],
  ['G.711 is written in lower case without a rate', only({ name: 'pcmu' }), {}, false],
  ['G.711 is written in lower case with its rate', only({ name: 'pcmu', rate: 8000 }), {}, true],
  ['G.722 has the rate that it really has', only({ name: 'G722', rate: 16000 }), {}, false],
  ['AMR-WB alone is listed', only({ name: 'AMR-WB' }), {}, true],
  ['only key tones are listed', only({ name: 'telephone-event', rate: 8000 }), {}, false],
  ['a codec has no name', beside({ rate: 8000 }), {}, false],
  ['the rule lists only Opus and the trunk G.711', only(PCMU), only(OPUS), false],
  ['the rule lists G.711 and the trunk nothing', only(), only(PCMU), true],
  ['the rule takes only listed ones and lists none', {}, only(), null],
];

describe('a call where, of codecs,', () => {
  for (const [what, ofTrunk, ofRule, connects] of CODECS) {
    it(what, () => {
      const answer = wouldConnect(configured(ofTrunk, ofRule), undefined);
      assert.equal(answer.would_connect, connects);
      assert.deepEqual(answer.blocking, connects === false ? ['trunk_allows_no_codec'] : []);
      assert.deepEqual(answer.latent, connects === null ? ['trunk_allows_no_codec'] : []);
      if (connects !== true)
        assert.deepEqual(
          answer.fixes.map(({ proof }) => proof),
          ['connects'],
        );
      const media = answer.stages.find(({ stage }) => stage === 'media');
      assert.equal(media?.verdict, connects === null ? 'unknown' : connects ? 'pass' : 'fail');
    });
  }
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { check } from '../../src/core/check/check.ts';
import { readDial } from '../../src/core/check/dialVerb.ts';
import type { ExampleConfiguration, ExampleResponse } from '../../src/core/diagnose/causeExample.ts';
import { siteFrom } from '../../src/core/diagnose/facts/site.ts';
import type { Explanation } from '../../src/core/explain/explanation.ts';
import { parseCase, replay } from '../../src/core/replay/replay.ts';
import { readConfiguration } from '../../src/core/trunks/configurationFile.ts';
import { explainExample } from '../core/examples.ts';
import { CALLED, CALLER, rule, trunk } from '../core/scenario.ts';

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

// Responses after one ringing, with the causes that block and those that can't be excluded.
const RANG: readonly [
  string,
  ExampleConfiguration | undefined,
  ExampleResponse,
  readonly string[],
  string,
  readonly string[],
][] = [
  ['a codec nobody has', {}, [400, 'Bad Request', 230], ['media_negotiation_failed'], 'certain', []],
  [
    'SRTP required by the trunk',
    { trunks: [enc(REQUIRE)] },
    [400, 'Bad Request', 230],
    ['media_encryption_mismatch'],
    'likely',
    ['media_negotiation_failed'],
  ],
  [
    'SRTP required by the rule',
    { rules: [older(REQUIRE)] },
    [400, 'Bad Request', 230],
    ['media_encryption_mismatch'],
    'likely',
    ['media_negotiation_failed'],
  ],
  [
    'SRTP required, but a 500',
    { trunks: [enc(REQUIRE)] },
    [500, 'Server Internal Error', 230],
    ['media_negotiation_failed'],
    'likely',
    [],
  ],
  [
    'no codec listed',
    { trunks: [only()] },
    [500, 'Server Internal Error', 230],
    ['trunk_allows_no_codec'],
    'certain',
    [],
  ],
  [
    'no codec listed, but a 400',
    { trunks: [only()] },
    [400, 'Bad Request', 230],
    ['media_negotiation_failed'],
    'certain',
    [],
  ],
  ['only Opus listed', { trunks: [only(OPUS)] }, [400, 'Bad Request', 230], ['trunk_allows_no_codec'], 'certain', []],
  [
    'only Opus listed and SRTP required',
    { trunks: [{ media: { ...only(OPUS).media, encryption: REQUIRE } }] },
    [400, 'Bad Request', 230],
    ['media_encryption_mismatch', 'trunk_allows_no_codec'],
    'likely',
    [],
  ],
  [
    'an unknown configuration, 400',
    undefined,
    [400, 'Bad Request', 230],
    ['media_negotiation_failed'],
    'likely',
    ['media_encryption_mismatch'],
  ],
  [
    'an unknown configuration, 500',
    undefined,
    [500, 'Server Internal Error', 230],
    ['media_negotiation_failed'],
    'likely',
    ['trunk_allows_no_codec'],
  ],
  [
    'a stale phrase of Jambonz’s own error',
    { trunks: [only()] },
    [500, 'Ringing', 230],
    ['jambonz_internal_error'],
    'certain',
    [],
  ],
];

describe('a call that rang once and then failed, with', () => {
  for (const [what, livekit, response, blocking, confidence, alternatives] of RANG) {
    it(what, () => {
      const got = explainExample({
        shows: what,
        call: { ringing: [90], response },
        ...(livekit && { livekit }),
        want: { blocking, confidence: null },
      });
      assert.deepEqual([got.blocking, got.confidence, got.alternatives], [blocking, confidence, alternatives]);
    });
  }
});

describe('the case from the field', () => {
  const caseOf = (name: string): Explanation => {
    const text = readFileSync(new URL(`cases/${name}.jsonl`, import.meta.url), 'utf8');
    const [call = assert.fail()] = replay(parseCase(JSON.parse(text))).calls;
    return call;
  };
  const adviceOf = ({ fixes }: Explanation) => fixes.map(({ action }) => action).join('\n');

  it('livekit/livekit#2937: FreeSWITCH forced to Opus', () => {
    const got = caseOf('01-opus-only-offer');
    assert.deepEqual([got.cause, got.party, got.confidence], ['media_negotiation_failed', 'media', 'certain']);
    assert.match(adviceOf(got), /PCMU, PCMA or G722/);
    assert.match(adviceOf(got), /take Opus out or put G\.711 \(PCMU, PCMA\) beside it/);
  });
  it('jambonz-feature-server#1538: a trunk requires SRTP', () => {
    const got = caseOf('02-trunk-requires-srtp');
    assert.deepEqual([got.cause, got.party, got.confidence], ['media_encryption_mismatch', 'application', 'likely']);
    assert.ok(
      got.evidence.some(({ name, value }) => name.startsWith('media.encryption of ST_field1') && value === REQUIRE),
    );
    const [first] = got.fixes;
    assert.match(first?.action ?? '', /"srtpEncryption": "sdes" .*0\.9\.8 or later/);
    assert.match(first?.pastes[0]?.text ?? '', /"srtpEncryption": "sdes"/);
    assert.deepEqual(
      got.fixes.map(({ proof }) => proof),
      ['connects', 'connects'],
    );
  });
  it('livekit-cli#888: a trunk takes only listed codecs and lists none', () => {
    const got = caseOf('04-only-listed-codecs-none');
    assert.deepEqual([got.cause, got.party, got.confidence], ['trunk_allows_no_codec', 'livekit_config', 'certain']);
    assert.doesNotMatch(JSON.stringify(got.fixes), /opus/i);
  });
  it('livekit/sip#402: an offer without SDP', () => {
    assert.deepEqual(caseOf('17-offer-without-sdp').blocking, ['media_negotiation_failed']);
  });

  const json = (name: string): unknown =>
    JSON.parse(readFileSync(new URL(`cases/${name}.json`, import.meta.url), 'utf8'));
  for (const [dial, connects] of [
    ['02-dial', false],
    ['02-dial-sdes', true],
    ['02-dial-sips', true],
  ] as const) {
    it(`sbc-outbound#223: ${dial} would ${connects ? '' : 'not '}connect`, () => {
      const configuration = readConfiguration(json('02-config'));
      const reading = readDial(json(dial), CALLER, undefined);
      assert.ok(configuration.ok && reading.ok);
      const [question = assert.fail()] = reading.questions;
      assert.equal(check(SITE, configuration.snapshot, question).would_connect, connects);
    });
  }
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { check } from '../../src/core/check/check.ts';
import { readDial } from '../../src/core/check/dialVerb.ts';
import { siteFrom } from '../../src/core/diagnose/facts/site.ts';
import type { Explanation } from '../../src/core/explain/explanation.ts';
import { parseCase, replay } from '../../src/core/replay/replay.ts';
import { readConfiguration } from '../../src/core/trunks/configurationFile.ts';
import { CALLER } from '../core/scenario.ts';

const REQUIRE = 'SIP_MEDIA_ENCRYPT_REQUIRE';
const SITE = siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: [] });

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

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyChanges } from '../../../src/core/fixes/apply.ts';
import { allowPlainRtp, usableCodecs } from '../../../src/core/fixes/mediaFix.ts';
import { mediaOf, noCodec } from '../../../src/core/trunks/media.ts';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';
import { rule, trunk } from '../scenario.ts';
import { bodiesOf, lkOf } from './runCommands.ts';

const REQUIRE = 'SIP_MEDIA_ENCRYPT_REQUIRE';
const ALLOW = 'SIP_MEDIA_ENCRYPT_ALLOW';
const OPUS = { name: 'opus', rate: 48000 };

const trunkWith = (fields: object) => ({ kind: 'trunk', trunk: parseTrunk(trunk(fields)) }) as const;
const ruleWith = (fields: object) => ({ kind: 'rule', rule: parseRule(rule(fields)) }) as const;

describe('a fix that allows plain RTP', () => {
  it('keeps the other media settings, because LiveKit replaces them as a whole', () => {
    const media = { encryption: REQUIRE, only_listed_codecs: true, codecs: [{ name: 'PCMU' }], media_timeout: '5s' };
    const fix = allowPlainRtp([trunkWith({ media })]);
    assert.deepEqual(bodiesOf(fix), [{ sip_trunk_id: 'ST_1', update: { media: { ...media, encryption: ALLOW } } }]);
    // lk has no flag for the media timeout.
    assert.equal(lkOf(fix), undefined);
  });

  it('has no lk command for two of which lk can set only one', () => {
    const media = { encryption: REQUIRE, media_timeout: '5s' };
    const fix = allowPlainRtp([trunkWith({ media }), ruleWith({ media_encryption: REQUIRE })]);
    assert.deepEqual([lkOf(fix), bodiesOf(fix).length], [undefined, 2]);
  });

  it('has a command for each trunk and rule, with the codecs that stay', () => {
    const media = { encryption: REQUIRE, only_listed_codecs: true, codecs: [{ name: 'PCMU', rate: 8000 }] };
    const fix = allowPlainRtp([trunkWith({ media }), ruleWith({ media_encryption: REQUIRE })]);
    assert.deepEqual(bodiesOf(fix)[1], { sip_dispatch_rule_id: 'SDR_1', update: { media: { encryption: ALLOW } } });
    assert.equal(
      lkOf(fix),
      'lk sip inbound update --id ST_1 --media-enc allow --codecs PCMU/8000 --no-default-codecs &&\nlk sip dispatch update --id SDR_1 --media-enc allow',
    );
  });

  it('sets both fields of both on a copy of the configuration', () => {
    const owners = [
      trunkWith({ media: { encryption: REQUIRE, media_timeout: '5s' } }),
      ruleWith({ media_encryption: REQUIRE }),
    ] as const;
    const { change = assert.fail() } = allowPlainRtp(owners);
    const before = new Snapshot({
      trunks: [owners[0].trunk, parseTrunk(trunk({ sip_trunk_id: 'ST_2' }))],
      rules: [owners[1].rule],
    });
    const { trunks, rules } = applyChanges(before, [change]);
    assert.deepEqual(trunks[0]?.rest, { media: { encryption: ALLOW, media_timeout: '5s' }, media_encryption: ALLOW });
    assert.deepEqual(rules[0]?.rest, { media: { encryption: ALLOW }, media_encryption: ALLOW });
    assert.equal(trunks[1], before.trunks[1]);
  });
});

describe('a fix of a list of codecs', () => {
  const LKS = 'lk sip inbound update --id ST_1 --codecs PCMU --codecs PCMA --codecs G722';
  for (const [what, media, wanted, command] of [
    ['that is empty', { only_listed_codecs: true, codecs: [] }, { only_listed_codecs: false, codecs: [] }, LKS],
    ['with Opus alone', { only_listed_codecs: true, codecs: [OPUS] }, { only_listed_codecs: false, codecs: [] }, LKS],
    [
      'with a codec that can’t be used beside one that can',
      { only_listed_codecs: true, codecs: [{ name: 'opus' }, { name: 'PCMA', rate: 8000 }] },
      { only_listed_codecs: true, codecs: [{ name: 'PCMA', rate: 8000 }] },
      'lk sip inbound update --id ST_1 --codecs PCMA/8000 --no-default-codecs',
    ],
    [
      'that is added to LiveKit’s own',
      { encryption: REQUIRE, codecs: [{ name: 'opus' }, { name: 'PCMA' }] },
      { encryption: REQUIRE, only_listed_codecs: false, codecs: [{ name: 'PCMA' }] },
      'lk sip inbound update --id ST_1 --media-enc require --codecs PCMA',
    ],
  ] as const) {
    it(`${what} leaves what LiveKit has`, () => {
      const owner = trunkWith({ media });
      const fix = usableCodecs(owner);
      assert.deepEqual(bodiesOf(fix), [{ sip_trunk_id: 'ST_1', update: { media: wanted } }]);
      assert.equal(lkOf(fix), command);
      const after = applyChanges(new Snapshot({ trunks: [owner.trunk], rules: [] }), fix.change ? [fix.change] : []);
      assert.equal(noCodec(mediaOf(after.trunks[0] ?? assert.fail())), undefined);
      assert.doesNotMatch(fix.action + JSON.stringify(fix.pastes), /opus/i);
    });
  }
});

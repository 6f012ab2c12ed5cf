import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { effectiveEncryption, mediaOf, noCodec } from '../../../src/core/trunks/media.ts';

const only = (...codecs: readonly object[]) => mediaOf({ rest: { media: { only_listed_codecs: true, codecs } } });

describe('a list of codecs with only', () => {
  for (const [name, rate, status] of [
    ['PCMU', undefined, undefined],
    ['PCMA', 0, undefined],
    ['G722', undefined, undefined],
    ['AMR-WB', undefined, undefined],
    ['pcmu', 8000, undefined],
    ['PCMA', '8000', undefined],
    ['G722', 8000, undefined],
    ['amr-wb', 16000, undefined],
    ['PCMU', 16000, 400],
    ['AMR-WB', 8000, 400],
    ['opus', 48000, 400],
    ['pcmu', undefined, 500],
    ['opus', undefined, 500],
    ['', 8000, 500],
    [undefined, 8000, 500],
  ] as const) {
    it(`${name} at ${rate} is answered ${status ?? 'with a codec'}`, () => {
      assert.equal(noCodec(only({ name, rate }))?.status, status);
    });
  }
});

describe('media settings', () => {
  it('are unset where their form is not known', () => {
    const unset = {
      encryption: undefined,
      olderEncryption: 'SIP_MEDIA_ENCRYPT_DISABLE',
      onlyListedCodecs: false,
      codecs: [],
      timeoutSeconds: undefined,
    };
    for (const rest of [{}, { media: 5, media_encryption: 'x' }, { media: { codecs: {}, encryption: 7 } }]) {
      assert.deepEqual(mediaOf({ rest }), unset);
    }
  });
  it('require what no setting weakens', () => {
    const unset = mediaOf({ rest: {} });
    const required = mediaOf({ rest: { media_encryption: 2 } });
    assert.equal(effectiveEncryption(undefined, unset), 'SIP_MEDIA_ENCRYPT_DISABLE');
    assert.equal(effectiveEncryption(required, undefined), 'SIP_MEDIA_ENCRYPT_REQUIRE');
    assert.equal(effectiveEncryption(unset, required), 'SIP_MEDIA_ENCRYPT_REQUIRE');
  });
});

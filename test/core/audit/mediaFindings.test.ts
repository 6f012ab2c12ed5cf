import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foundIn } from './auditedConfiguration.ts';

const NONE = { media: { only_listed_codecs: true } };
const PCMU = { media: { only_listed_codecs: true, codecs: [{ name: 'PCMU' }] } };
const BOUND = { trunk_ids: ['ST_1'] };

describe('a trunk that allows no codec', () => {
  for (const [what, rules, isFound] of [
    ['is found without a rule', {}, true],
    ['is found with a rule that lists none', { SDR_1: BOUND }, true],
    ['is not found if its rule lists codecs', { SDR_1: { ...BOUND, ...PCMU } }, false],
    ['is found if one of its rules lists none', { SDR_1: { ...BOUND, ...PCMU }, SDR_2: BOUND }, true],
    ['is found if a wildcard rule lists none', { SDR_1: { ...BOUND, ...PCMU }, SDR_2: {} }, true],
    ['is found if one of two wildcard rules lists none', { SDR_1: PCMU, SDR_2: {} }, true],
    ['is not found if its wildcard rule lists codecs', { SDR_1: PCMU }, false],
  ] as const) {
    it(what, () => {
      const found = foundIn('media_allows_no_codec', { trunks: { ST_1: { numbers: ['+15550100'], ...NONE } }, rules });
      assert.equal(found.length, isFound ? 1 : 0);
    });
  }
});

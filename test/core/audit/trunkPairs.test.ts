import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foundIn } from './auditedConfiguration.ts';

const NUMBER = '+15550100';

describe('many conflicting trunks', () => {
  it('are listed up to fifty pairs, and the others are counted', () => {
    const trunks = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`ST_${i}`, { numbers: [NUMBER] }]));
    const found = foundIn('trunk_conflicts_at_call_time', { trunks });
    assert.equal(found.length, 51);
    assert.equal(found[50]?.what, '140 more pairs of trunks match the same call.');
    assert.deepEqual([found[50]?.trunk, found[50]?.count], ['none', 140]);
  });
});

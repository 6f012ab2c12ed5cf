import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foundIn } from './auditedConfiguration.ts';

const NUMBER = '+15550100';

describe('many conflicting trunks', () => {
  it('are listed up to fifty pairs; the rest are counted', () => {
    const trunks = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`ST_${i}`, { numbers: [NUMBER] }]));
    const found = foundIn('trunk_conflicts_at_call_time', { trunks });
    assert.equal(found.length, 51);
    assert.equal(found[50]?.what, '140 more pairs of trunks match the same call.');
    assert.deepEqual([found[50]?.trunk, found[50]?.count], ['none', 140]);
  });
  it('are compared up to a limit, and the report says so', () => {
    const many = Object.fromEntries(
      Array.from({ length: 800 }, (_, i) => [
        `ST_${i}`,
        { numbers: [NUMBER], allowed_numbers: Array.from({ length: 10 }, (_, caller) => `+1555${caller}${1_000 + i}`) },
      ]),
    );
    const found = foundIn('trunk_conflicts_at_call_time', { trunks: many });
    assert.deepEqual(
      found.map(({ what, trunk }) => [what, trunk]),
      [['Too many trunks accept the same number to compare them all. More pairs may match the same call.', 'none']],
    );
    const same = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`SAME_${i}`, { numbers: [NUMBER] }]));
    const more = foundIn('trunk_conflicts_at_call_time', { trunks: { ...same, ...many } });
    assert.match(more.at(-1)?.what ?? '', /^At least \d+ more pairs of trunks match the same call\.$/);
  });
});

describe('many conflicting dispatch rules', () => {
  const rules = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`SDR_${i}`, { trunk_ids: ['ST_1'] }]));
  const found = (count: number) =>
    foundIn('dispatch_rules_conflict', { trunks: { ST_1: { numbers: [NUMBER] } }, rules: rules(count) });

  it('are listed up to fifty pairs; the rest are counted', () => {
    assert.equal(found(51).length, 50);
    const more = found(53);
    assert.equal(more.length, 51);
    assert.deepEqual([more[50]?.what, more[50]?.count], ['2 more pairs of dispatch rules conflict.', 2]);
  });
});

import { describe, it } from 'node:test';
import fc from 'fast-check';
import { changedCopyJudgesAlike, judgementEqualsScan, rulesInReachTakeCalls } from './judgedLinearly.ts';

describe('a judgement', () => {
  it('equals a scan of every trunk, with the ten nearest trunks', () => {
    fc.assert(judgementEqualsScan, { numRuns: 5_000 });
  });

  it('is the same for a changed copy as for the same rules indexed anew', () => {
    fc.assert(changedCopyJudgesAlike, { numRuns: 5_000 });
  });
});

describe('the rules in reach', () => {
  it('can take a call from a trunk if one of them can', () => {
    fc.assert(rulesInReachTakeCalls, { numRuns: 1_000 });
  });
});

import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  changedCopyJudgesAlike,
  indexChoosesAsLiveKit,
  judgementEqualsScan,
  rulesInReachTakeCalls,
} from './judgedLinearly.ts';

/** Always the same configurations, so that a change of the code either fails or does not. */
const FIXED = { seed: 20260801, endOnFailure: true };

describe('on some hundred fixed configurations', () => {
  it('a judgement equals a scan of every trunk', () => fc.assert(judgementEqualsScan, { ...FIXED, numRuns: 500 }));
  it('a changed copy is judged like the same rules indexed anew', () =>
    fc.assert(changedCopyJudgesAlike, { ...FIXED, numRuns: 500 }));
  it('an index chooses the trunk that LiveKit chooses', () =>
    fc.assert(indexChoosesAsLiveKit, { ...FIXED, numRuns: 500 }));
  it('a rule in reach can take a call from a trunk', () =>
    fc.assert(rulesInReachTakeCalls, { ...FIXED, numRuns: 500 }));
});

import { describe, it } from 'node:test';
import fc from 'fast-check';
import { indexChoosesAsLiveKit } from './judgedLinearly.ts';

describe('an index over trunks', () => {
  it('chooses the trunk that LiveKit chooses, or the same clash', () => {
    fc.assert(indexChoosesAsLiveKit, { numRuns: 5_000 });
  });
});

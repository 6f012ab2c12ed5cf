import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { judge } from '../../../src/core/trunks/judge/judge.ts';
import { address, number, snapshot } from './arbitrary.ts';
import { judgeLinearly } from './linearJudge.ts';

const call = fc.record({
  called: number,
  caller: fc.option(number, { nil: undefined }),
  sources: fc.array(address, { maxLength: 3 }),
  declaredAuth: fc.constant(undefined),
  strictAddresses: fc.boolean(),
});

describe('a judgement', () => {
  it('equals a scan of every trunk, with the ten nearest trunks', () => {
    fc.assert(
      fc.property(snapshot, fc.array(call, { minLength: 1, maxLength: 3 }), (known, calls) => {
        for (const asked of calls) {
          const { trunks, ...wanted } = judgeLinearly(known, asked);
          assert.deepEqual(judge(known, asked), { ...wanted, trunks: trunks.slice(0, 10) });
        }
      }),
      { numRuns: 5_000 },
    );
  });
});

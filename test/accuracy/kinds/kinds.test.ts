import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { total } from '../figures.ts';
import type { Judged } from '../measureAccuracy.ts';
import { judgeKind, KIND_NAMES } from './kinds.ts';

/** Other calls than those of docs/accuracy.md. */
const SEED = 7;
const CALLS = 150;
/** The least share of legs of which the whole set of causes must be right. */
const FLOOR = 0.99;

const describeWrong = (judged: readonly Judged[]) =>
  judged.map(({ id, truth, said }) => `${id}: ${said}; right is ${truth.blocking.join('+') || 'connected'}`).join('\n');

for (const kind of KIND_NAMES) {
  describe(`generated calls of the kind ${kind}`, () => {
    let judged: readonly Judged[];
    before(() => {
      judged = judgeKind(kind, CALLS, SEED);
    });

    it(`are right at least ${100 * FLOOR} times of 100`, () => {
      const { cases, exact_set } = total(judged);
      assert.ok(cases >= CALLS);
      assert.ok(exact_set >= FLOOR * cases, describeWrong(judged.filter(({ figures }) => figures.exact_set === 0)));
    });

    it('are never wrong and certain', () => {
      const wrong = judged.filter(({ figures }) => figures.wrong_and_certain > 0);
      assert.equal(wrong.length, 0, describeWrong(wrong));
    });

    it('report a hole only where there is one', () => {
      const wrong = judged.filter(({ isHoleRight }) => !isHoleRight);
      assert.equal(wrong.length, 0, describeWrong(wrong));
    });
  });
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { type Group, type Measured, measure } from './figures.ts';
import type { Judged } from './measureAccuracy.ts';
import { reportOf } from './report.ts';

/** The least share of legs of which the first cause, and the whole set, must be right. What is reached is in the docs. */
const FLOORS: Partial<Record<Group, number>> = {
  recorded: 1,
  generated: 0.99,
  no_sbc_address: 0.99,
  old_sbc: 0.99,
  reordered: 0.99,
  // The phrase of a response is in one webhook only.
  one_webhook_lost: 0.97,
};

const written = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const describeWrong = (judged: readonly Judged[]) =>
  judged.map(({ id, truth, said }) => `${id}: ${said}; right is ${truth.blocking.join('+') || 'connected'}`).join('\n');

describe('the accuracy of the diagnosis', () => {
  let measured: Measured;
  before(() => {
    measured = measure();
  });

  test('nothing wrong is certain, whatever is missing', () => {
    const wrong = [...measured.judged.values()].flat().filter(({ figures }) => figures.wrong_and_certain > 0);
    assert.equal(wrong.length, 0, describeWrong(wrong));
  });

  for (const [group, floor] of Object.entries(FLOORS)) {
    test(`at least ${100 * floor} of 100 first causes and sets are right: ${group}`, () => {
      const figures = measured.accuracy.per_group.find((one) => one.group === group);
      const judged = [...measured.judged].find(([name]) => name === group)?.[1] ?? [];
      const wrong = describeWrong(judged.filter((one) => one.figures.exact_set === 0).slice(0, 30));
      assert.ok(figures && figures.cases > 0);
      assert.ok(figures.top_cause >= floor * figures.cases, wrong);
      assert.ok(figures.exact_set >= floor * figures.cases, wrong);
    });
  }

  test('without LiveKit’s configuration what cannot be told is not told', () => {
    const judged = measured.judged.get('no_configuration') ?? [];
    const wrong = judged.filter(({ figures }) => figures.top_cause + figures.abstentions === 0);
    assert.ok(wrong.length <= judged.length / 100, describeWrong(wrong.slice(0, 30)));
  });

  test('every hole is reported, and no other', () => {
    const wrong = [...measured.judged.values()].flat().filter(({ isHoleRight }) => !isHoleRight);
    assert.equal(wrong.length, 0, describeWrong(wrong));
  });

  test('what would stop the call next is named', () => {
    const judged = [...(measured.judged.get('recorded') ?? []), ...(measured.judged.get('generated') ?? [])];
    const wrong = judged.filter(({ isLatentRight }) => !isLatentRight);
    assert.ok(wrong.length <= judged.length / 100, describeWrong(wrong.slice(0, 30)));
  });

  test('every cause that calls are generated for is there often enough to say something', () => {
    const rare = measured.accuracy.per_cause.filter(({ cases }) => cases < 20);
    assert.deepEqual(rare, []);
    // All but unclassified, and connected calls. Calls for a cause that came later may be written later.
    assert.ok(measured.accuracy.per_cause.length >= 36);
  });

  test('the figures in the docs are those: otherwise run npm run accuracy', () => {
    assert.equal(written('docs/accuracy.md'), reportOf(measured.accuracy));
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Waits } from '../../../src/core/call/waits.ts';
import { UsualWaits } from '../../../src/core/diagnose/facts/usualWaits.ts';

/** Notes so many attempts of a trunk with the same waits. */
function noteMany(usual: UsualWaits, count: number, waits: Waits, { trunk = 'ST_1', name = 'usual' } = {}): void {
  for (let i = 0; i < count; i += 1) usual.note(trunk, `${name}${i}`, waits);
}

const USUAL: Waits = { ringing: 0.5, answer: 2 };
const SLOW: Waits = { ringing: 9, answer: undefined };
const IS_SLOW = { ringing: { seconds: 9, usualSeconds: 0.5 } };

describe('a wait is slow', () => {
  for (const [what, usually, waits, wanted] of [
    ['if it is two seconds longer to ringing', USUAL, { ringing: 2.5, answer: 2 }, ['ringing']],
    ['not if it is less than two seconds longer to ringing', USUAL, { ringing: 2.49, answer: 2 }, []],
    [
      'if it is three times the usual one to ringing',
      { ringing: 2, answer: 2 },
      { ringing: 6, answer: 2 },
      ['ringing'],
    ],
    ['not if it is less than three times', { ringing: 2, answer: 2 }, { ringing: 5.99, answer: 2 }, []],
    ['if it is five seconds longer to the answer', USUAL, { ringing: 0.5, answer: 7 }, ['answer']],
    ['not if it is less than five seconds longer to the answer', USUAL, { ringing: 0.5, answer: 6.99 }, []],
    ['to both', USUAL, { ringing: 6, answer: 9 }, ['ringing', 'answer']],
    ['to ringing, if nobody answered', USUAL, { ringing: 6, answer: undefined }, ['ringing']],
    ['not if it is not known', USUAL, { ringing: undefined, answer: 2 }, []],
    ['not if the usual one is not known', { ringing: undefined, answer: 2 }, { ringing: 9, answer: 2 }, []],
  ] as const) {
    it(what, () => {
      const usual = new UsualWaits();
      noteMany(usual, 20, usually);
      assert.deepEqual(Object.keys(usual.note('ST_1', 'a', waits) ?? {}), wanted);
    });
  }

  it('with the seconds of both', () => {
    const usual = new UsualWaits();
    noteMany(usual, 20, USUAL);
    assert.deepEqual(usual.note('ST_1', 'a', { ringing: 3, answer: 9 }), {
      ringing: { seconds: 3, usualSeconds: 0.5 },
      answer: { seconds: 9, usualSeconds: 2 },
    });
  });
});

describe('what is usual', () => {
  it('is known from twenty other attempts on', () => {
    const usual = new UsualWaits();
    noteMany(usual, 19, USUAL);
    assert.equal(usual.note('ST_1', 'a', SLOW), undefined);
    // Judged again, with no other attempt since: it does not count for itself.
    assert.equal(usual.note('ST_1', 'a', SLOW), undefined);
    usual.note('ST_1', 'b', USUAL);
    assert.deepEqual(usual.note('ST_1', 'a', SLOW), IS_SLOW);
  });

  it('is the median: the slowest ones change nothing', () => {
    const usual = new UsualWaits();
    noteMany(usual, 9, { ringing: 60, answer: 60 }, { name: 'slow' });
    noteMany(usual, 11, USUAL);
    assert.deepEqual(usual.note('ST_1', 'a', SLOW), IS_SLOW);
  });

  it('is each trunk’s own', () => {
    const usual = new UsualWaits();
    noteMany(usual, 20, USUAL);
    noteMany(usual, 20, SLOW, { trunk: 'ST_2' });
    assert.equal(usual.note('ST_2', 'a', SLOW), undefined);
    assert.deepEqual(usual.note('ST_1', 'a', SLOW), IS_SLOW);
  });

  for (const trunk of ['none', 'unknown']) {
    it(`is not known for ${trunk}, which is no trunk`, () => {
      const usual = new UsualWaits();
      noteMany(usual, 20, USUAL, { trunk });
      assert.equal(usual.note(trunk, 'a', SLOW), undefined);
    });
  }

  it('comes from the latest fifty attempts', () => {
    // Of fifty, twenty-five must be fast for the median to be, as they are sorted with the fast ones first.
    for (const [slow, fast, wanted] of [
      [24, 26, IS_SLOW],
      [25, 25, undefined],
    ] as const) {
      const usual = new UsualWaits();
      noteMany(usual, 100, USUAL, { name: 'forgotten' });
      noteMany(usual, slow, SLOW, { name: 'slow' });
      noteMany(usual, fast, USUAL);
      assert.deepEqual(usual.note('ST_1', 'a', SLOW), wanted, `${slow} slow of fifty`);
    }
  });

  it('does not count attempts without a wait', () => {
    const usual = new UsualWaits();
    noteMany(usual, 20, USUAL);
    noteMany(usual, 50, { ringing: undefined, answer: undefined }, { name: 'refused' });
    assert.deepEqual(usual.note('ST_1', 'a', SLOW), IS_SLOW);
  });

  for (const [others, wanted] of [
    [199, IS_SLOW],
    [200, undefined],
  ] as const) {
    it(`is ${wanted ? 'kept' : 'forgotten'} after attempts on ${others} other trunks`, () => {
      const usual = new UsualWaits();
      noteMany(usual, 20, USUAL);
      for (let i = 0; i < others; i += 1) usual.note(`ST_other${i}`, 'x', USUAL);
      assert.deepEqual(usual.note('ST_1', 'a', SLOW), wanted);
    });
  }

  it('is kept for a trunk that has calls, however many others come', () => {
    const usual = new UsualWaits();
    noteMany(usual, 20, USUAL);
    for (let i = 0; i < 300; i += 1) {
      usual.note(`ST_other${i}`, 'x', USUAL);
      usual.note('ST_1', 'usual0', USUAL);
    }
    assert.deepEqual(usual.note('ST_1', 'a', SLOW), IS_SLOW);
  });
});

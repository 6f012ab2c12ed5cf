import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inSlices, takeTurn } from '../../src/loop/slices.ts';

/** Holds the thread for longer than the work of a turn may. */
function hold(): void {
  for (const began = performance.now(); performance.now() - began < 12; );
}

/** Begins so many pieces of work at once, and resolves to how many of them began in each turn of the event loop. */
async function turnsOf(
  count: number,
  work: () => void,
): Promise<{ readonly perTurn: number[]; readonly order: number[] }> {
  const perTurn = [0];
  const order: number[] = [];
  for (let i = 0; i < count; i += 1) {
    takeTurn(() => {
      order.push(i);
      perTurn.push((perTurn.pop() ?? 0) + 1);
      work();
    });
  }
  while (order.length < count) {
    perTurn.push(0);
    await nextTurn();
  }
  return { perTurn, order };
}

describe('work that shares a thread', () => {
  test('begins at once in an idle thread', async () => {
    await nextTurn();
    let hasBegun = false;
    takeTurn(() => {
      hasBegun = true;
    });
    assert.equal(hasBegun, true);
  });

  test('that comes at once begins in several turns, in order', async () => {
    await nextTurn();
    const { perTurn, order } = await turnsOf(100, () => {});
    assert.deepEqual(
      order,
      Array.from({ length: 100 }, (_, i) => i),
    );
    assert.ok((perTurn[0] ?? 0) <= 16, `${perTurn}`);
  });

  test('that takes long leaves the rest to later turns', async () => {
    await nextTurn();
    const { perTurn } = await turnsOf(8, hold);
    // One that ends a turn and one that begins the next may stand beside each other.
    assert.ok(Math.max(...perTurn) <= 2, `${perTurn}`);
  });

  test('in steps lets other work in between', async () => {
    await nextTurn();
    const steps: string[] = [];
    function* work(name: string): Generator<void, void> {
      for (let i = 0; i < 3; i += 1) {
        steps.push(name);
        hold();
        yield;
      }
    }
    await Promise.all([inSlices(work('a')), inSlices(work('b'))]);
    // The first one has had its first step before the other one asked.
    assert.deepEqual(steps, ['a', 'a', 'b', 'a', 'b', 'b']);
  });

  test('in steps shares the time of a turn, however much of it there is', async () => {
    await nextTurn();
    let turn = 0;
    let isDone = false;
    const turns: number[] = [];
    function* work(): Generator<void, void> {
      yield;
      turns.push(turn);
      hold();
      yield;
    }
    const all = Promise.all(Array.from({ length: 6 }, () => inSlices(work()))).then(() => {
      isDone = true;
    });
    while (!isDone) {
      await nextTurn();
      turn += 1;
    }
    await all;
    const perTurn = Map.groupBy(turns, (at) => at)
      .values()
      .map(({ length }) => length);
    assert.ok(Math.max(...perTurn) <= 2, `${turns}`);
  });
});

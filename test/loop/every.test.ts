import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { pino } from 'pino';
import { Condition } from '../../src/loop/condition.ts';
import { backOffMs, every, type Loop } from '../../src/loop/every.ts';
import { PATIENCE_MS } from '../machineSpeed.ts';

interface Run {
  readonly signal: AbortSignal;
  readonly end: (next?: number) => void;
  readonly fail: (error: unknown) => void;
}

describe('every', () => {
  let runs: Run[];
  let errors: unknown[];
  let loop: Loop | undefined;
  let dice: number;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    dice = 0.5;
    mock.method(Math, 'random', () => dice);
    runs = [];
    errors = [];
  });
  afterEach(async () => {
    const stopped = loop?.stop();
    for (const { end } of runs) end();
    await stopped;
    mock.timers.reset();
    mock.restoreAll();
  });

  const work = (signal: AbortSignal) =>
    new Promise<number | undefined>((resolve, reject) => {
      runs.push({ signal, end: resolve, fail: reject });
    });
  const onError = (error: unknown) => void errors.push(error);
  const start = async (options: Partial<Parameters<typeof every>[1]> = {}) => {
    loop = every(work, { everyMs: 1_000, onError, ...options });
    await turns();
    return loop;
  };
  /** Lets promises settle, and what begins in a turn of its own begin. */
  const turns = async () => {
    for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const pass = async (milliseconds: number) => {
    mock.timers.tick(milliseconds);
    await turns();
  };
  const end = async (next?: number) => {
    runs.at(-1)?.end(next);
    await turns();
  };
  const fail = async (error: unknown = new Error('no')) => {
    runs.at(-1)?.fail(error);
    await turns();
  };
  const hasEnded = async (promise: Promise<void>) => {
    let isOver = false;
    void promise.then(() => {
      isOver = true;
    });
    await turns();
    return isOver;
  };

  it('begins at once, and again a while after the end of each run', async () => {
    await start();
    assert.equal(runs.length, 1);
    await pass(10_000);
    assert.equal(runs.length, 1, 'a run that takes long is not overtaken');
    await end();
    await pass(999);
    assert.equal(runs.length, 1);
    await pass(1);
    assert.equal(runs.length, 2);
  });

  it('begins each run in a turn of its own', async () => {
    const microtasks = async () => {
      for (let i = 0; i < 20; i += 1) await undefined;
    };
    loop = every(work, { everyMs: 1_000, onError });
    await microtasks();
    assert.equal(runs.length, 0);
    await turns();
    runs[0]?.end(0);
    await microtasks();
    assert.equal(runs.length, 1);
    await turns();
    assert.equal(runs.length, 2);
  });

  it('does not keep the process alive', () => {
    const url = new URL('../../src/loop/every.ts', import.meta.url);
    const code = `import { every } from '${url}'; every(async () => console.log('ran'), { everyMs: 60_000, onError() {} });`;
    const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      encoding: 'utf8',
      timeout: PATIENCE_MS,
    });
    assert.deepEqual([stdout, signal], ['ran\n', null]);
  });

  it('waits before the first run where that is asked for', async () => {
    await start({ firstAfterMs: 300 });
    await pass(299);
    assert.equal(runs.length, 0);
    await pass(1);
    assert.equal(runs.length, 1);
  });

  it('waits as long as the run says', async () => {
    await start();
    await end(5_000);
    await pass(4_999);
    assert.equal(runs.length, 1);
    await pass(1);
    assert.equal(runs.length, 2);
    await end(0);
    assert.equal(runs.length, 3);
  });

  for (const { thrown, waitMs } of [
    { thrown: 0, waitMs: 900 },
    { thrown: 0.5, waitMs: 1_000 },
    { thrown: 1, waitMs: 1_100 },
  ]) {
    it(`waits ${waitMs} ms of 1000 with a jitter of a tenth and dice at ${thrown}`, async () => {
      dice = thrown;
      await start({ jitter: 0.1 });
      await end();
      await pass(waitMs - 1);
      assert.equal(runs.length, 1);
      await pass(1);
      assert.equal(runs.length, 2);
    });
  }

  describe('woken', () => {
    it('while it waits, begins at once and once, and waits anew after that', async () => {
      const { wake } = await start();
      await end();
      await pass(600);
      for (let i = 0; i < 3; i += 1) void wake();
      await turns();
      assert.equal(runs.length, 2);
      await end();
      await pass(999);
      assert.equal(runs.length, 2);
      await pass(1);
      assert.equal(runs.length, 3);
    });

    it('during a run, runs once more after it', async () => {
      const { wake } = await start();
      void wake();
      void wake();
      await turns();
      assert.equal(runs.length, 1);
      await end();
      assert.equal(runs.length, 2);
      await end();
      await pass(999);
      assert.equal(runs.length, 2);
    });

    it('before the first run, does not run twice', async () => {
      const { wake } = await start({ firstAfterMs: 500 });
      void wake();
      await turns();
      assert.equal(runs.length, 1);
      await end();
      await pass(999);
      assert.equal(runs.length, 1);
    });

    it('during a run that fails, does not wait for the back-off', async () => {
      const { wake } = await start({ backOff: { firstMs: 4_000, longestMs: 8_000 } });
      void wake();
      await fail();
      assert.equal(runs.length, 2);
    });

    it('resolves with the end of the run that began after the wake, however it ends', async () => {
      const { wake } = await start();
      const woken = wake();
      await end();
      assert.equal(runs.length, 2);
      assert.equal(await hasEnded(woken), false);
      await fail();
      assert.equal(await hasEnded(woken), true);
    });
  });

  describe('stopped', () => {
    it('while it waits, ends at once, and never runs again', async () => {
      const { stop, wake } = await start();
      await end();
      assert.equal(await hasEnded(stop()), true);
      assert.equal(await hasEnded(wake()), true);
      await pass(100_000);
      assert.equal(runs.length, 1);
    });

    it('during a run, aborts its signal, waits for its end, and never runs again', async () => {
      const { stop, wake } = await start();
      const woken = wake();
      assert.equal(runs[0]?.signal.aborted, false);
      const stopped = stop();
      assert.equal(await hasEnded(stopped), false);
      assert.equal(runs[0]?.signal.aborted, true);
      await end(0);
      assert.equal(await hasEnded(stopped), true);
      assert.equal(await hasEnded(woken), true);
      await pass(100_000);
      assert.equal(runs.length, 1);
    });

    it('before the first run, does not begin it', async () => {
      loop = every(work, { everyMs: 1_000, onError });
      await loop.stop();
      await turns();
      assert.equal(runs.length, 0);
    });

    it('takes its own abort for no failure, but any other error for one', async () => {
      const { stop } = await start();
      void stop();
      await fail(runs[0]?.signal.reason);
      assert.deepEqual(errors, []);
      await start();
      void loop?.stop();
      await fail('broken');
      assert.deepEqual(errors, ['broken']);
    });
  });

  describe('failing', () => {
    it('tells each error, waits longer each time up to the longest wait, and begins anew after a success', async () => {
      // Dice at 1: nothing is taken off.
      dice = 1;
      const backOff = { firstMs: 2_000, longestMs: 7_000 };
      const failing = await start({ backOff });
      for (const waitMs of [2_000, 4_000, 7_000, 7_000]) {
        const before = runs.length;
        await fail('no');
        assert.equal(failing.isFailing, true);
        await pass(waitMs - 1);
        assert.equal(runs.length, before, `less than ${waitMs}`);
        await pass(1);
        assert.equal(runs.length, before + 1, `${waitMs}`);
      }
      assert.deepEqual(errors, ['no', 'no', 'no', 'no']);
      await end();
      assert.equal(failing.isFailing, false);
      await pass(1_000);
      assert.equal(runs.length, 6);
      await fail();
      await pass(1_999);
      assert.equal(runs.length, 6);
      await pass(1);
      assert.equal(runs.length, 7);
    });

    it('goes on as before where there is no back-off', async () => {
      await start();
      await fail();
      await fail();
      await pass(999);
      assert.equal(runs.length, 1);
      await pass(1);
      assert.equal(runs.length, 2);
    });

    it('is logged once when it begins, and once when it is over', async () => {
      const lines: string[] = [];
      const logger = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(line.trim()) });
      const condition = new Condition(logger, 'cannot be read', 'is read again');
      await start({ condition });
      for (let i = 0; i < 2; i += 1) {
        await fail(new Error(`failure ${i}`));
        await pass(1_000);
      }
      const said = () => lines.map((line) => JSON.parse(line)).map(({ level, msg, err }) => [level, msg, err?.message]);
      assert.deepEqual(said(), [[50, 'cannot be read', 'failure 0']]);
      for (let i = 0; i < 2; i += 1) {
        await end();
        await pass(1_000);
      }
      assert.deepEqual(said().slice(1), [[30, 'is read again', undefined]]);
      await fail(new Error('later'));
      assert.deepEqual(said().slice(2), [[50, 'cannot be read', 'later']]);
      assert.equal(errors.length, 3);
    });
  });
});

describe('the wait after failures', () => {
  const waits = (dice: number) => {
    mock.method(Math, 'random', () => dice);
    return [1, 2, 3, 4, 5, 2_000].map((failures) => backOffMs(failures, { firstMs: 1_000, longestMs: 10_000 }));
  };
  afterEach(() => mock.restoreAll());

  it('doubles up to the longest', () => {
    assert.deepEqual(waits(1), [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });
  it('is up to half as long, as the dice fall', () => {
    assert.deepEqual(waits(0), [500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  });
});

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { ProbeResult } from '../../src/probe/result.ts';
import { startSchedule } from '../../src/probe/schedule.ts';
import type { ProbeTarget } from '../../src/probe/target.ts';

const TARGETS: ProbeTarget[] = [
  { host: 'a', transport: 'udp' },
  { host: 'b', transport: 'tcp' },
];

describe('the schedule', () => {
  let now: number;
  let timers: { at: number; callBack: () => void }[];
  /** Starts of probes, and how to end each of them. */
  let running: { host: string; at: number; signal: AbortSignal; end: (error?: Error) => void }[];
  let results: string[];
  let dice: number;

  beforeEach(() => {
    now = 0;
    timers = [];
    running = [];
    results = [];
    dice = 0.5;
  });

  const start = (targets: readonly ProbeTarget[], intervalSeconds = 60) =>
    startSchedule({
      targets,
      intervalSeconds,
      probe: ({ host }, signal) =>
        new Promise((resolve, reject) => {
          // Only the target matters here.
          const result = { target: host } as ProbeResult;
          const end = (error?: Error) => (error ? reject(error) : resolve(result));
          running.push({ host, at: now, signal, end });
        }),
      onResult: (result) => results.push(result.target),
      onError: (error, { host }) => results.push(`${host}: ${String(error)}`),
      now: () => now,
      after(milliseconds, callBack) {
        const timer = { at: now + milliseconds, callBack };
        timers.push(timer);
        return () => {
          timers = timers.filter((other) => other !== timer);
        };
      },
      random: () => dice,
    });
  /** Lets time pass until a moment, timer by timer. */
  const passTo = async (moment: number) => {
    for (;;) {
      const next = timers.toSorted((a, b) => a.at - b.at)[0];
      if (!next || next.at > moment) break;
      timers = timers.filter((timer) => timer !== next);
      now = next.at;
      next.callBack();
      await settled();
    }
    now = moment;
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const startsOf = (host: string) => running.filter((probe) => probe.host === host).map(({ at }) => at);

  it('probes each target soon, and then at the interval from start to start', async () => {
    start(TARGETS);
    await passTo(2_000);
    assert.deepEqual([startsOf('a'), startsOf('b')], [[1_000], [1_000]]);
    now = 3_000;
    for (const probe of running) probe.end();
    await settled();
    assert.deepEqual(results, ['a', 'b']);
    await passTo(70_000);
    assert.deepEqual(
      [startsOf('a'), startsOf('b')],
      [
        [1_000, 61_000],
        [1_000, 61_000],
      ],
    );
  });

  it('throws dice for the starts, so that replicas do not probe in step', async () => {
    dice = 0;
    start([TARGETS[0] as ProbeTarget]);
    await passTo(0);
    running[0]?.end();
    await settled();
    assert.equal(timers[0]?.at, 54_000);
    dice = 1;
    await passTo(54_000);
    running[1]?.end();
    await settled();
    assert.equal(timers[0]?.at, 54_000 + 66_000);
  });

  it('never probes a target twice at a time, and lets no target wait for another', async () => {
    start(TARGETS, 10);
    await passTo(1_000);
    running.find(({ host }) => host === 'b')?.end();
    await settled();
    await passTo(30_000);
    assert.deepEqual([startsOf('a'), startsOf('b')], [[1_000], [1_000, 11_000]]);
    running.find(({ host }) => host === 'a')?.end();
    await settled();
    await passTo(30_000);
    // It was late, and is caught up with at once.
    assert.deepEqual(startsOf('a'), [1_000, 30_000]);
  });

  it('goes on after an error', async () => {
    start([TARGETS[0] as ProbeTarget]);
    await passTo(1_000);
    running[0]?.end(new Error('no'));
    await settled();
    assert.deepEqual(results, ['a: Error: no']);
    await passTo(61_000);
    assert.equal(startsOf('a').length, 2);
  });

  it('stops: what runs is called off and not reported, and nothing starts', async () => {
    const schedule = start(TARGETS);
    await passTo(1_000);
    running[1]?.end();
    await settled();
    schedule.stop();
    assert.deepEqual([running[0]?.signal.aborted, timers.length], [true, 0]);
    running[0]?.end();
    await settled();
    assert.deepEqual(results, ['b']);
    await passTo(1_000_000);
    assert.equal(running.length, 2);
  });
});

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type { ProbeResult } from '../../src/probe/probeResult.ts';
import { startSchedule } from '../../src/probe/schedule.ts';
import type { ProbeTarget } from '../../src/probe/target.ts';

const TARGETS: ProbeTarget[] = [
  { host: 'a', transport: 'udp' },
  { host: 'b', transport: 'tcp' },
];

describe('the schedule', () => {
  /** Starts of probes, and how to end each of them. */
  let running: { host: string; at: number; signal: AbortSignal; end: (error?: Error) => void }[];
  let results: string[];
  let dice: number;
  let schedule: ReturnType<typeof startSchedule> | undefined;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    mock.method(Math, 'random', () => dice);
    running = [];
    results = [];
    dice = 0.5;
  });
  afterEach(() => {
    schedule?.stop();
    mock.timers.reset();
    mock.restoreAll();
  });

  const start = (targets: readonly ProbeTarget[], intervalSeconds = 60) => {
    schedule = startSchedule({
      targets,
      intervalSeconds,
      probe: ({ host }, signal) =>
        new Promise((resolve, reject) => {
          // Only the target matters here.
          const result = { target: host } as ProbeResult;
          const end = (error?: Error) => (error ? reject(error) : resolve(result));
          running.push({ host, at: Date.now(), signal, end });
        }),
      onResult: (result) => results.push(result.target),
      onError: (error, { host }) => results.push(`${host}: ${String(error)}`),
    });
    return schedule;
  };
  /** Lets time pass until a moment, little by little, so that what begins meanwhile begins in its time. */
  const passTo = async (moment: number) => {
    await settled();
    while (Date.now() < moment) {
      mock.timers.tick(Math.min(500, moment - Date.now()));
      await settled();
    }
  };
  const settled = async () => {
    for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const startsOf = (host: string) => running.filter((probe) => probe.host === host).map(({ at }) => at);

  it('probes each target soon, and then at the interval from start to start', async () => {
    start(TARGETS);
    await passTo(2_000);
    assert.deepEqual([startsOf('a'), startsOf('b')], [[1_000], [1_000]]);
    await passTo(3_000);
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
    await passTo(53_999);
    assert.equal(running.length, 1);
    dice = 1;
    await passTo(54_000);
    running[1]?.end();
    await passTo(54_000 + 65_999);
    assert.equal(running.length, 2);
    await passTo(54_000 + 66_000);
    assert.deepEqual(startsOf('a'), [0, 54_000, 120_000]);
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
    const { stop } = start(TARGETS);
    await passTo(1_000);
    running[1]?.end();
    await settled();
    stop();
    assert.equal(running[0]?.signal.aborted, true);
    running[0]?.end();
    await settled();
    assert.deepEqual(results, ['b']);
    await passTo(1_000_000);
    assert.equal(running.length, 2);
  });
});

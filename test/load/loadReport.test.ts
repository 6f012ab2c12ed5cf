import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sumOf } from '../../scripts/load/countedCalls.ts';
import { faultsOf, markdownOf, rowsOf } from '../../scripts/load/loadReport.ts';
import type { Measurement } from '../../scripts/load/measure.ts';

const MB = 2 ** 20;
const UNKNOWN = { cpuMicros: undefined, busy: { accepting: Number.NaN, other: Number.NaN } };

function bare(answersPerSecond: number): Measurement {
  const load = { answers: 1, answersPerSecond, p50Ms: 1, p99Ms: 5, refused: 0, broken: 0 };
  return { server: 'bare', connections: 32, ...load, calls: undefined, residentBytes: undefined, ...UNKNOWN };
}

function tree(answersPerSecond: number, given: Partial<Measurement> = {}): Measurement {
  const calls = { sent: 100, counted: { calls: 100, afterSeconds: answersPerSecond / 1000 } };
  return {
    ...bare(answersPerSecond),
    server: 'tree',
    calls,
    residentBytes: answersPerSecond * MB,
    cpuMicros: 70,
    busy: { accepting: answersPerSecond / 1000, other: 0.5 },
    ...given,
  };
}

describe('the report of the load', () => {
  const rows = rowsOf(
    [
      [bare(1000), tree(500)],
      [bare(4000), tree(1000)],
      [bare(2000), tree(200)],
    ],
    'bare',
  );

  it('compares with the bare route of the same round, and gives medians', () => {
    assert.deepEqual(
      rows.map(({ server, answersPerSecond, ofBare }) => [server, answersPerSecond, ofBare]),
      [
        ['bare', 2000, 1],
        ['tree', 500, 0.25],
      ],
    );
  });
  it('gives for which share of the time threads ran, by the median', () =>
    assert.deepEqual(rows.at(1)?.busy, { accepting: 0.5, other: 0.5 }));

  it('adds up the calls of all rounds, with the longest wait', () => {
    assert.deepEqual(
      rows.map(({ calls }) => calls),
      [undefined, { sent: 300, counted: 300, afterSeconds: 1 }],
    );
  });
  it('is a table of Markdown', () => {
    assert.deepEqual(markdownOf(rows).split('\n').slice(2), [
      '| bare | 32 | 2000 | 1.00 | 1.0 | 5.0 |  |  |  |  |  |',
      '| tree | 32 | 500 | 0.25 | 1.0 | 5.0 | 70 | 300 | 300 | 1.0 | 500 |',
    ]);
  });
});

describe('the faults under load', () => {
  const counted = (calls: number) => ({ calls: { sent: 100, counted: { calls, afterSeconds: 1 } } });
  const rows: [what: string, measurement: Measurement, faults: RegExp[]][] = [
    ['none', tree(1), []],
    ['a call that is not counted', tree(1, counted(99)), [/^tree, 32 connections, round 1: 100 .* 99 counted$/]],
    ['a call that is counted twice', tree(1, counted(101)), [/101 counted/]],
    ['a webhook that is refused', tree(1, { refused: 1 }), [/1 webhooks were refused/]],
    ['a connection that breaks', tree(1, { broken: 1 }), [/1 connections broke/]],
  ];
  for (const [what, measurement, expected] of rows) {
    it(`are: ${what}`, () => {
      const faults = faultsOf([[bare(1), measurement]]);
      assert.equal(faults.length, expected.length);
      for (const [i, pattern] of expected.entries()) assert.match(faults[i] ?? '', pattern);
    });
  }
});

describe('the count of calls', () => {
  it('is the sum of the samples of that name alone', () => {
    const metrics = [
      '# TYPE calls_total counter',
      'calls_total{trunk="a",outcome="failed"} 3',
      'calls_total{trunk="b c",outcome="failed"} 4',
      'other_calls_total{trunk="a"} 5',
      'calls_total_more{trunk="a"} 6',
    ];
    assert.equal(sumOf('calls_total', metrics.join('\n')), 7);
  });
});

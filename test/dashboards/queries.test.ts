import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { without } from '../debianTools.ts';
import { COMMITTED, PANELS, QUERIES } from './committed.ts';
import { canHave, METRICS, metricOf, RECORDS } from './documented.ts';
import { resolved } from './grafana.ts';

// What Grafana's dashboard-linter asks of queries, and that what they read exists.

const SHOWN = { rangeSeconds: 21_600, rateIntervalSeconds: 60 };

/** A series of sipwhy's or a recorded one, with its matchers and what follows them. */
const SELECTOR = /\b((?:[a-z_]+:)?sipwhy_\w+(?::\w+)?)(?:\{([^}]*)\})?/g;
const MATCHER = /(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g;

/** What joins on job and instance need not be narrowed to them: the other side is. */
const WHEN_SCRAPED = 'on (job, instance) sipwhy_build_info offset $__rate_interval';

interface Selector {
  readonly where: string;
  readonly series: string;
  readonly matchers: string;
}
const selectors: readonly Selector[] = QUERIES.flatMap(({ where, expr }) =>
  [...expr.replaceAll(WHEN_SCRAPED, '').matchAll(SELECTOR)].map(([, series = '', matchers = '']) => ({
    where,
    series,
    matchers,
  })),
);
const isRecord = (series: string) => series.includes(':');

test('every query is PromQL', { skip: without('promtool') }, (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'sipwhy-queries-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'queries.yml');
  // As a recording rule a query is read by Prometheus' own parser, types and all. JSON is YAML.
  const rules = QUERIES.map(({ expr }, index) => ({ record: `query:${index}`, expr: resolved(expr, SHOWN) }));
  writeFileSync(path, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
  execFileSync('promtool', ['check', 'rules', '--lint=none', path], { encoding: 'utf8', stdio: 'pipe' });
});

test('every query reads metrics that docs/metrics.md has, or what a rule records', () => {
  assert.ok(METRICS.size > 40 && RECORDS.size > 20);
  for (const { where, expr } of QUERIES) {
    const isOfConstants = /^vector\(/.test(expr);
    assert.ok(isOfConstants || /^ALERTS\{/.test(expr) || expr.match(SELECTOR), `${where} reads no metric`);
  }
  for (const { where, series } of selectors) {
    if (isRecord(series)) assert.ok(RECORDS.has(series), `${where} reads ${series}, which no rule records`);
    else assert.ok(METRICS.has(metricOf(series)), `${where} reads ${series}, which does not exist`);
  }
});

test('every selector is of the chosen job and instance, where there are instances', () => {
  for (const { where, series, matchers } of selectors) {
    assert.ok(matchers.includes('job=~"$job"'), `${where}: ${series}`);
    assert.equal(matchers.includes('instance=~"$instance"'), !isRecord(series), `${where}: ${series}`);
  }
});

test('every matcher is of a label that the metric has, and of values that it can have', () => {
  for (const { where, series, matchers } of selectors.filter(({ series }) => !isRecord(series))) {
    const metric = metricOf(series);
    for (const [, label = '', , pattern = ''] of matchers.matchAll(MATCHER)) {
      if (label === 'job' || label === 'instance') continue;
      assert.ok(METRICS.get(metric)?.labels.includes(label), `${where}: ${metric} has no label ${label}`);
      for (const value of pattern.split('|').filter((one) => !one.includes('$'))) {
        assert.ok(canHave(metric, label, value), `${where}: ${metric} has no ${label}="${value}"`);
      }
    }
  }
});

test('every metric is on a dashboard', () => {
  const shown = new Set(selectors.flatMap(({ series }) => (isRecord(series) ? [] : [metricOf(series)])));
  assert.deepEqual(
    [...METRICS.keys()].filter((name) => !shown.has(name)),
    [],
  );
});

test('variables read metrics and labels that exist', () => {
  for (const { uid, templating } of COMMITTED) {
    for (const { name, query = '' } of templating.list.filter(({ type }) => type === 'query')) {
      const [, metric = '', label = ''] =
        /^label_values\((sipwhy_\w+)(?:\{job=~"\$job"\})?, (\w+)\)$/.exec(query) ?? [];
      const labels = ['job', 'instance', ...(METRICS.get(metric)?.labels ?? [])];
      assert.ok(METRICS.has(metric) && labels.includes(label), `${uid}: ${name} reads ${query}`);
    }
  }
});

test('counters and buckets are read under rate or increase, and rates over $__rate_interval', () => {
  const accumulates = (series: string) =>
    METRICS.get(metricOf(series))?.type === 'counter' || (!METRICS.has(series) && metricOf(series) !== series);
  for (const { where, expr } of QUERIES) {
    // A series that began within the window counts from zero (alerts/increase.ts).
    const bare = expr.replaceAll(/(sipwhy_\w+\{[^}]*\}) unless \1 offset (\$\w+) and /g, '');
    const read = [...bare.matchAll(SELECTOR)].filter(([, series = '']) => !isRecord(series) && accumulates(series));
    const rated = [...bare.matchAll(/\b(rate|increase)\(sipwhy_\w+\{[^}]*\}\[(\$\w+)\]\)/g)];
    assert.equal(rated.length, read.length, `${where} reads a counter as it stands: ${expr}`);
    for (const [, call, window] of rated) {
      if (call === 'rate') assert.equal(window, '$__rate_interval', where);
      else assert.ok(window === '$__rate_interval' || window === '$__range', where);
    }
  }
});

test('a graph asks for each step, everything else for the time shown', () => {
  for (const { where, type, targets = [] } of PANELS) {
    const isOverTime = type === 'timeseries' || type === 'heatmap';
    for (const { instant, range, expr } of targets) {
      assert.deepEqual([range ?? false, instant ?? false], [isOverTime, !isOverTime], where);
      assert.ok(!(isOverTime && expr.includes('$__range')), where);
      assert.ok(isOverTime || !expr.includes('$__rate_interval'), where);
    }
  }
});

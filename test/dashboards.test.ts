import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { generatedFiles } from '../dashboards/generate.ts';

const TOP = fileURLToPath(new URL('..', import.meta.url));

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own variable, written like JavaScript's.
const CHOSEN_DATASOURCE = '${datasource}';

/** The metric contract of the design, written down a second time on purpose: a renamed metric must fail here. */
const COUNTERS = [
  'sipwhy_call_attempts_total',
  'sipwhy_call_failures_total',
  'sipwhy_sip_responses_total',
  'sipwhy_webhooks_total',
  'sipwhy_rule_errors_total',
  'sipwhy_livekit_refreshes_total',
];
const HISTOGRAMS = ['sipwhy_call_setup_seconds', 'sipwhy_webhook_to_verdict_seconds', 'sipwhy_journal_commit_seconds'];
const GAUGES = [
  'sipwhy_cause_info',
  'sipwhy_trunk_info',
  'sipwhy_audit_findings',
  'sipwhy_livekit_snapshot_age_seconds',
  'sipwhy_build_info',
  'sipwhy_open_calls',
];
const SERIES = new Set([
  ...COUNTERS,
  ...GAUGES,
  ...HISTOGRAMS.flatMap((name) => [`${name}_bucket`, `${name}_sum`, `${name}_count`]),
]);

/** As far as these tests read it. */
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly links?: readonly { readonly url: string }[];
}
interface Variable {
  readonly name: string;
  readonly type: string;
  readonly label?: string;
  readonly query?: string;
  readonly multi?: boolean;
  readonly allValue?: string;
  readonly refresh?: number;
  readonly datasource?: { readonly uid: string };
}
interface Dashboard {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly editable: boolean;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

const files = readdirSync(`${TOP}dashboards`).filter((name) => name.endsWith('.json'));
// The files are this repository's own, so their shape is what the tests below establish.
const dashboards = files.map((name) => JSON.parse(readFileSync(`${TOP}dashboards/${name}`, 'utf8')) as Dashboard);
const panels = dashboards.flatMap((dashboard) =>
  dashboard.panels.map((panel) => ({ ...panel, where: `${dashboard.uid}: ${panel.title}` })),
);
const graphed = panels.filter(({ type }) => type !== 'row');
const queries = graphed.flatMap(({ where, targets = [] }) => targets.map(({ expr }) => ({ where, expr })));

test('the committed dashboards are what the code generates, and there are no others', () => {
  const generated = generatedFiles();
  for (const { path, content } of generated) {
    assert.equal(readFileSync(TOP + path, 'utf8'), content, `${path} is stale; run npm run generate`);
  }
  assert.deepEqual(files.map((name) => `dashboards/${name}`).sort(), generated.map(({ path }) => path).sort());
});

test('every dashboard is a classic one, read-only, with variables for data source, job and instance', () => {
  for (const { uid, schemaVersion, editable, templating } of dashboards) {
    assert.equal(schemaVersion, 42, uid);
    assert.equal(editable, false, uid);
    const variable = (name: string) => templating.list.find((candidate) => candidate.name === name);
    const { type, label, query } = variable('datasource') ?? {};
    assert.deepEqual({ type, label, query }, { type: 'datasource', label: 'Data source', query: 'prometheus' }, uid);
    for (const [name, words] of [
      ['job', 'Job'],
      ['instance', 'Instance'],
    ] as const) {
      const { label, multi, allValue, refresh, datasource } = variable(name) ?? {};
      assert.deepEqual(
        { label, multi, allValue, refresh, uid: datasource?.uid },
        { label: words, multi: true, allValue: '.+', refresh: 2, uid: CHOSEN_DATASOURCE },
        `${uid}: ${name}`,
      );
    }
  }
});

test('every panel has a title, a description, a unit, a data source and a query', () => {
  for (const { where, title, description, datasource, fieldConfig, targets = [] } of graphed) {
    assert.ok(title && description, where);
    assert.ok(fieldConfig?.defaults.unit, `${where} has no unit`);
    assert.ok(targets.length > 0, `${where} has no query`);
    const uids = new Set([datasource?.uid, ...targets.map((target) => target.datasource.uid)]);
    assert.deepEqual([...uids], [CHOSEN_DATASOURCE], where);
  }
});

test('panels have ids of their own and do not overlap', () => {
  for (const { uid, panels } of dashboards) {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length, uid);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    assert.equal(new Set(cells).size, cells.length, `${uid} has panels that overlap`);
    assert.ok(
      panels.every(({ gridPos: { x, w } }) => x + w <= 24),
      `${uid} is wider than 24 columns`,
    );
  }
});

const promtool = { skip: missing('promtool', 'prometheus') };

test('every query is PromQL', promtool, (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'sipwhy-queries-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'queries.yml');
  // As a recording rule a query is read by Prometheus' own parser, types and all. JSON is YAML.
  const rules = queries.map(({ expr }, index) => ({ record: `query:${index}`, expr: filledIn(expr) }));
  writeFileSync(path, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
  execFileSync('promtool', ['check', 'rules', '--lint=none', path], { encoding: 'utf8', stdio: 'pipe' });
});

test('every query reads metrics of the contract, of the chosen job and instance', () => {
  for (const { where, expr } of queries) {
    const selectors = [...expr.matchAll(/\b(sipwhy_\w+)(\{[^}]*\})?/g)];
    assert.ok(selectors.length > 0, `${where} reads no metric`);
    for (const [, metric = '', matchers = ''] of selectors) {
      assert.ok(SERIES.has(metric), `${where} reads ${metric}, which does not exist`);
      assert.ok(matchers.includes('job=~"$job"') && matchers.includes('instance=~"$instance"'), `${where}: ${metric}`);
    }
  }
});

test('variables read metrics of the contract', () => {
  for (const { uid, templating } of dashboards) {
    for (const { name, type, query = '' } of templating.list.filter((variable) => variable.type === 'query')) {
      const [metric = ''] = /sipwhy_\w+/.exec(query) ?? [];
      assert.ok(type === 'query' && SERIES.has(metric), `${uid}: ${name} reads ${query}`);
    }
  }
});

test('counters and buckets are read under rate or increase, and rates over $__rate_interval', () => {
  for (const { where, expr } of queries) {
    const accumulating = [...expr.matchAll(/sipwhy_\w+_(?:total|bucket|sum|count)\b/g)].length;
    const rated = [...expr.matchAll(/\b(rate|increase)\(sipwhy_\w+_(?:total|bucket|sum|count)\{[^}]*\}\[(\$\w+)\]\)/g)];
    assert.equal(rated.length, accumulating, `${where} reads a counter as it stands: ${expr}`);
    for (const [, call, window] of rated) {
      if (call === 'rate') assert.equal(window, '$__rate_interval', where);
      else assert.ok(window === '$__rate_interval' || window === '$__range', where);
    }
  }
});

test('panels link to runbooks that exist', () => {
  const linked = graphed.flatMap(({ links = [] }) => links.map(({ url }) => url.split('/').at(-1)));
  const runbooks = new Set(readdirSync(`${TOP}docs/runbooks`));
  assert.ok(linked.length > 0);
  for (const page of linked) assert.ok(page && runbooks.has(page), `no runbook ${page}`);
});

test('Grafana is told to load the folder that it is mounted at', () => {
  const provisioning = `${TOP}dashboards/provisioning`;
  const { providers } = parse(readFileSync(`${provisioning}/dashboards/sipwhy.yml`, 'utf8'));
  assert.equal(providers[0].options.path, '/etc/sipwhy/dashboards');
  const { datasources } = parse(readFileSync(`${provisioning}/datasources/prometheus.yml`, 'utf8'));
  assert.equal(datasources[0].type, 'prometheus');
});

/** A query as Grafana sends it. */
function filledIn(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', '6h')
    .replaceAll(/\$(job|instance|trunk)\b/g, '.+');
}

/** Says why a test is skipped where its tool is not installed; in CI it is not skipped but fails. */
function missing(tool: string, debianPackage: string): string | false {
  if (process.env.CI === 'true') return false;
  try {
    execFileSync(tool, ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    return `${tool} is not installed (Debian package ${debianPackage})`;
  }
}

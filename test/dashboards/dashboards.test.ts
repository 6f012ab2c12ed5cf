import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { generatedFiles } from '../../dashboards/dashboardFiles.ts';
import { COMMITTED, FILES, PANELS, TOP } from './committed.ts';

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own variable, written like JavaScript's.
const CHOSEN_DATASOURCE = '${datasource}';

test('the committed dashboards are what the code generates, and there are no others', () => {
  const generated = generatedFiles();
  for (const { path, content } of generated) {
    assert.equal(readFileSync(TOP + path, 'utf8'), content, `${path} is stale; run npm run generate`);
  }
  assert.deepEqual(FILES.map((name) => `dashboards/${name}`).sort(), generated.map(({ path }) => path).sort());
});

test('there is one for each question', () => {
  const uids = COMMITTED.map(({ uid }) => uid).sort();
  assert.deepEqual(uids, ['sipwhy-overview', 'sipwhy-quality', 'sipwhy-sidecar', 'sipwhy-trunk']);
});

test('every dashboard is a classic one, read-only, with variables for data source, job and instance', () => {
  for (const { uid, schemaVersion, editable, templating } of COMMITTED) {
    assert.equal(schemaVersion, 42, uid);
    assert.equal(editable, false, uid);
    const variable = (name: string) => templating.list.find((candidate) => candidate.name === name);
    const { type, label, query } = variable('datasource') ?? {};
    assert.deepEqual({ type, label, query }, { type: 'datasource', label: 'Data source', query: 'prometheus' }, uid);
    for (const [name, words] of [
      ['job', 'Job'],
      ['instance', 'Instance'],
    ] as const) {
      const { label, multi, includeAll, allValue, refresh, datasource } = variable(name) ?? {};
      assert.deepEqual(
        { label, multi, includeAll, allValue, refresh, uid: datasource?.uid },
        { label: words, multi: true, includeAll: true, allValue: '.+', refresh: 2, uid: CHOSEN_DATASOURCE },
        `${uid}: ${name}`,
      );
    }
  }
});

test('every panel has a title, a description, a unit, words for no data, a data source and queries with ids', () => {
  for (const { where, title, description, datasource, fieldConfig, targets = [] } of PANELS) {
    assert.ok(title && description, where);
    assert.ok(fieldConfig?.defaults.unit, `${where} has no unit`);
    assert.ok(fieldConfig.defaults.noValue, `${where} has no words for no data`);
    assert.ok(targets.length > 0, `${where} has no query`);
    assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, where);
    const uids = new Set([datasource?.uid, ...targets.map((target) => target.datasource.uid)]);
    assert.deepEqual([...uids], [CHOSEN_DATASOURCE], where);
  }
});

test('every graph names its lines', () => {
  for (const { where, options } of PANELS.filter(({ type }) => type === 'timeseries')) {
    assert.equal(options.legend?.showLegend, true, where);
  }
});

test('panels have ids and titles of their own and do not overlap', () => {
  for (const { uid, panels } of COMMITTED) {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length, uid);
    assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length, uid);
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

test('every dashboard marks alerts and changes of LiveKit’s configuration, that of a trunk only its own', () => {
  for (const { uid, annotations } of COMMITTED) {
    const [alerts, changes] = annotations.list.map(({ expr }) => expr);
    assert.match(alerts ?? '', /^ALERTS\{/, uid);
    assert.match(changes ?? '', /sipwhy_livekit_changes_total/, uid);
    const ofTrunk = uid === 'sipwhy-trunk';
    assert.equal(/trunk=~"\|\$trunk"/.test(alerts ?? ''), ofTrunk, uid);
    assert.equal(/trunk=~"none\|\$trunk"/.test(changes ?? ''), ofTrunk, uid);
  }
});

test('panels link to runbooks that exist, on sipwhy’s page', () => {
  const linked = PANELS.flatMap(({ links = [] }) => links.map(({ url }) => url));
  const runbooks = new Set(readdirSync(`${TOP}docs/runbooks`));
  assert.ok(linked.length > 0);
  for (const url of linked) {
    const [, name] = /^\$\{sipwhy_url:raw\}\/runbooks\/(\w+)$/.exec(url) ?? [];
    assert.ok(runbooks.has(`${name}.md`), url);
  }
});

test('every dashboard links to sipwhy’s page', () => {
  for (const { uid, links } of COMMITTED)
    assert.ok(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own variable, written like JavaScript's.
      links.some(({ url }) => url === '${sipwhy_url:raw}/'),
      uid,
    );
});

test('Grafana is told to load the folder that it is mounted at, and where an exemplar’s call is explained', () => {
  const provisioning = `${TOP}dashboards/provisioning`;
  const { providers } = parse(readFileSync(`${provisioning}/dashboards/sipwhy.yml`, 'utf8'));
  assert.equal(providers[0].options.path, '/etc/sipwhy/dashboards');
  const { datasources } = parse(readFileSync(`${provisioning}/datasources/prometheus.yml`, 'utf8'));
  assert.equal(datasources[0].type, 'prometheus');
  const [destination] = datasources[0].jsonData.exemplarTraceIdDestinations;
  assert.equal(destination.name, 'call_sid');
  // Grafana reads `$$` as a dollar, and `$` alone as the beginning of an environment variable.
  assert.equal(destination.url.replace('$$', '$'), `http://localhost:8080/?call=\${__value.raw}`);
});

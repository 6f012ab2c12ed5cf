import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { freshProgram } from '../../bin/freshProgram.js';
import { COMMITTED, type Dashboard } from '../dashboards/committed.ts';

const MAIN = freshProgram();
const UIDS = ['sipwhy-overview', 'sipwhy-quality', 'sipwhy-sidecar', 'sipwhy-trunk'];

const dashboards = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, 'dashboards', ...args], { encoding: 'utf8', maxBuffer: 10_000_000 });

describe('sipwhy dashboards', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sipwhy dashboards $'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const currentOf = ({ templating }: Dashboard, name: string) => {
    // The cast: the tests of the dashboards don't need what is chosen.
    const variable = templating.list.find((one) => one.name === name) as { query?: string; current?: object };
    return [variable.query, variable.current];
  };

  it('prints the committed dashboards as they are', () => {
    const { status, stdout } = dashboards();
    assert.equal(status, 0);
    assert.deepEqual(JSON.parse(stdout), COMMITTED);
  });

  it('has each dashboard link to the operator’s page, and ask the operator’s data source', () => {
    const { status, stdout } = dashboards('--page-url', 'https://example.com/sipwhy/', '--datasource', 'Mimir 1');
    assert.equal(status, 0);
    const printed: Dashboard[] = JSON.parse(stdout);
    assert.deepEqual(
      printed.map(({ uid }) => uid),
      UIDS,
    );
    for (const dashboard of printed) {
      const page = 'https://example.com/sipwhy';
      assert.deepEqual(currentOf(dashboard, 'sipwhy_url'), [page, { text: page, value: page, selected: true }]);
      assert.deepEqual(currentOf(dashboard, 'datasource'), [
        'prometheus',
        { text: 'Mimir 1', value: 'Mimir 1', selected: true },
      ]);
    }
    assert.doesNotMatch(stdout, /localhost/);
  });

  it('writes a folder from which Grafana loads them, with its data source', () => {
    const out = join(folder, 'new', 'folder');
    const { status, stdout } = dashboards(
      ...['--page-url', 'https://example.com', '--datasource', 'prom', '--out', out],
      ...['--grafana-url', 'https://grafana.example.com/'],
    );
    assert.equal(status, 0);
    assert.deepEqual(stdout.trimEnd().split('\n'), [
      ...UIDS.map((uid) => `${out}/${uid}.json  https://grafana.example.com/d/${uid}`),
      `Start Grafana with GF_PATHS_PROVISIONING=${out}/provisioning`,
    ]);
    for (const uid of UIDS) {
      const written: Dashboard = JSON.parse(readFileSync(join(out, `${uid}.json`), 'utf8'));
      assert.equal(currentOf(written, 'sipwhy_url')[0], 'https://example.com');
    }
    const { providers } = parse(readFileSync(join(out, 'provisioning/dashboards/sipwhy.yml'), 'utf8'));
    // A single dollar would be an environment variable.
    assert.deepEqual(
      providers.map(({ type, options }: { type: string; options: object }) => ({ type, options })),
      [{ type: 'file', options: { path: out.replaceAll('$', () => '$$') } }],
    );
    assert.deepEqual(readdirSync(join(out, 'provisioning')), ['dashboards']);
  });

  it('writes a data source of its own if none is named, whose exemplars link to the page', () => {
    const out = join(folder, 'other');
    const { status, stdout } = dashboards('--page-url', 'https://example.com/a', '--out', out, '--json');
    assert.equal(status, 0);
    const { datasources } = parse(readFileSync(join(out, 'provisioning/datasources/prometheus.yml'), 'utf8'));
    assert.deepEqual(
      datasources.map(({ type, url }: { type: string; url: string }) => [type, url]),
      [['prometheus', 'http://localhost:9090']],
    );
    const link = 'https://example.com/a/?call=$${__value.raw}';
    assert.equal(datasources[0].jsonData.exemplarTraceIdDestinations[0].url, link);
    const { written, ...others } = JSON.parse(stdout);
    assert.deepEqual(others, {
      page_url: 'https://example.com/a',
      grafana_url: 'http://localhost:3000',
      datasource: null,
      provisioning: `${out}/provisioning`,
    });
    assert.ok(written.length === 4 && written.every(({ file }: { file: string }) => existsSync(file)));
  });

  it('refuses wrong use with status 2, and says what each option must be', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const [args, message] of [
      [['--page-url', 'example.com'], /--page-url must be an http:\/\/ or https:\/\/ URL without credentials/],
      [['--grafana-url', 'https://g/?orgId=1'], /--grafana-url must be an http/],
      [['--datasource', ' '], /--datasource must be the uid or name of a data source/],
      [['--out', file], /cannot be written: /],
      [['--nothing'], /unknown option/],
    ] as const) {
      const { status, stdout, stderr } = dashboards(...args);
      assert.deepEqual([status, stdout], [2, ''], args.join(' '));
      assert.match(stderr, message);
    }
  });
});

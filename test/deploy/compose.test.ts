import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { readSettings } from '../../src/settings/settings.ts';
import { imageEnvironment, ROOT, textsOf, VERSION } from './dockerfile.ts';

const FOLDER = join(ROOT, 'deploy/compose');
const readYaml = (path: string) => parse(readFileSync(resolve(FOLDER, path), 'utf8'));

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly read_only?: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly secrets?: readonly (string | { readonly source: string })[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly stop_grace_period?: string;
}
const { services, secrets, volumes } = readYaml('compose.yaml') as {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: object;
};
const { sipwhy, prometheus, alertmanager, grafana } = services as Record<string, Service>;

describe('the compose file', () => {
  it('has the four services, each of a pinned version', () => {
    assert.deepEqual(Object.keys(services), ['sipwhy', 'prometheus', 'alertmanager', 'grafana']);
    for (const { image } of Object.values(services)) assert.match(image, /^[\w/]+:v?\d+\.\d+\.\d+$/);
    assert.equal(sipwhy?.image, `sipwhy:${VERSION}`);
    assert.deepEqual(sipwhy?.build, { context: '../..', dockerfile: 'deploy/Dockerfile' });
  });

  it('mounts what exists, for reading alone, and keeps data in volumes', () => {
    for (const { volumes: mounts } of Object.values(services)) {
      for (const mount of mounts) {
        const [source = '', , mode] = mount.split(':');
        if (source.startsWith('.')) {
          assert.ok(existsSync(resolve(FOLDER, source)), mount);
          assert.equal(mode, 'ro', mount);
        } else {
          assert.ok(source in volumes, mount);
        }
      }
    }
    assert.deepEqual(sipwhy?.volumes, [`sipwhy:${textsOf('VOLUME')[0]}`]);
  });

  it('gives no service more than it needs', () => {
    for (const [name, service] of Object.entries(services)) {
      assert.deepEqual(service.cap_drop, ['ALL'], name);
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name);
      for (const port of service.ports) assert.match(port, /^127\.0\.0\.1:(\d+):\1$/, name);
    }
    for (const service of [sipwhy, prometheus, alertmanager]) assert.equal(service?.read_only, true);
  });

  it('declares each secret that a service uses, and no secret besides', () => {
    const used = Object.values(services)
      .flatMap(({ secrets: list = [] }) => list)
      .map((secret) => (typeof secret === 'string' ? secret : secret.source));
    assert.deepEqual(used.toSorted(), Object.keys(secrets).toSorted());
    for (const [name, { file }] of Object.entries(secrets)) assert.equal(file, `secrets/${name}`);
  });

  it('mounts the secrets to where Alertmanager’s configuration and sipwhy read them', () => {
    const text = readFileSync(join(ROOT, 'alerts/alertmanager.example.yml'), 'utf8');
    const files = [...text.matchAll(/_file: (\S+)/g)].map(([, file]) => file);
    assert.deepEqual(files, ['/etc/alertmanager/pagerduty-routing-key', '/etc/alertmanager/slack-webhook-url']);
    const targets = alertmanager?.secrets?.map((secret) =>
      typeof secret === 'string' ? secret : 'target' in secret && secret.target,
    );
    assert.deepEqual(targets, files);
    for (const [name, value] of Object.entries(sipwhy?.environment ?? {})) {
      if (name.endsWith('_FILE')) assert.equal(value, `/run/secrets/${name.slice(0, -'_FILE'.length).toLowerCase()}`);
    }
  });

  it('has settings that sipwhy accepts', () => {
    const lines = readFileSync(join(FOLDER, 'sipwhy.env'), 'utf8').match(/^[A-Z_]+=.*$/gm) ?? [];
    const fromFile: Record<string, string> = Object.fromEntries(lines.map((line) => line.split('=', 2)));
    const given = Object.entries({ ...imageEnvironment(), ...fromFile, ...sipwhy?.environment });
    // The secret itself stands for its file, which only the operator has.
    const env = Object.fromEntries(
      given.map(([name, value]) => (name.endsWith('_FILE') ? [name.slice(0, -5), 'x'.repeat(40)] : [name, value])),
    );
    const reading = readSettings(env);
    assert.ok(reading.ok, reading.ok ? '' : reading.faults.join('\n'));
    assert.equal(reading.settings.access.host, '0.0.0.0');
    assert.equal(reading.settings.access.metricsListener?.port, 9464);
  });

  it('scrapes the port of the metrics, and sends alerts to Alertmanager', () => {
    const { scrape_configs, rule_files, alerting } = readYaml('prometheus.yml');
    assert.deepEqual(scrape_configs[0].static_configs, [{ targets: ['sipwhy:9464'] }]);
    assert.equal(sipwhy?.environment?.METRICS_LISTEN, '0.0.0.0:9464');
    assert.deepEqual(alerting.alertmanagers[0].static_configs, [{ targets: ['alertmanager:9093'] }]);
    const mounted = prometheus?.volumes.some((mount) => mount.includes(`:/etc/prometheus/${rule_files[0]}:`));
    assert.equal(mounted, true);
    assert.equal(scrape_configs[0].job_name, 'sipwhy');
  });

  it('has Grafana’s data source of the dashboards, with Prometheus’ address in this network', () => {
    const path = 'provisioning/datasources/prometheus.yml';
    const original = parse(readFileSync(join(ROOT, 'dashboards', path), 'utf8'));
    original.datasources[0].url = 'http://prometheus:9090';
    assert.deepEqual(readYaml('datasource.yml'), original);
    assert.ok(grafana?.volumes.includes(`./datasource.yml:/etc/sipwhy/dashboards/${path}:ro`));
    assert.equal(grafana?.environment?.GF_PATHS_PROVISIONING, '/etc/sipwhy/dashboards/provisioning');
  });

  it('gives sipwhy the time to stop', () => {
    assert.equal(sipwhy?.stop_grace_period, '25s');
  });
});

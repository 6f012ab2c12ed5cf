import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { imageEnvironment, ROOT, textsOf, VERSION } from './dockerfile.ts';

const FOLDER = join(ROOT, 'deploy/kubernetes');
const readYaml = (path: string) => parse(readFileSync(join(FOLDER, path), 'utf8'));

const statefulSet = readYaml('standalone/statefulset.yaml');
const service = readYaml('standalone/service.yaml');
const sidecar = readYaml('sidecar/sidecar-container.yaml');
const sidecarService = readYaml('sidecar/sidecar-service.yaml');
const monitor = readYaml('monitoring/servicemonitor.yaml');
const rules = readYaml('monitoring/prometheusrule.yaml');

const alone = statefulSet.spec.template.spec;
const beside = sidecar.spec.template.spec;
const [container] = alone.containers;
const [sidecarContainer] = beside.containers;

/** Whether labels satisfy a selector. */
const isSelected = (labels: Record<string, string>, selector: Record<string, string>) =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);

describe('the Kubernetes resources', () => {
  it('are of the kinds that their API versions have', () => {
    const kinds = [statefulSet, service, sidecar, sidecarService, monitor, rules].map(({ apiVersion, kind }) => [
      apiVersion,
      kind,
    ]);
    assert.deepEqual(kinds, [
      ['apps/v1', 'StatefulSet'],
      ['v1', 'Service'],
      ['apps/v1', 'Deployment'],
      ['v1', 'Service'],
      ['monitoring.coreos.com/v1', 'ServiceMonitor'],
      ['monitoring.coreos.com/v1', 'PrometheusRule'],
    ]);
  });

  it('are each in a kustomization, which names only files that exist', () => {
    const named = new Set<string>();
    for (const folder of readdirSync(FOLDER)) {
      const {
        resources = [],
        configMapGenerator = [],
        patches = [],
        components = [],
      } = readYaml(`${folder}/kustomization.yaml`);
      const files = [
        ...resources,
        ...configMapGenerator.flatMap(({ envs }: { envs: string[] }) => envs),
        ...patches.map(({ path }: { path: string }) => path),
      ];
      for (const file of files) {
        named.add(`${folder}/${file}`);
        assert.ok(existsSync(join(FOLDER, folder, file)), `${folder}/${file}`);
      }
      for (const component of components) assert.ok(existsSync(join(FOLDER, folder, component, 'kustomization.yaml')));
    }
    const all = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter(
      (file) => /\.(yaml|env)$/.test(file) && !file.endsWith('kustomization.yaml'),
    );
    assert.deepEqual([...named].toSorted(), all.toSorted());
  });

  it('use the image of this version', () => {
    for (const folder of ['standalone', 'sidecar']) {
      assert.deepEqual(readYaml(`${folder}/kustomization.yaml`).images, [{ name: 'sipwhy', newTag: VERSION }]);
    }
    for (const { image } of [container, sidecarContainer]) assert.equal(image, 'sipwhy');
  });

  it('select the pods and services that they mean', () => {
    const { labels } = statefulSet.spec.template.metadata;
    assert.ok(isSelected(labels, statefulSet.spec.selector.matchLabels));
    assert.ok(isSelected(labels, service.spec.selector));
    assert.equal(statefulSet.spec.serviceName, service.metadata.name);
    assert.ok(isSelected(sidecar.spec.template.metadata.labels, sidecarService.spec.selector));
    for (const { metadata } of [service, sidecarService]) {
      assert.ok(isSelected(metadata.labels, monitor.spec.selector.matchLabels));
      // Prometheus takes the job from this label; the dashboards and alerts say sipwhy.
      assert.equal(metadata.labels[monitor.spec.jobLabel], 'sipwhy');
    }
    const { target } = readYaml('sidecar/kustomization.yaml').patches[0];
    const [name = '', value = ''] = target.labelSelector.split('=');
    assert.equal(readYaml('example/application.yaml').metadata.labels[name], value);
  });

  it('agree on the ports', () => {
    const { PORT } = imageEnvironment();
    for (const { ports, env } of [container, sidecarContainer]) {
      assert.deepEqual(ports, [
        { name: 'http', containerPort: Number(PORT) },
        { name: 'metrics', containerPort: 9464 },
      ]);
      assert.deepEqual(env, [{ name: 'METRICS_LISTEN', value: '0.0.0.0:9464' }]);
    }
    for (const { spec } of [service, sidecarService]) {
      assert.deepEqual(spec.ports, [
        { name: 'http', port: Number(PORT), targetPort: 'http' },
        { name: 'metrics', port: 9464, targetPort: 'metrics' },
      ]);
    }
    assert.deepEqual(monitor.spec.endpoints, [{ port: 'metrics', path: '/metrics', interval: '15s' }]);
    assert.equal(textsOf('EXPOSE')[0], PORT);
  });

  it('run as the image’s user, without privileges, on a read-only root', () => {
    const user = Number(textsOf('USER')[0]?.split(':')[0]);
    for (const context of [alone.securityContext, sidecarContainer.securityContext]) {
      assert.equal(context.runAsNonRoot, true);
      assert.equal(context.runAsUser, user);
      assert.equal(context.runAsGroup, user);
      assert.deepEqual(context.seccompProfile, { type: 'RuntimeDefault' });
    }
    // The volume must be the user's, or nothing can be stored.
    assert.equal(alone.securityContext.fsGroup, user);
    for (const { securityContext } of [container, sidecarContainer]) {
      assert.equal(securityContext.allowPrivilegeEscalation, false);
      assert.equal(securityContext.readOnlyRootFilesystem, true);
      assert.deepEqual(securityContext.capabilities, { drop: ['ALL'] });
    }
    assert.equal(alone.automountServiceAccountToken, false);
  });

  it('mount volumes that exist, at the folder of the image', () => {
    const claimed = statefulSet.spec.volumeClaimTemplates.map(
      ({ metadata }: { metadata: { name: string } }) => metadata.name,
    );
    for (const [{ volumeMounts }, { volumes }, claims] of [
      [container, alone, claimed],
      [sidecarContainer, beside, []],
    ]) {
      const names = [...claims, ...volumes.map(({ name }: { name: string }) => name)];
      for (const { name } of volumeMounts) assert.ok(names.includes(name), name);
      const paths = volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
      assert.deepEqual(paths, [textsOf('VOLUME')[0], '/tmp']);
    }
  });

  it('probe what sipwhy answers, by a name that it never refuses', () => {
    const probe = (path: string) => ({ path, port: 'http', httpHeaders: [{ name: 'Host', value: 'localhost' }] });
    for (const { livenessProbe } of [container, sidecarContainer]) {
      assert.deepEqual(livenessProbe.httpGet, probe('/healthz'));
    }
    assert.deepEqual(container.readinessProbe.httpGet, probe('/readyz'));
    // The application beside it must not go out of service with it.
    assert.equal(sidecarContainer.readinessProbe, undefined);
  });

  it('give sipwhy the time to stop, and one writer of SQLite', () => {
    for (const { terminationGracePeriodSeconds } of [alone, beside]) assert.ok(terminationGracePeriodSeconds >= 25);
    assert.equal(statefulSet.spec.replicas, 1);
  });

  it('have the alert rules, as Prometheus loads them', () => {
    const { groups } = parse(readFileSync(join(ROOT, 'alerts/sipwhy.rules.yml'), 'utf8'));
    assert.ok(groups.length > 5);
    assert.deepEqual(rules.spec.groups, groups);
  });
});

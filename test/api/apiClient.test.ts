import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { webhooksOf } from '../core/scenario.ts';
import { served } from './served.ts';

const BIN = fileURLToPath(new URL('../../node_modules/.bin/', import.meta.url));
const TOKEN = 'a-token-of-the-api-1234';
const run = promisify(execFile);

/** What a user of the generated client writes. It must compile with all checks. */
const PROGRAM = `import { Api } from './client.ts';
const api = new Api({ baseUrl: process.argv[2], securityWorker: () => ({ headers: { authorization: 'Bearer ${TOKEN}' } }), baseApiParams: { secure: true } });
const { data } = await api.api.listIncidents({ state: 'open' });
for (const incident of data.incidents) {
  const cause: 'dns_failure' | string = incident.cause;
  const calls: number = incident.calls;
  console.log(cause, calls);
}
`;

describe('tools that read the API’s description', () => {
  let api: Awaited<ReturnType<typeof served>>;
  let directory: string;
  let file: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-client-'));
    api = await served({ API_TOKEN: TOKEN });
    await api.make(webhooksOf({ response: [503, 'DNS Error', 20] }));
    file = join(directory, 'openapi.json');
    // Readable without a token.
    await writeFile(join(directory, 'package.json'), '{"type": "module"}');
    await writeFile(file, JSON.stringify((await api.get('/openapi.json')).json()));
  });
  after(async () => {
    await api.close();
    await rm(directory, { recursive: true });
  });

  it('lint it without a warning', async () => {
    await writeFile(join(directory, '.spectral.yaml'), 'extends: ["spectral:oas"]\n');
    const args = ['lint', file, '--fail-severity=hint', '--ruleset', join(directory, '.spectral.yaml')];
    const { stdout } = await run(join(BIN, 'spectral'), args).catch((error) => error);
    assert.match(stdout, /^No results with a severity of 'hint' or higher found!/);
  });

  it('make a client of it that compiles, and lists incidents', async () => {
    const options = ['--path', file, '--output', directory, '--name', 'client.ts', '--silent'];
    await run(join(BIN, 'swagger-typescript-api'), ['generate', ...options]);
    const program = join(directory, 'program.ts');
    await writeFile(program, PROGRAM);
    const checks = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--skipLibCheck',
    ];
    const types = ['--typeRoots', join(BIN, '../@types'), '--types', 'node', '--allowImportingTsExtensions'];
    await run(join(BIN, 'tsc'), [...checks, ...types, program]).catch(({ stdout }) => assert.fail(stdout));
    const origin = await api.service.app.listen();
    // The generated code has enums of TypeScript, which Node removes only if asked to.
    const { stdout } = await run(process.execPath, ['--experimental-transform-types', program, origin]);
    assert.equal(stdout, 'dns_failure 1\n');
  });
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { copyCheckout } from './packing.ts';

describe('bin/sipwhy.js in a checkout', () => {
  let directory: string;
  let checkout: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'sipwhy-fresh-'));
    checkout = join(directory, 'checkout');
    copyCheckout(checkout);
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const say = () => {
    const command = [join(checkout, 'bin/sipwhy.js'), 'replay', '--help'];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, '']);
    return stdout;
  };
  const built = () => join(checkout, 'dist/program/main.js');
  const source = () => join(checkout, 'src/cli/replayCommand.ts');

  it('builds the program, and runs what was built', () => {
    assert.match(say(), /^Usage: sipwhy replay/);
    assert.ok(existsSync(built()));
    writeFileSync(built(), `console.log('what was built');`);
    assert.equal(say(), 'what was built\n');
  });

  it('builds it again once a source is newer', () => {
    const now = new Date(Date.now() + 2_000);
    writeFileSync(source(), readFileSync(source(), 'utf8').replace("new Command('replay')", "new Command('again')"));
    utimesSync(source(), now, now);
    assert.match(say(), /^Usage: sipwhy/);
    const files = readdirSync(dirname(built())).filter((name) => name.endsWith('.js'));
    const all = files.map((name) => readFileSync(join(dirname(built()), name), 'utf8')).join('\n');
    assert.match(all, /new Command\(["']again["']\)/);
  });

  it('runs its sources where it can’t be built, and says why', () => {
    rmSync(join(checkout, 'dist'), { recursive: true });
    // Where the built program would go.
    writeFileSync(join(checkout, 'dist'), '');
    const command = [join(checkout, 'bin/sipwhy.js'), 'causes', '--help'];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    assert.equal(status, 0);
    assert.match(stdout, /^Usage: sipwhy causes/);
    assert.match(stderr, /^The program could not be built: /);
  });
});

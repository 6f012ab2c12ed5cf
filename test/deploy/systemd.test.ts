import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readSettings } from '../../src/settings/settings.ts';
import { ROOT } from './dockerfile.ts';

const lines = readFileSync(join(ROOT, 'deploy/systemd/sipwhy.service'), 'utf8')
  .split('\n')
  .filter((line) => line.includes('=') && !line.startsWith('#'))
  .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
const valuesOf = (name: string) => lines.filter(([key]) => key === name).map(([, value]) => value);

describe('the systemd unit', () => {
  it('starts the installed command, again whenever it ends', () => {
    assert.deepEqual(valuesOf('ExecStart'), ['/usr/local/bin/sipwhy serve']);
    assert.deepEqual(valuesOf('Restart'), ['always']);
    assert.deepEqual(valuesOf('TimeoutStopSec'), ['30s']);
  });

  it('limits the memory of the process as npm start does', () => {
    const given = valuesOf('Environment').flatMap((text) => text.split(' '));
    for (const limit of ['NODE_OPTIONS=--max-semi-space-size=4', 'MALLOC_ARENA_MAX=2'])
      assert.ok(given.includes(limit), limit);
  });

  it('keeps its data in the folder that is its own', () => {
    assert.deepEqual(valuesOf('StateDirectory'), ['sipwhy']);
    assert.deepEqual(valuesOf('WorkingDirectory'), ['/var/lib/sipwhy']);
  });

  it('reads each secret from a credential that it loads', () => {
    const loaded = valuesOf('LoadCredential').map((value) => value.split(':')[0]);
    const given = valuesOf('Environment').flatMap((text) => text.split(' ').map((pair) => pair.split('=', 2)));
    const secrets = given.filter(([name = '']) => name.endsWith('_FILE'));
    assert.deepEqual(
      secrets.map(([, path = '']) => path),
      loaded.map((name) => `%d/${name}`),
    );
    const env = Object.fromEntries(
      given.map(([name = '', value = '']) =>
        name.endsWith('_FILE') ? [name.slice(0, -5), 'x'.repeat(40)] : [name, value],
      ),
    );
    const reading = readSettings({ ...env, LIVEKIT_API_KEY: 'key' });
    assert.ok(reading.ok, reading.ok ? '' : reading.faults.join('\n'));
    assert.equal(reading.settings.databaseUrl, '/var/lib/sipwhy/sipwhy.db');
  });

  it('gives the service nothing but its own folder and the network', () => {
    for (const [name, value] of [
      ['DynamicUser', 'yes'],
      ['ProtectSystem', 'strict'],
      ['ProtectHome', 'yes'],
      ['PrivateTmp', 'yes'],
      ['PrivateDevices', 'yes'],
      ['NoNewPrivileges', 'yes'],
      ['CapabilityBoundingSet', ''],
      ['RestrictNamespaces', 'yes'],
      ['ProtectKernelModules', 'yes'],
    ] as const) {
      assert.deepEqual(valuesOf(name), [value], name);
    }
    assert.deepEqual(valuesOf('SystemCallFilter'), ['@system-service', '~@privileged']);
    // A call that is not allowed fails, and does not end the process.
    assert.deepEqual(valuesOf('SystemCallErrorNumber'), ['EPERM']);
    // V8 compiles while it runs.
    assert.deepEqual(valuesOf('MemoryDenyWriteExecute'), []);
  });
});

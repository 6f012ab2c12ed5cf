import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../durable/serviceProcess.ts';
import { authority } from '../../probe/certificates.ts';
import type { Attack } from '../attack.ts';
import { command } from '../hostileCommand.ts';
import { type HostileFile, hostileFile } from '../hostileFiles.ts';

const CASES = fileURLToPath(new URL('../../recorded/livekit-sip-cases.jsonl.gz', import.meta.url));
/** The arguments before the name of the file. */
const COMMANDS = {
  replay: ['replay'],
  match: ['match'],
  import: ['import'],
  'check --dial': ['check', '--dial'],
  'audit --config': ['audit', '--config'],
  'check --config': ['check', '1', '--config'],
};

/** What is said of a file after its name, whatever the command is. */
const SAYS: Partial<Record<HostileFile, RegExp>> = {
  'brackets that open 200,000 deep': /:1: (the line is )?nested deeper than 64 levels/,
  'an object nested 100,000 deep': /:1: (the line is )?nested deeper than 64 levels/,
  'a configuration whose metadata is nested 20,000 deep': /:1: nested deeper than 64 levels/,
  'eight million tiny values': /:1: (the line is )?larger than 2000000 values/,
  'a line of 100 MB': /:1: the line is longer than 64 MiB|is larger than 64 MiB/,
  'a gzip bomb of one line': /longer than 64 MiB|larger than 64 MiB|unpacks to more than 100 times/,
  'a gzip bomb of blank lines': /unpacks to more than 100 times its size|larger than 64 MiB/,
  'a gzip file cut short': /its gzip data ends early/,
  'gzip in name only': /its gzip data cannot be unpacked/,
  'JSON cut short': /:1: (the line is )?not JSON/,
  'JSON cut short in its third line': /:3: not JSON/,
  'UTF-16': /not text in UTF-8|not JSON/,
  'a directory': /is a directory, not a file/,
  'a link to itself': /symbolic links lead in a circle/,
  'a socket': /is a socket, not a file/,
  'no file': /does not exist/,
};

const TRIED: Readonly<Record<keyof typeof COMMANDS, readonly HostileFile[]>> = {
  replay: [
    'UTF-16',
    'JSON cut short',
    'brackets that open 200,000 deep',
    'an object nested 100,000 deep',
    'eight million tiny values',
    'a line of 100 MB',
    'a gzip bomb of one line',
    'a gzip bomb of blank lines',
    'a gzip file cut short',
    'gzip in name only',
    'a directory',
    'a link to itself',
    'a socket',
    'no file',
  ],
  match: ['an object nested 100,000 deep', 'a line of 100 MB', 'a gzip bomb of blank lines'],
  import: [
    'random bytes',
    'an object nested 100,000 deep',
    'a line of 100 MB',
    'a gzip bomb of one line',
    'a gzip bomb of blank lines',
    'a gzip file cut short',
    'a pipe to which nobody writes',
    'a directory',
    'no file',
  ],
  'check --dial': [
    'an object without keys',
    'JSON cut short in its third line',
    'brackets that open 200,000 deep',
    'a line of 100 MB',
    'a pipe to which nobody writes',
  ],
  'audit --config': [
    'random bytes',
    'an object without keys',
    'UTF-16',
    'JSON cut short in its third line',
    'a configuration whose metadata is nested 20,000 deep',
    'eight million tiny values',
    'a line of 100 MB',
    'a gzip bomb of one line',
    'a pipe to which nobody writes',
    'no file',
  ],
  'check --config': ['an array', 'a configuration whose metadata is nested 20,000 deep', 'a link to itself'],
};

const FAULTS: Partial<Record<HostileFile, number[]>> = {
  'a line of 100 MB': [14],
  'a gzip bomb of one line': [15],
  'a gzip bomb of blank lines': [15],
  'an object nested 100,000 deep': [16],
  'a configuration whose metadata is nested 20,000 deep': [16],
  'a link to itself': [16],
};

const inputs = Object.entries(TRIED).flatMap(([name, files]) =>
  files.map((file): Attack => {
    const faults = FAULTS[file];
    return {
      what: `${name}: ${file}`,
      ...(faults && { faults }),
      async run(ground) {
        const path = hostileFile(file);
        // The cast: TRIED has the keys of COMMANDS.
        const args = [...COMMANDS[name as keyof typeof COMMANDS], path];
        // What a dial verb is checked against is read before it.
        const configuration = join(ground.directory(), 'livekit.json');
        writeFileSync(configuration, '{"inbound_trunks": [], "dispatch_rules": []}');
        const env = { DATABASE_URL: join(ground.directory(), 'sipwhy.db'), LIVEKIT_CONFIG_FILE: configuration };
        const { status, stderr } = await command(args, { env });
        assert.equal(status, 2, stderr);
        assert.ok(stderr.startsWith(`sipwhy: ${path}:`), stderr);
        assert.match(stderr, SAYS[file] ?? /./);
      },
    };
  }),
);

const outputs: readonly Attack[] = [
  ...(['export', 'replay', 'causes'] as const).map(
    (name): Attack => ({
      what: `${name} to a full disk`,
      faults: [16],
      async run(ground) {
        const full = openSync('/dev/full', 'w');
        try {
          const database = join(ground.directory(), 'sipwhy.db');
          writeFileSync(database, '');
          const args = name === 'replay' ? ['replay', CASES] : [name];
          const { status, stderr } = await command(args, { output: full, env: { DATABASE_URL: database } });
          assert.equal(status, 2);
          assert.match(stderr, /^sipwhy: the output cannot be written: ENOSPC/m);
        } finally {
          closeSync(full);
        }
      },
    }),
  ),
  {
    what: 'export to a full disk by its file name',
    async run(ground) {
      const database = join(ground.directory(), 'sipwhy.db');
      writeFileSync(database, '');
      const { status, stderr } = await command(['export', '/dev/full'], { env: { DATABASE_URL: database } });
      assert.equal(status, 2);
      assert.match(stderr, /^sipwhy: \/dev\/full cannot be written: ENOSPC/);
      assert.ok(statSync('/dev/full').isCharacterDevice(), 'the device was replaced by a file');
      assert.ok(!existsSync('/dev/full.part'));
    },
  },
  {
    what: 'export onto a directory',
    async run(ground) {
      const directory = ground.directory();
      const database = join(directory, 'sipwhy.db');
      writeFileSync(database, '');
      const { status, stderr } = await command(['export', directory], { env: { DATABASE_URL: database } });
      assert.equal(status, 2);
      assert.match(stderr, /cannot be written: EISDIR/);
    },
  },
  ...(['replay', 'causes'] as const).map(
    (name): Attack => ({
      what: `${name}: the reader closes the pipe`,
      faults: [16],
      async run() {
        const args = name === 'replay' ? ['replay', CASES] : ['causes', '--json'];
        const { status, stderr } = await command(args, { closesEarly: true });
        assert.deepEqual([status, stderr], [0, '']);
      },
    }),
  ),
];

const stores: readonly Attack[] = (
  [
    ['history', 'a directory', /cannot be opened/],
    ['history', 'random bytes', /is not a SQLite file/],
    ['export', 'a pipe to which nobody writes', /./],
    ['explain', 'random bytes', /is not a SQLite file/],
  ] as const
).map(([name, file, says]) => ({
  what: `${name}: DATABASE_URL is ${file}`,
  async run() {
    const path = hostileFile(file);
    const args = name === 'explain' ? ['explain', 'c1'] : [name];
    const { status, stderr } = await command(args, { env: { DATABASE_URL: path } });
    assert.equal(status, 2);
    assert.match(stderr, /^sipwhy: /);
    assert.match(stderr, says);
  },
}));

const settings: readonly Attack[] = [
  ...(['a gzip bomb of one line', 'an object nested 100,000 deep'] as const).map(
    (file): Attack => ({
      what: `audit: LIVEKIT_CONFIG_FILE is ${file}`,
      async run() {
        const path = hostileFile(file);
        const { status, stderr } = await command(['audit'], { env: { LIVEKIT_CONFIG_FILE: path } });
        assert.equal(status, 2);
        assert.ok(stderr.startsWith(`sipwhy: ${path}:`), stderr);
      },
    }),
  ),
  ...(['a pipe to which nobody writes', 'random bytes', 'no file'] as const).map(
    (file): Attack => ({
      what: `probe: TLS_CA_FILE is ${file}`,
      async run() {
        const { status, stderr } = await command(['probe', 'localhost'], { env: { TLS_CA_FILE: hostileFile(file) } });
        assert.equal(status, 2);
        assert.match(stderr, /^sipwhy: TLS_CA_FILE must be a file of certificates in PEM/);
      },
    }),
  ),
  {
    what: 'probe: TLS_CA_FILE has a broken certificate',
    async run(ground) {
      const path = join(ground.directory(), 'ca.pem');
      writeFileSync(path, authority.cert.replace(/^MII/m, 'AAA'));
      const { status, stderr } = await command(['probe', 'localhost'], { env: { TLS_CA_FILE: path } });
      assert.equal(status, 2);
      assert.match(stderr, /^sipwhy: TLS_CA_FILE must be a file of certificates in PEM/);
    },
  },
  {
    what: 'the service: LIVEKIT_CONFIG_FILE turns into a gzip bomb',
    async run(ground) {
      const file = join(ground.directory(), 'livekit.json');
      writeFileSync(file, '{"inbound_trunks":[{"sip_trunk_id":"ST_kept"}],"dispatch_rules":[]}');
      const service = await ground.ownService({ LIVEKIT_CONFIG_FILE: file, LIVEKIT_REFRESH_SECONDS: '5' });
      writeFileSync(file, readFileSync(hostileFile('a gzip bomb of one line')));
      await until('a reading failed', async () => {
        return (await service.sample('sipwhy_livekit_refreshes_total{result="failed"}')) > 0;
      });
      assert.match((await service.send('/api/v1/trunks')).text, /ST_kept/);
      assert.match(service.log(), /livekit\.json: (is larger than|unpacks to more)/);
    },
  },
];

export const files: readonly Attack[] = [...inputs, ...outputs, ...stores, ...settings];

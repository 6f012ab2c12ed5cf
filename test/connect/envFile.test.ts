import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { EnvFile, settingLine } from '../../src/connect/envFile.ts';
import { settingsFor } from '../../src/connect/envSettings.ts';

describe('a file of settings', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'sipwhy-'));
  });
  after(() => rmSync(directory, { recursive: true }));
  const fileOf = (name: string, text: string) => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };

  const VALUES: [line: string, value: string | undefined][] = [
    ['A=b', 'b'],
    ['export A=b', 'b'],
    ['  A = b  ', 'b'],
    ['A="b c" # d', 'b c'],
    ["A='b#c'", 'b#c'],
    ['A=b # c', 'b'],
    ['A=b#c', 'b#c'],
    ['A=b\r', 'b'],
    ['A=b\nA=c', 'c'],
    ['A=', ''],
    ['#A=b', undefined],
    ['AA=b', undefined],
  ];
  for (const [i, [line, value]] of VALUES.entries()) {
    it(`is read as a shell reads it: ${JSON.stringify(line)}`, async () =>
      assert.equal((await EnvFile.read(fileOf(`value-${i}`, line))).value('A'), value));
  }

  it('keeps the lines that do not change, and replaces the last that sets a variable', async () => {
    const file = await EnvFile.read(fileOf('kept', '# mine\nA=1\n\nexport B=2\nA=3'));
    const settings = [
      { name: 'A', value: '4' },
      { name: 'C', value: '5' },
    ];
    assert.equal(file.with(settings), '# mine\nA=1\n\nexport B=2\nA=4\nC=5\n');
  });

  it('is written so that only its owner reads it, through a link, and leaves nothing else', async () => {
    const target = fileOf('open.env', 'A=1\n');
    chmodSync(target, 0o644);
    const link = join(directory, 'link.env');
    symlinkSync(target, link);
    await (await EnvFile.read(link)).write([{ name: 'B', value: '2' }]);
    assert.equal(readFileSync(target, 'utf8'), 'A=1\nB=2\n');
    assert.equal(statSync(target).mode & 0o777, 0o600);
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.throws(() => lstatSync(`${target}.part`), { code: 'ENOENT' });
  });

  it('must be a file, and may not exist yet', async () => {
    await assert.rejects(EnvFile.read(directory), /--write-env must be a file of at most 1 MiB/);
    assert.equal((await EnvFile.read(join(directory, 'none'))).value('A'), undefined);
    await assert.rejects((await EnvFile.read(join(directory, 'no/folder'))).write([]), /can’t be written: ENOENT/);
  });

  it('quotes what a shell would not read as it is', () => {
    assert.equal(settingLine('A', 'https://app.example.com/a?b=c'), 'A=https://app.example.com/a?b=c');
    assert.equal(settingLine('A', 'https://app.example.com/a?b=c&d=e'), "A='https://app.example.com/a?b=c&d=e'");
    assert.equal(settingLine('A', 'b#c $d'), "A='b#c $d'");
    for (const value of ["it's", 'a\nB=c']) assert.throws(() => settingLine('A', value), /^Error: A has a quote or/);
  });
});

describe('the settings', () => {
  const FOUND = {
    webhookSecret: 'wh_secret_0123456789',
    sbcAddresses: ['192.0.2.10', '192.0.2.11'],
    forwardUrl: undefined,
    livekit: {},
  };
  const of = (found: Partial<Parameters<typeof settingsFor>[0]>, env: Record<string, string> = {}) => {
    const none = { webhookSecret: undefined, sbcAddresses: [], forwardUrl: undefined, livekit: {} };
    return settingsFor({ ...none, ...found }, (name) => env[name]);
  };

  it('are new, with secrets masked in what is shown', () => {
    assert.deepEqual(of(FOUND).settings, [
      {
        name: 'JAMBONZ_WEBHOOK_SECRET',
        value: 'wh_secret_0123456789',
        change: 'added',
        text: 'JAMBONZ_WEBHOOK_SECRET=wh_s… (20 characters)',
      },
      {
        name: 'JAMBONZ_SBC_ADDRESSES',
        value: '192.0.2.10,192.0.2.11',
        change: 'added',
        text: 'JAMBONZ_SBC_ADDRESSES=192.0.2.10,192.0.2.11',
      },
    ]);
  });

  it('keep the secrets of other accounts and the addresses that are there', () => {
    const env = { JAMBONZ_WEBHOOK_SECRET: 'short', JAMBONZ_SBC_ADDRESSES: '198.51.100.1, 192.0.2.11' };
    assert.deepEqual(
      of(FOUND, env).settings.map(({ value, change, text }) => [value, change, text]),
      [
        [
          'short,wh_secret_0123456789',
          'changed',
          'JAMBONZ_WEBHOOK_SECRET=… (5 characters),wh_s… (20 characters) (before: … (5 characters))',
        ],
        [
          '198.51.100.1, 192.0.2.11,192.0.2.10',
          'changed',
          'JAMBONZ_SBC_ADDRESSES=198.51.100.1, 192.0.2.11,192.0.2.10 (before: 198.51.100.1, 192.0.2.11)',
        ],
      ],
    );
  });

  it('stay as they are where nothing is missing', () => {
    const env = {
      JAMBONZ_WEBHOOK_SECRET: 'other, wh_secret_0123456789',
      JAMBONZ_SBC_ADDRESSES: '192.0.2.11,192.0.2.10',
    };
    assert.deepEqual(
      of(FOUND, env).settings.map(({ value, change }) => [value, change]),
      [
        ['other, wh_secret_0123456789', 'same'],
        ['192.0.2.11,192.0.2.10', 'same'],
      ],
    );
  });

  it('are left to a file that holds the secret', () => {
    const { settings, notes } = of(
      { webhookSecret: FOUND.webhookSecret },
      { JAMBONZ_WEBHOOK_SECRET_FILE: '/run/secret' },
    );
    assert.deepEqual(settings, []);
    assert.deepEqual(notes, [
      'JAMBONZ_WEBHOOK_SECRET comes from /run/secret: make sure that it holds wh_s… (20 characters).',
    ]);
  });

  it('never replace LiveKit’s settings in the file by those of this process', () => {
    const livekit = { LIVEKIT_URL: 'wss://a.example.com', LIVEKIT_API_SECRET: 'secret-of-sixteen-and-more' };
    assert.deepEqual(
      of({ livekit }, { LIVEKIT_URL: 'wss://b.example.com' }).settings.map(({ text }) => text),
      ['LIVEKIT_API_SECRET=secr… (26 characters)'],
    );
  });

  it('show the start of a secret only where 16 characters or more leave enough to guess', () => {
    for (const [webhookSecret, text] of [
      ['abcdefghijklmno', 'JAMBONZ_WEBHOOK_SECRET=… (15 characters)'],
      ['abcdefghijklmnop', 'JAMBONZ_WEBHOOK_SECRET=abcd… (16 characters)'],
    ] as const)
      assert.equal(of({ webhookSecret }).settings[0]?.text, text);
  });

  it('show no value of a query of the URL to forward to', () => {
    const { settings } = of({ forwardUrl: 'https://app.example.com/s?token=hunter2' });
    assert.deepEqual(
      settings.map(({ text, value }) => [text, value]),
      [['CALL_STATUS_FORWARD_URL=https://app.example.com/s?…', 'https://app.example.com/s?token=hunter2']],
    );
  });
});

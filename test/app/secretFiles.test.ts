import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { SECRETS } from '../../src/settings/environment.ts';
import { readSettings } from '../../src/settings/settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'sipwhy-secrets-'));
after(() => rmSync(directory, { recursive: true }));

let files = 0;
const fileOf = (content: string | Buffer) => {
  files += 1;
  const path = join(directory, String(files));
  writeFileSync(path, content);
  return path;
};
const faultsOf = (env: Record<string, string>) => {
  const reading = readSettings(env);
  return reading.ok ? [] : reading.faults;
};
const settingsOf = (env: Record<string, string>) => {
  const reading = readSettings(env);
  assert.ok(reading.ok, reading.ok ? '' : reading.faults.join('\n'));
  return reading.settings;
};

/** A value that each secret accepts by itself. */
const VALUES: Record<string, string> = {
  LIVEKIT_API_SECRET: 'livekit-secret',
  JAMBONZ_WEBHOOK_SECRET: 'jambonz-secret',
  JAMBONZ_BASIC_AUTH: 'user:password',
  JAMBONZ_API_KEY: 'an-api-key',
  DIAL_ACTION_FORWARD_URL: 'http://app.example.com/dial?key=value',
  CALL_STATUS_FORWARD_URL: 'http://app.example.com/status?key=value',
  INCIDENT_WEBHOOK_URL: 'http://app.example.com/incidents?key=value',
  INCIDENT_WEBHOOK_SECRET: 'whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtMDE=',
  DATABASE_URL: 'postgres://user:password@db.example.com/sipwhy',
  PRIVACY_HASH_KEY: 'a-key-of-sixteen',
  API_TOKEN: 'api-token',
  METRICS_TOKEN: 'metrics-token',
};
const REST = { LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'livekit-secret', INCIDENT_WEBHOOK_SECRET: 'c2VjcmV0' };

describe('a secret in a file', () => {
  for (const name of SECRETS) {
    it(`is read for ${name}`, () => {
      const { [name]: value = '' } = VALUES;
      const rest: Record<string, string> = { ...REST };
      delete rest[name];
      const fromFile = settingsOf({ ...rest, [`${name}_FILE`]: fileOf(`${value}\n`) });
      assert.deepEqual(fromFile, settingsOf({ ...rest, [name]: value }));
      assert.notDeepEqual(fromFile, settingsOf(name === 'LIVEKIT_API_SECRET' ? {} : rest));
    });
  }

  const tokenIn = (content: string | Buffer) => settingsOf({ API_TOKEN_FILE: fileOf(content) }).access.apiToken;

  it('ends with one newline, which is not part of it, or with none', () => {
    for (const content of ['token', 'token\n', 'token\r\n']) assert.equal(tokenIn(content), 'token');
  });

  it('may have 16 KB', () => {
    assert.equal(tokenIn('x'.repeat(16_384)), 'x'.repeat(16_384));
  });

  it('may be behind a link, as Kubernetes mounts it', () => {
    const link = join(directory, 'link');
    symlinkSync(fileOf('token\n'), link);
    assert.equal(settingsOf({ API_TOKEN_FILE: link }).access.apiToken, 'token');
  });

  it('is not looked for where the variable is empty', () => {
    assert.equal(settingsOf({ API_TOKEN_FILE: '', API_TOKEN: 'token' }).access.apiToken, 'token');
    assert.equal(settingsOf({ API_TOKEN_FILE: fileOf('token'), API_TOKEN: ' ' }).access.apiToken, 'token');
  });

  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const mustBe = 'API_TOKEN_FILE must be a file that holds the value of API_TOKEN: ';
  const BAD: Record<string, [path: string, fault: string]> = {
    'a missing file': [join(directory, 'none'), `${mustBe}it cannot be read (ENOENT); check path and rights`],
    'a directory': [directory, `${mustBe}the path is not that of a file`],
    'a pipe that nobody writes to': [pipe, `${mustBe}the path is not that of a file`],
    'an empty file': [fileOf(''), `${mustBe}it is empty`],
    'a blank line': [fileOf(' \n'), `${mustBe}it is empty`],
    '16 KB and a byte': [fileOf('x'.repeat(16_385)), `${mustBe}it has more than 16384 bytes`],
    'two newlines at the end': [fileOf('hunter2\n\n'), `${mustBe}it must have one line, without control characters`],
    'text in UTF-16': [fileOf(Buffer.from('\ufeffhunter2', 'utf16le')), `${mustBe}it is not text in UTF-8`],
  };
  for (const [what, [path, fault]] of Object.entries(BAD)) {
    it(`is refused: ${what}`, () => {
      assert.deepEqual(faultsOf({ API_TOKEN_FILE: path }), [fault]);
    });
  }

  it('is refused beside the variable itself', () => {
    assert.deepEqual(faultsOf({ API_TOKEN_FILE: fileOf('hunter2'), API_TOKEN: 'hunter2' }), [
      'API_TOKEN and API_TOKEN_FILE are both set: unset one of them',
    ]);
  });

  it('is refused together with the other faults, and without faults that follow from it', () => {
    assert.deepEqual(faultsOf({ LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET_FILE: '/nowhere', PORT: 'http' }), [
      'LIVEKIT_API_SECRET_FILE must be a file that holds the value of LIVEKIT_API_SECRET: it cannot be read (ENOENT); check path and rights',
      'PORT must be 0 to 65535, got "http"',
    ]);
  });

  it('is never repeated in a fault', () => {
    const faults = faultsOf({
      JAMBONZ_BASIC_AUTH_FILE: fileOf('hunter2'),
      DATABASE_URL_FILE: fileOf('mysql://hunter2'),
    });
    assert.equal(faults.length, 2);
    assert.doesNotMatch(faults.join('\n'), /hunter2/);
  });
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Runs commands in a real shell, with an lk and a curl that record their words and answer as the real ones do.

/** The words of one command, its name first. */
export type Words = readonly [name: string, ...words: string[]];

export const ENVIRONMENT = {
  LIVEKIT_URL: 'wss://lab.livekit.cloud/',
  LIVEKIT_API_KEY: 'devkey',
  LIVEKIT_API_SECRET: 'secret-secret-secret-secret-secret-1234',
};

/** The id that LiveKit gives to a new trunk. */
export const MADE = 'ST_made';

const RECORD = String.raw`{ printf '%s\0' "$(basename "$0")" "$@"; printf '\1\0'; } >> "$RECORD"`;
const FAKES = {
  lk: `${RECORD}\nprintf 'SIPTrunkID: ${MADE}\\n'`,
  curl: `${RECORD}\nprintf '{"sip_trunk_id":"${MADE}","name":"Jambonz"}'`,
  // Thousands of tokens would take long; one test makes a real one.
  openssl: 'cat > /dev/null; printf AAAA',
};

/** What each of the scripts ran, in their order. `failing`: lk and curl fail and print nothing. */
export function runEach(
  scripts: readonly string[],
  { shell = 'sh', env = ENVIRONMENT, isReal = false, failing = false } = {},
): Words[][] {
  const folder = mkdtempSync(join(tmpdir(), 'sipwhy-commands-'));
  try {
    for (const [name, script] of Object.entries(FAKES)) {
      if (isReal && name === 'openssl') continue;
      const isFailing = failing && name !== 'openssl';
      writeFileSync(join(folder, name), `#!/bin/sh\n${isFailing ? `${RECORD}\nexit 1` : script}\n`);
      chmodSync(join(folder, name), 0o755);
    }
    scripts.forEach((script, i) => {
      writeFileSync(join(folder, `${i}.sh`), `${script}\n`);
    });
    const loop = `i=0; while [ $i -lt ${scripts.length} ]; do RECORD=$PWD/$i.ran ${shell} $i.sh >/dev/null 2>> errors; i=$((i + 1)); done`;
    const path = `${folder}:${process.env.PATH}`;
    const { status, stderr } = spawnSync('sh', ['-c', loop], { cwd: folder, env: { PATH: path, ...env } });
    assert.equal(status, 0, String(stderr));
    return scripts.map((_, i) => ranIn(join(folder, `${i}.ran`)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What one script ran. */
export function run(script: string, options: Parameters<typeof runEach>[1] = {}): Words[] {
  return runEach([script], options)[0] ?? [];
}

function ranIn(file: string): Words[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  // The cast: each command records at least its name.
  return text
    .split('\u0001\0')
    .slice(0, -1)
    .map((words) => words.split('\0').slice(0, -1)) as unknown as Words[];
}

/** A request that curl was told to send. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly body: Record<string, unknown>;
  readonly headers: readonly string[];
}

/** What curl would send. Fails on a word that it isn't known to take. */
export function sentBy([name, ...words]: Words): Sent {
  assert.equal(name, 'curl');
  const headers: string[] = [];
  const urls: string[] = [];
  let data: string | undefined;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '-H') headers.push(words.shift() ?? '');
    else if (word === '-d') data = words.shift();
    else if (!['-sS', '--fail-with-body'].includes(word)) urls.push(word);
  }
  const [url = '', ...others] = urls;
  assert.deepEqual(others, []);
  return { method: url.split('/').at(-1) ?? '', url, body: JSON.parse(data ?? ''), headers };
}

/** The bodies of the API calls of a fix, its curl command read by a shell. */
export function bodiesOf({ pastes }: { pastes: readonly { tool?: string; text: string }[] }): unknown[] {
  const text = pastes.find(({ tool }) => tool === 'curl')?.text;
  return text === undefined ? [] : run(text).map((words) => sentBy(words).body);
}

/** The lk command of a fix. */
export function lkOf({ pastes }: { pastes: readonly { tool?: string; text: string }[] }): string | undefined {
  return pastes.find(({ tool }) => tool === 'lk')?.text;
}

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freshProgram } from '../../bin/freshProgram.js';
import { PATIENCE_MS } from '../machineSpeed.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';

const MAIN = freshProgram();
const ENVIRONMENT = { ...PLAIN_ENVIRONMENT, TERM: 'xterm' };

function sipwhy(args: readonly string[], env: Record<string, string> = {}) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', env: { ...ENVIRONMENT, ...env } });
}

/** Runs a command on a terminal of its own, with Debian's `script`. */
function onTerminal(command: string, env: Record<string, string> = {}): string {
  const args = ['-qec', command, '/dev/null'];
  return spawnSync('script', args, { encoding: 'utf8', env: { ...ENVIRONMENT, ...env }, timeout: PATIENCE_MS }).stdout;
}

describe('sipwhy completion', () => {
  const complete = (...words: string[]) => {
    const { stdout } = sipwhy(['completion', 'bash']);
    const list = words.map((word) => `'${word}'`).join(' ');
    const script = `${stdout}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _sipwhy; echo "\${COMPREPLY[@]}"`;
    return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim();
  };
  it('completes commands and options in bash', () => {
    assert.equal(complete('sipwhy', 'inc'), 'incidents');
    assert.equal(complete('sipwhy', 'incidents', '--so'), '--sort');
    assert.equal(complete('sipwhy', 'calls', '--si'), '--since');
  });
  it('has every command in zsh and fish', () => {
    const commands: { name: string }[] = JSON.parse(sipwhy(['completion', 'zsh', '--json']).stdout);
    assert.ok(commands.length >= 19);
    const [zsh, fish] = ['zsh', 'fish'].map((shell) => sipwhy(['completion', shell]).stdout);
    for (const { name } of commands) {
      assert.match(zsh ?? '', new RegExp(`^ {4}'${name}:`, 'm'));
      assert.match(fish ?? '', new RegExp(`-a ${name} -d '`));
    }
  });
  it('refuses another shell', () => assert.equal(sipwhy(['completion', 'tcsh']).status, 2));
});

describe('the help of every command', () => {
  it('has an example and --json', () => {
    const commands: { name: string; options: string[] }[] = JSON.parse(sipwhy(['completion', 'zsh', '--json']).stdout);
    for (const { name, options } of commands) {
      assert.match(sipwhy([name, '--help']).stdout, /\nExamples?:\n +(\S.* )?sipwhy /, name);
      assert.ok(options.includes('--json'), name);
    }
  });
});

describe('a long command', () => {
  const cases = fileURLToPath(new URL('../recorded/livekit-sip-cases.jsonl.gz', import.meta.url));
  it('tells its total on a terminal, and to nobody else', () => {
    const command = `'${process.execPath}' '${MAIN}' replay '${cases}' > /dev/null`;
    assert.match(onTerminal(command), /\r210 cases in \d+\.\d s\r?\n$/);
    assert.equal(sipwhy(['replay', cases]).stderr, '');
  });
});

describe('an error', () => {
  it('is one line, and with --json one JSON object', () => {
    const env = { DATABASE_URL: '/nowhere/sipwhy.db' };
    const { status, stderr } = sipwhy(['calls'], env);
    assert.deepEqual([status, stderr.split('\n').length], [2, 2]);
    assert.match(stderr, /^sipwhy: there is no store/);
    const json = sipwhy(['calls', '--json'], env);
    assert.equal(json.status, 2);
    assert.match(JSON.parse(json.stderr).error, /^there is no store/);
  });
});

describe('the log of the service', () => {
  const serve = (more: Record<string, string>) => {
    const directory = mkdtempSync(join(tmpdir(), 'sipwhy-terminal-'));
    // A port that this user may not have ends the service after its first lines.
    const env = { PORT: '0', DATABASE_URL: join(directory, 'sipwhy.db'), HOST: '192.0.2.1', ...more };
    const secret = { JAMBONZ_WEBHOOK_SECRET: 'weak', API_TOKEN: 'weak' };
    try {
      return onTerminal(`'${process.execPath}' '${MAIN}' serve`, { ...env, ...secret });
    } finally {
      rmSync(directory, { recursive: true });
    }
  };
  it('is for people on a terminal', () => {
    const output = serve({ NO_COLOR: '1' });
    assert.match(output, /^\[\d\d:\d\d:\d\d\] WARN: API_TOKEN is weak/m);
    assert.doesNotMatch(output, /"level":/);
    // An error is one line, without its stack.
    assert.match(
      output,
      /FATAL: sipwhy could not start: HOST is not an address of this machine: .*EADDRNOTAVAIL.*\r?\n/,
    );
    assert.doesNotMatch(output, /\n +at /);
    assert.match(serve({ NO_COLOR: '1', LOG_LEVEL: 'debug' }), /\n +at /);
    assert.equal(output.includes('\u001b'), false);
    assert.equal(serve({}).includes('\u001b[33mWARN'), true);
  });
  it('is JSON in a pipe, and on a terminal if asked for', () => {
    assert.match(serve({ LOG_FORMAT: 'json' }), /^\{"level":40/m);
    const env = { DATABASE_URL: '/nowhere/x.db', PORT: '0', API_TOKEN: 'weak' };
    assert.match(sipwhy(['serve'], env).stdout, /^\{"level":40/m);
  });
});

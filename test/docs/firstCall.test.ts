import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { incident } from '../../src/demo/firstIncident.ts';
import { openPage, startBrowser } from '../page/browser.ts';

// Walks the README as a newcomer does: its commands, as they are printed, in an empty directory with a clone.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const FIVE_MINUTES_MS = 300_000;
const CALL = JSON.parse(incident.webhooks[2]?.body ?? '{}').call_sid;
const HEADLINE = 'The dialled host isn’t LiveKit’s SIP host';

/** The commands of a section of the README, without comments. */
function commandsOf(section: string): string[] {
  const text = README.split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block
      .split('\n')
      .map((line) => line.replace(/ +# .*$/, '').trim())
      .filter((line) => line !== ''),
  );
}

/** A folder with nothing but programs that a machine has: npm, and Node of this version. */
function hostWith(node: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  symlinkSync(node, join(folder, 'node'));
  return folder;
}

const OLD = '/usr/bin/node';
const isOld = (node: string) =>
  existsSync(node) && /^v(1\d|2[0-3])\./.test(execFileSync(node, ['--version'], { encoding: 'utf8' }));
const HOSTS = [['Node 24', process.execPath], ...(isOld(OLD) ? ([['an older Node', OLD]] as const) : [])] as const;

const NEWCOMERS = mkdtempSync(join(tmpdir(), 'sipwhy-newcomers-'));
after(() => rmSync(NEWCOMERS, { recursive: true, force: true }));
/**
 * What `npm ci` installed on the first host, and how long that took, which counts on the others too. It takes most of
 * the time of a walk, and installs the same everywhere. CI itself installs with the machine's own Node, which is the older.
 */
const INSTALLED = join(NEWCOMERS, 'node_modules');
let installedInMs = 0;

for (const [name, node] of HOSTS) {
  describe(`the README on a host with ${name}`, { timeout: 2 * FIVE_MINUTES_MS }, () => {
    const directory = mkdtempSync(join(NEWCOMERS, 'host-'));
    const checkout = join(directory, 'sipwhy');
    let began = 0;
    const env = {
      PATH: [hostWith(node, join(directory, 'host')), join(directory, 'global/bin'), '/usr/bin', '/bin'].join(':'),
      HOME: directory,
      PORT: '0',
      npm_config_prefix: join(directory, 'global'),
      npm_config_cache: process.env.npm_config_cache ?? `${process.env.HOME}/.npm`,
      npm_config_prefer_offline: 'true',
      npm_config_update_notifier: 'false',
    };
    let service: ChildProcess | undefined;
    /** Runs a line of the README in a shell. */
    const run = (command: string, more: Record<string, string> = {}) =>
      execFileSync('/bin/sh', ['-c', command], { cwd: checkout, env: { ...env, ...more }, encoding: 'utf8' });

    before(() => {
      began = performance.now();
      // The files as they are here, committed or not.
      const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' });
      mkdirSync(checkout);
      execFileSync('/bin/sh', ['-c', `tar -c -T - | tar -x -C "${checkout}"`], {
        cwd: ROOT,
        input: files
          .split('\n')
          .filter((file) => file !== '' && existsSync(join(ROOT, file)))
          .join('\n'),
      });
    });
    after(async () => {
      // On an old Node, the service is a child of what was started, which passes the signal on.
      const ended = new Promise((resolve) => service?.once('exit', resolve));
      if (service?.kill('SIGTERM')) await ended;
    });

    it('gets to the four faults of the incident with the first commands', () => {
      const commands = commandsOf('See it');
      assert.deepEqual(commands, ['npm ci', 'npm link', 'sipwhy demo']);
      const [install = '', ...others] = commands;
      if (existsSync(INSTALLED)) {
        // Hard links, since it is 600 MB.
        run(`cp -al "${INSTALLED}" .`);
        began -= installedInMs;
      } else {
        run(install);
        installedInMs = performance.now() - began;
        run(`cp -al node_modules "${INSTALLED}"`);
      }
      const outputs = others.map((command) => run(command));
      const printed = /```text\n([\s\S]*?)```/.exec(README)?.[1];
      assert.equal(outputs.at(-1), printed);
    });

    it('explains the incident on the page, within five minutes of the clone', async () => {
      const [serve, ...others] = commandsOf('Run it');
      assert.equal(serve, 'sipwhy serve');
      writeFileSync(join(checkout, 'livekit.json'), JSON.stringify(incident.livekit));
      const more = { LIVEKIT_CONFIG_FILE: 'livekit.json', LIVEKIT_URL: incident.livekit_url ?? '' };
      // With exec, as an interactive shell would pass on Ctrl+C.
      service = spawn('/bin/sh', ['-c', `exec ${serve}`], { cwd: checkout, env: { ...env, ...more } });
      const origin = await listening(service);
      for (const { path, body } of incident.webhooks) {
        const answer = await fetch(origin + path, { method: 'POST', body: body ?? '' });
        assert.ok(answer.ok);
        await setTimeout(100);
      }
      const browser = await startBrowser();
      try {
        const { page } = await openPage(browser, origin);
        await page.goto(`/?call=${CALL}`);
        await page.getByText(HEADLINE).first().waitFor();
      } finally {
        await browser.close();
      }
      const seconds = Math.round((performance.now() - began) / 1000);
      console.log(`from the clone to the explanation on the page, ${name}: ${seconds} s`);
      assert.ok(seconds * 1000 < FIVE_MINUTES_MS);

      const [calls = '', explain = ''] = others;
      assert.match(run(calls, more), /sip_host_wrong/);
      const explained = `${explain.replace(/<call_sid[^>]*>/, CALL)} || [ $? = 1 ]`;
      assert.match(run(explained, more), /the dialled host isn’t LiveKit’s SIP host/);
    });

    it('audits and checks before a call fails', () => {
      const more = { LIVEKIT_CONFIG_FILE: 'livekit.json', LIVEKIT_URL: incident.livekit_url ?? '' };
      const dial = { verb: 'dial', target: [{ type: 'sip', sipUri: 'sip:4991874350352@example.sip.livekit.cloud' }] };
      writeFileSync(join(checkout, 'dial.json'), JSON.stringify(dial));
      const [audit = '', check = '', probe = ''] = commandsOf('Before a call fails');
      assert.match(run(`${audit} || [ $? = 1 ]`, more), /ST_GjeZjGQjrsvC/);
      assert.match(run(`${check} || [ $? = 1 ]`, more), /allowed_numbers/);
      // The host is a placeholder, so the probe says what is wrong with it.
      assert.throws(() => run(probe.replace('<project id>', 'nowhere.invalid#'), more), /probe|target/);
    });
  });
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        output += chunk;
        const found = /listening at (http:[^"]+)"/.exec(output)?.[1];
        if (found) resolve(found);
      });
    }
    child.once('exit', (code) => reject(new Error(`sipwhy ended with ${code}: ${output}`)));
  });
}

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { startLiveKitApi } from '../app/livekit/livekitApi.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';
import { MAIN, runConnect } from './connectProcess.ts';
import {
  ACCOUNT_KEY,
  APPLICATION,
  CALL_HOOK,
  type JambonzState,
  OLD_HOOK,
  OTHER_APPLICATION,
  PROVIDER,
  PROVIDER_KEY,
  someJambonz,
  startJambonzApi,
  WEBHOOK_SECRET,
} from './jambonzApiServer.ts';

const SIPWHY = ['--sipwhy-url', 'https://sipwhy.invalid', '--wait', '0'];
const WANTED = 'https://sipwhy.invalid/jambonz/call-status#rc=5&rp=all';

describe('sipwhy connect', () => {
  let directory: string;
  let state: JambonzState;
  let api: Awaited<ReturnType<typeof startJambonzApi>>;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'sipwhy-'));
  });
  after(() => rmSync(directory, { recursive: true }));
  beforeEach(async () => {
    state = someJambonz();
    api = await startJambonzApi(state);
    rmSync(undoFile(), { force: true });
  });
  afterEach(() => api.close());

  const undoFile = () => join(directory, 'sipwhy.db.connect');
  const run = (args: readonly string[], env: Record<string, string> = {}) =>
    runConnect(args, { JAMBONZ_API_URL: api.url, DATABASE_URL: join(directory, 'sipwhy.db'), ...env });
  const hookOf = (sid = APPLICATION) => {
    const row = state.applications.find(({ application_sid }) => application_sid === sid);
    return state.webhooks.find(({ webhook_sid }) => webhook_sid === row?.call_status_hook_sid);
  };

  it('shows, changes nothing, and says how to go on, without an address of sipwhy', async () => {
    const { status, stdout } = await run([]);
    assert.equal(status, 0);
    assert.match(stdout, /application "Voice agent"/);
    assert.match(stdout, /SBCs: 192\.0\.2\.10\n/);
    assert.match(stdout, /call_status_hook: https:\/\/app\.example\.com\/status \(POST\)\n {2}Give --sipwhy-url/);
    assert.deepEqual(api.changes(), []);
  });

  it('changes nothing where nobody can be asked, and ends with status 2', async () => {
    const file = join(directory, 'nobody.env');
    const { status, stdout, stderr } = await run([...SIPWHY, '--write-env', file]);
    assert.equal(status, 2);
    assert.match(stdout, /^- call_status_hook: https:\/\/app\.example\.com\/status \(POST\)$/m);
    assert.match(
      stdout,
      /^\+ call_status_hook: https:\/\/sipwhy\.invalid\/jambonz\/call-status#rc=5&rp=all \(POST\)$/m,
    );
    assert.match(stderr, /^sipwhy: nothing was changed, because standard input is not a terminal .*; give --yes/);
    assert.deepEqual([api.changes(), existsSync(file), existsSync(undoFile())], [[], false, false]);
  });

  for (const [key, changes] of [
    [ACCOUNT_KEY, [`PUT /v1/Applications/${APPLICATION}`, 'POST /v1/Webhooks', `PUT /v1/Applications/${APPLICATION}`]],
    [PROVIDER_KEY, [`PUT /v1/Applications/${APPLICATION}`]],
  ] as const) {
    it(`sets the hook with ${key}, leaves every other as it is, and puts the old one back`, async () => {
      const untouched = structuredClone(state.webhooks);
      const set = await run([...SIPWHY, '--yes'], { JAMBONZ_API_KEY: key });
      assert.equal(set.status, 0);
      assert.deepEqual([hookOf()?.url, hookOf()?.method], [WANTED, 'POST']);
      assert.deepEqual(api.changes(), changes);
      assert.deepEqual(state.webhooks.slice(0, 2), untouched);
      assert.equal(state.applications[0]?.call_hook_sid, CALL_HOOK);
      assert.equal(statSync(undoFile()).mode & 0o777, 0o600);

      const again = await run([...SIPWHY, '--yes'], { JAMBONZ_API_KEY: key });
      assert.match(again.stdout, /already sipwhy’s/);
      assert.equal(api.changes().length, changes.length);

      const asked = await run(['--undo'], { JAMBONZ_API_KEY: key });
      assert.deepEqual([asked.status, hookOf()?.url], [2, WANTED]);
      const undone = await run(['--undo', '--yes'], { JAMBONZ_API_KEY: key });
      assert.deepEqual([undone.status, state.applications[0]?.call_status_hook_sid], [0, OLD_HOOK]);
      assert.equal(existsSync(undoFile()), false);
      const nothing = await run(['--undo', '--yes'], { JAMBONZ_API_KEY: key });
      assert.equal(nothing.status, 2);
      assert.match(nothing.stderr, /there is nothing to undo/);
    });
  }

  it('removes the hook where there was none, as an undo', async () => {
    for (const row of state.applications) row.call_status_hook_sid = null;
    assert.equal((await run([...SIPWHY, '--yes'])).status, 0);
    assert.equal(hookOf()?.url, WANTED);
    assert.equal((await run(['--undo', '--yes'])).status, 0);
    assert.equal(state.applications[0]?.call_status_hook_sid, null);
  });

  it('undoes nothing where somebody changed the hook since', async () => {
    await run([...SIPWHY, '--yes']);
    const hook = hookOf();
    if (hook) hook.url = 'https://new.example.com/';
    const { status, stderr } = await run(['--undo', '--yes']);
    assert.deepEqual([status, hookOf()?.url], [2, 'https://new.example.com/']);
    assert.match(
      stderr,
      /nothing was changed: the call_status_hook is https:\/\/new\.example\.com\/ \(POST\), not the one/,
    );
  });

  it('puts the hook back in the documented way where Jambonz ignores the other, or says what to set', async () => {
    const env = { JAMBONZ_API_KEY: PROVIDER_KEY };
    const ignoreSids = () => {
      state.instead = ({ method }, response, body) => {
        const isIgnored = method === 'PUT' && body.includes('call_status_hook_sid');
        if (isIgnored) response.writeHead(204).end();
        return isIgnored;
      };
    };
    await run([...SIPWHY, '--yes'], env);
    ignoreSids();
    assert.equal((await run(['--undo', '--yes'], env)).status, 0);
    assert.equal(hookOf()?.url, 'https://app.example.com/status');
    delete state.instead;
    const hook = hookOf();
    if (hook) Object.assign(hook, { username: 'u', password: 'hunter2' });
    await run([...SIPWHY, '--yes'], env);
    ignoreSids();
    const { status, stderr } = await run(['--undo', '--yes'], env);
    assert.deepEqual([status, hookOf()?.url], [2, WANTED]);
    assert.match(stderr, /in the portal to https:\/\/app\.example\.com\/status \(POST\), with its credentials\n$/);
  });

  it('still undoes the change before where a later one was refused', async () => {
    await run([...SIPWHY, '--yes']);
    state.instead = ({ method }, response) => {
      if (method === 'GET') return false;
      response.writeHead(422, { 'content-type': 'application/json' }).end('{"msg":"no"}');
      return true;
    };
    const other = ['--sipwhy-url', 'https://other.invalid', '--wait', '0', '--yes'];
    const refused = await run(other);
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /can’t set the call_status_hook: Jambonz answered 422 "no"/);
    delete state.instead;
    assert.equal((await run(['--undo', '--yes'])).status, 0);
    assert.equal(state.applications[0]?.call_status_hook_sid, OLD_HOOK);
  });

  it('says so where Jambonz accepts the hook and does not save it', async () => {
    state.instead = ({ method }, response) => {
      if (method !== 'PUT') return false;
      response.writeHead(204).end();
      return true;
    };
    const { status, stderr } = await run([...SIPWHY, '--yes']);
    assert.equal(status, 2);
    assert.match(
      stderr,
      /did not save it: the call_status_hook is https:\/\/app\.example\.com\/status \(POST\)\. Set it in the portal/,
    );
    assert.equal(existsSync(undoFile()), false);
  });

  it('writes the settings whole to a file, and prints no secret', async () => {
    const file = join(directory, 'sipwhy.env');
    writeFileSync(file, '# mine\nPORT=9090\n');
    const old = state.webhooks[0];
    if (old) Object.assign(old, { url: 'https://app.example.com/s?token=hunter2', username: 'u', password: 'hunter3' });
    const { status, stdout, all } = await run([...SIPWHY, '--yes', '--write-env', file], {
      JAMBONZ_BASIC_AUTH: 'a:hunter4',
    });
    assert.equal(status, 0);
    assert.equal(
      readFileSync(file, 'utf8'),
      `# mine\nPORT=9090\nJAMBONZ_WEBHOOK_SECRET=${WEBHOOK_SECRET}\nJAMBONZ_SBC_ADDRESSES=192.0.2.10\nCALL_STATUS_FORWARD_URL=https://app.example.com/s?token=hunter2\n`,
    );
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(stdout, /^\+ JAMBONZ_WEBHOOK_SECRET=wh_s… \(26 characters\)$/m);
    assert.match(stdout, /^\+ CALL_STATUS_FORWARD_URL=https:\/\/app\.example\.com\/s\?…$/m);
    assert.deepEqual([hookOf()?.username, hookOf()?.password], ['u', 'hunter3']);
    for (const secret of [WEBHOOK_SECRET, ACCOUNT_KEY, 'hunter']) assert.ok(!all.includes(secret), secret);
    assert.ok(!readFileSync(undoFile(), 'utf8').includes('hunter3'));
    const again = await run([...SIPWHY, '--yes', '--write-env', file]);
    assert.match(again.stdout, /has them already/);
  });

  it('does not take the statuses from a hook to which sipwhy can’t forward, unless it is told to', async () => {
    const old = state.webhooks[0];
    if (old) old.url = 'wss://app.example.com/ws';
    const { status, stderr } = await run([...SIPWHY, '--yes']);
    assert.deepEqual([status, api.changes()], [2, []]);
    assert.match(
      stderr,
      /its owner would get none \(it is a WebSocket, to which sipwhy can’t forward\); give --replace/,
    );
    const replaced = await run([...SIPWHY, '--yes', '--replace']);
    assert.deepEqual([replaced.status, hookOf()?.url], [0, WANTED]);
  });

  it('says that a WebSocket application ignores the hook', async () => {
    const hook = state.webhooks[1];
    if (hook) hook.url = 'wss://app.example.com/call';
    const { stdout } = await run(SIPWHY);
    assert.match(
      stdout,
      /The application’s call_hook is a WebSocket: Jambonz sends the statuses of inbound calls over it/,
    );
  });

  it('lists the applications where there are several, and takes the one that is named', async () => {
    state.applications.push({
      ...someJambonz().applications[0],
      application_sid: OTHER_APPLICATION,
      name: 'Other\u001b[2J',
    } as never);
    const { status, stderr } = await run([...SIPWHY, '--yes']);
    assert.equal(status, 2);
    assert.match(
      stderr,
      new RegExp(
        `choose one with --application:\\n {2}${APPLICATION} {2}Voice agent\\n {2}${OTHER_APPLICATION} {2}Other \\[2J`,
      ),
    );
    assert.deepEqual(api.changes(), []);
    await run([...SIPWHY, '--yes', '--application', OTHER_APPLICATION]);
    assert.deepEqual([hookOf(OTHER_APPLICATION)?.url, hookOf()?.url], [WANTED, 'https://app.example.com/status']);
  });

  it('lists the accounts where there are several', async () => {
    state.accounts.push({ account_sid: PROVIDER, name: 'B', service_provider_sid: PROVIDER, webhook_secret: null });
    const { status, stderr } = await run([]);
    assert.equal(status, 2);
    assert.match(stderr, /the API key sees several accounts; choose one with --account:\n.* {2}Acme\n.* {2}B/);
    assert.match((await run(['--account', PROVIDER])).stderr, /has no application; make one/);
    assert.match(
      (await run(['--account', PROVIDER, '--application', APPLICATION])).stderr,
      /belongs to the account 1111/,
    );
  });

  it('takes the SBCs of the account’s own provider', async () => {
    const [sbc] = state.sbcs;
    state.sbcs.push({ ...sbc, ipv4: '198.51.100.7', service_provider_sid: PROVIDER } as never);
    for (const JAMBONZ_API_KEY of [ACCOUNT_KEY, PROVIDER_KEY])
      assert.match((await run([], { JAMBONZ_API_KEY })).stdout, /JAMBONZ_SBC_ADDRESSES=198\.51\.100\.7\n/);
  });

  it('says what to do where the account has no secret and no address', async () => {
    for (const account of state.accounts) account.webhook_secret = null;
    for (const sbc of state.sbcs) sbc.ipv4 = 'sbc.example.com';
    const { status, stdout } = await run([]);
    assert.equal(status, 0);
    assert.match(stdout, /webhook secret: none/);
    assert.match(stdout, /Jambonz lists an SBC that is no IP address, "sbc\.example\.com": set its address by hand/);
    assert.match(stdout, /make a webhook secret for the account in the portal/);
  });

  it('prints JSON alone on standard output', async () => {
    const { status, stdout, stderr } = await run([...SIPWHY, '--yes', '--json']);
    assert.deepEqual([status, stderr], [0, '']);
    const json = JSON.parse(stdout);
    assert.deepEqual(json.call_status_hook, {
      before: 'https://app.example.com/status (POST)',
      wanted: WANTED,
      forwarded_to: 'https://app.example.com/status',
    });
    assert.deepEqual(
      [json.hook, json.first_webhook, json.webhook_secret, json.undo_file, json.livekit.state],
      ['changed', 'not_awaited', 'wh_s… (26 characters)', undoFile(), 'unset'],
    );
    assert.ok(!stdout.includes(WEBHOOK_SECRET));
    const undone = JSON.parse((await run(['--undo', '--yes', '--json'])).stdout);
    assert.equal(undone.hook, 'changed');
  });

  it('asks on a terminal, and takes only a yes', async () => {
    const onTerminal = async (answer: string) => {
      const command = `${process.execPath} ${MAIN} connect ${SIPWHY.join(' ')}`;
      const child = spawn('script', ['-qec', command, '/dev/null'], {
        env: {
          ...PLAIN_ENVIRONMENT,
          JAMBONZ_API_KEY: ACCOUNT_KEY,
          JAMBONZ_API_URL: api.url,
          DATABASE_URL: join(directory, 'sipwhy.db'),
        },
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      let output = '';
      child.stdout.on('data', (chunk) => {
        if (!output.includes('[y/N]') && `${output}${chunk}`.includes('[y/N]')) child.stdin.write(answer);
        output += chunk;
      });
      return new Promise<[number | null, string]>((resolve) =>
        child.once('close', (status) => resolve([status, output])),
      );
    };
    const [declined, output] = await onTerminal('\n');
    assert.equal(declined, 1);
    assert.match(output, /The call_status_hook was not changed/);
    assert.deepEqual(api.changes(), []);
    assert.equal((await onTerminal('y\n'))[0], 0);
    assert.equal(hookOf()?.url, WANTED);
  });

  describe('tests LiveKit’s key', () => {
    const livekit = (url: string) => ({
      LIVEKIT_URL: url,
      LIVEKIT_API_KEY: 'devkey',
      LIVEKIT_API_SECRET: 'a-secret-of-livekit',
    });
    it('and lists the trunks', async () => {
      const trunk = { sip_trunk_id: 'ST_a', name: 'Inbound', numbers: ['+15551234567'], auth_password: 'hunter5' };
      const rule = { sip_dispatch_rule_id: 'SDR_a', rule: { dispatchRuleIndividual: { roomPrefix: 'call-' } } };
      const fake = await startLiveKitApi({ inbound_trunks: [trunk], dispatch_rules: [rule], state: 'up' });
      const file = join(directory, 'livekit.env');
      const { status, stdout, all } = await run([...SIPWHY, '--yes', '--write-env', file], livekit(fake.url));
      await fake.close();
      assert.equal(status, 0);
      assert.match(
        stdout,
        /LiveKit: the key is accepted\. Inbound trunks: 1, dispatch rules: 1\.\n {2}ST_a "Inbound": \+15551234567\n/,
      );
      assert.match(readFileSync(file, 'utf8'), /^LIVEKIT_API_SECRET=a-secret-of-livekit$/m);
      for (const secret of ['a-secret-of-livekit', 'hunter5']) assert.ok(!all.includes(secret));
    });
    it('and ends with status 1 where it can’t be used', async () => {
      const fake = await startLiveKitApi({ inbound_trunks: [], dispatch_rules: [], state: 'down' });
      const { status, stdout } = await run([...SIPWHY, '--yes'], livekit(fake.url));
      await fake.close();
      assert.equal(status, 1);
      assert.match(stdout, /^LiveKit: LiveKit answered 503 to ListSIP/m);
      assert.equal(hookOf()?.url, WANTED);
    });
  });
});

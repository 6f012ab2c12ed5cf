import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freshProgram } from '../../bin/freshProgram.js';
import { recorded, startOf, startService } from '../app/service.ts';
import { bodiesOf } from '../core/fixes/runCommands.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';

const MAIN = freshProgram();
const TOKEN = 'a-token-of-the-api-1234';

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command. The service that it asks is in this process, so it must not block. */
function sipwhy(args: readonly string[], env: Record<string, string>): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { ...PLAIN_ENVIRONMENT, ...env }, encoding: 'utf8' },
      (_, stdout, stderr) => resolve({ status: child.exitCode, stdout, stderr }),
    );
  });
}

/** A service that received the webhooks of one recorded call, and what commands need to ask it or its store. */
async function serviceAfter(id: string) {
  const recordedCase = recorded(id);
  const directory = await mkdtemp(join(tmpdir(), 'sipwhy-fix-'));
  const config = join(directory, 'livekit.json');
  const configure = (livekit: unknown) => writeFileSync(config, JSON.stringify(livekit));
  configure(recordedCase.livekit);
  const env = { DATABASE_URL: join(directory, 'store.db'), LIVEKIT_CONFIG_FILE: config };
  const service = await startService({ ...env, API_TOKEN: TOKEN, PORT: '0' }, startOf(recordedCase));
  await service.post(recordedCase.webhooks, startOf(recordedCase));
  await service.pass(70_000);
  const origin = await service.app.listen();
  const { stdout } = await sipwhy(['incidents', '--json'], env);
  return {
    // The cast: a recorded call has LiveKit's own JSON.
    livekit: recordedCase.livekit as { inbound_trunks: Fields[]; dispatch_rules: Fields[] },
    callSid: JSON.parse(recordedCase.webhooks[0]?.body ?? '').call_sid as string,
    incident: JSON.parse(stdout).incidents[0]?.id as string,
    config,
    configure,
    fix: (...args: string[]) => sipwhy(['fix', ...args], env),
    ask: (...args: string[]) => sipwhy(['fix', ...args, '--server', origin], { API_TOKEN: TOKEN }),
    /** Lets the service read the configuration again. */
    refresh: async () => {
      await service.app.refresh();
      await service.app.settle();
    },
    end: async () => {
      await service.app.close();
      await rm(directory, { recursive: true });
    },
  };
}

type Fields = Record<string, unknown>;
type Service = Awaited<ReturnType<typeof serviceAfter>>;

describe('sipwhy fix of a caller who is not allowed', () => {
  let service: Service;
  before(async () => {
    service = await serviceAfter('caller_not_allowed-101-0');
  });
  after(() => service.end());

  const WANTED = { sip_trunk_id: 'ST_nJXiMowJ7FZC', update: { allowed_numbers: { add: ['14030957704'] } } };

  for (const [what, run] of [
    ['the incident in the store', () => service.fix(service.incident)],
    ['the call in the store', () => service.fix(service.callSid)],
    ['the incident of a running service', () => service.ask(service.incident)],
    ['the call of a running service', () => service.ask(service.callSid)],
  ] as const) {
    it(`says of ${what} what to do, and ends with the command`, async () => {
      const { status, stdout, stderr } = await run();
      assert.deepEqual([status, stderr], [0, '']);
      const [says = '', command = ''] = stdout.split('\ncurl:\n\n');
      assert.match(
        says,
        /^caller_not_allowed on trunk ST_nJXiMowJ7FZC.*: the caller isn’t in the trunk’s allowed_numbers\.\nOwner: LiveKit config\.\nFix \(proven\): Add 14030957704 to allowed_numbers of ST_nJXiMowJ7FZC/,
      );
      assert.match(says, /^Side effects: of the last 1 calls, 1 more would get in, /m);
      assert.match(says, /^For LiveKit’s configuration as it is now\.$/m);
      assert.deepEqual(bodiesOf({ pastes: [{ tool: 'curl', text: command }] }), [WANTED]);
    });
  }

  it('prints JSON', async () => {
    const { status, stdout } = await service.fix(service.incident, '--json');
    const { incident, cause, trunk, basis, fix, command } = JSON.parse(stdout);
    assert.deepEqual(
      [status, incident, cause, trunk, basis, fix.proof, command.tool],
      [
        0,
        { id: service.incident, state: 'open', closed_text: null },
        'caller_not_allowed',
        'ST_nJXiMowJ7FZC',
        'now',
        'connects',
        'curl',
      ],
    );
    const change = { kind: 'trunk', sip_trunk_id: 'ST_nJXiMowJ7FZC', field: 'allowed_numbers', add: ['14030957704'] };
    assert.deepEqual(fix.change, change);
    const asJson = await service.fix(service.callSid, '--format', 'json', '--json');
    assert.deepEqual(JSON.parse(JSON.parse(asJson.stdout).command.text), {
      method: 'UpdateSIPInboundTrunk',
      body: WANTED,
    });
  });

  it('ends with 1 where lk can’t do it, with 2 for an unknown form', async () => {
    const lk = await service.fix(service.callSid, '--format', 'lk');
    assert.equal(lk.status, 1);
    assert.match(lk.stderr, /^sipwhy: no fix has a form for --format lk/);
    assert.equal((await service.fix(service.callSid, '--format', 'xml')).status, 2);
    assert.equal((await service.fix()).status, 2);
  });

  it('ends with 1 for an id that is not there', async () => {
    const { status, stdout, stderr } = await service.ask('no-such-id');
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^sipwhy: no incident has the id no-such-id, and no webhook for such a call_sid was received/);
  });

  it('says that it is for the time of the call where the configuration is not known now', async () => {
    rmSync(service.config);
    const { status, stdout } = await service.fix(service.incident);
    service.configure(service.livekit);
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^For LiveKit’s configuration at the time of the call, 20\S+Z\. It may have changed since\.$/m,
    );
  });

  it('has nothing more to do once the caller is allowed', async () => {
    const open = (trunk: Fields) => ({ ...trunk, allowed_numbers: [] });
    service.configure({ ...service.livekit, inbound_trunks: service.livekit.inbound_trunks.map(open) });
    const { status, stdout } = await service.fix(service.incident);
    assert.equal(status, 1);
    assert.match(stdout, /^LiveKit’s current configuration no longer has this cause: there is nothing to change\.$/m);
    assert.doesNotMatch(stdout, /curl/);
    await service.refresh();
    const closed = await service.ask(service.incident);
    assert.equal(closed.status, 1);
    assert.match(
      closed.stdout,
      /^20\S+Z: Closed: under the current configuration, none of these calls has this cause any more\.\n\ncaller_not_allowed/,
    );
  });
});

describe('sipwhy fix of a rule of another trunk', () => {
  let service: Service;
  before(async () => {
    service = await serviceAfter('dispatch_other_trunk-101-0');
  });
  after(() => service.end());

  it('sets the trunks that the rule has now, not those of the time of the call', async () => {
    const before = await service.fix(service.incident, '--format', 'lk');
    assert.match(
      before.stdout,
      /\nlk:\n\nlk sip dispatch update --id SDR_N8RgYmrhzRsZ --trunks ST_hiSZFwoACXHf --trunks ST_CmCkFoJkiTYU\n$/,
    );
    const [rule] = service.livekit.dispatch_rules;
    const other = { ...service.livekit.inbound_trunks[0], sip_trunk_id: 'ST_later', numbers: ['+15550142'] };
    service.configure({
      inbound_trunks: [...service.livekit.inbound_trunks, other],
      dispatch_rules: [{ ...rule, trunk_ids: ['ST_later'] }],
    });
    const { stdout } = await service.fix(service.incident, '--format', 'lk');
    assert.match(
      stdout,
      /\nlk:\n\nlk sip dispatch update --id SDR_N8RgYmrhzRsZ --trunks ST_hiSZFwoACXHf --trunks ST_later\n$/,
    );
  });
});

describe('sipwhy fix of two trunks that match', () => {
  let service: Service;
  before(async () => {
    service = await serviceAfter('trunk_conflict_specific-101-0');
  });
  after(() => service.end());

  it('shows a deletion as another fix, after a command that a person has to fill in', async () => {
    const { status, stdout } = await service.fix(service.incident);
    assert.equal(status, 0);
    assert.match(stdout, /^Fix: Give ST_\w+ .* that don’t overlap\.$/m);
    // A person fills in the addresses; the command says so, and comes before the deletion.
    assert.match(stdout, /\ncurl \(fill in each <…> first\):\n\ncurl .*UpdateSIPInboundTrunk/);
    assert.match(stdout, /<an address from which calls for ST_9Cow22Wq8YK6 come>/);
    assert.match(stdout, /<an address from which calls for ST_SRJiqynko4t2 come>/);
    assert.match(stdout, /\n\nAnother fix \(proven\): Last resort, because it can’t be undone: delete ST_9Cow22Wq8YK6/);
    const proven = stdout.indexOf('\nproven: ');
    assert.ok(
      proven > stdout.indexOf('\nAnother fix (proven)'),
      'what it means stands below the fix that it is true of',
    );
    assert.match(stdout, /\nlk:\n\nlk sip inbound delete ST_9Cow22Wq8YK6\n$/);
    const curl = await service.fix(service.incident, '--format', 'curl');
    assert.equal(curl.status, 0);
    assert.match(curl.stdout, /DeleteSIPTrunk/);
    const { command } = JSON.parse((await service.fix(service.incident, '--json')).stdout);
    assert.equal(command.label, 'curl (fill in each <…> first)');
  });
});

describe('sipwhy fix of credentials that are missing', () => {
  let service: Service;
  before(async () => {
    service = await serviceAfter('auth_missing-101-0');
  });
  after(() => service.end());

  it('prints the dial verb for the application', async () => {
    const { status, stdout } = await service.fix(service.callSid, '--format', 'json');
    assert.equal(status, 0);
    const [says = '', verb = ''] = stdout.split('\nDial verb (fill in each <…> first):\n\n');
    assert.match(says, /^Owner: application\.$/m);
    assert.deepEqual(JSON.parse(verb).target, [
      {
        type: 'sip',
        sipUri: 'sip:4938866205910@lab.sip.livekit.cloud',
        auth: { username: 'user90', password: '<the password of the trunk>' },
      },
    ]);
  });
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freshProgram } from '../../bin/freshProgram.js';
import { type LiveKitConfiguration, startLiveKitApi } from '../app/livekit/livekitApi.ts';
import { servedConfiguration } from '../app/livekit/livekitWrites.ts';
import { recorded, startOf, startService } from '../app/service.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';

const MAIN = freshProgram();
const BARRED = recorded('caller_not_allowed-101-0');
const NUMBER = '14030957704';
const TOKEN = 'a-token-of-the-api-1234';

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the commands that change LiveKit, as processes beside a running service', () => {
  let configuration: LiveKitConfiguration;
  let api: Awaited<ReturnType<typeof startLiveKitApi>>;
  let service: Awaited<ReturnType<typeof startService>>;
  let directory: string;
  let origin: string;
  let env: Record<string, string>;
  let incident: string;

  function sipwhy(args: readonly string[], more: Record<string, string> = {}): Promise<Ended> {
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [MAIN, ...args],
        { env: { ...PLAIN_ENVIRONMENT, USER: 'ada', ...env, ...more }, encoding: 'utf8' },
        (_, stdout, stderr) => resolve({ status: child.exitCode, stdout, stderr }),
      );
    });
  }

  const served = () => JSON.stringify(configuration.inbound_trunks.map((one) => ({ ...one, updated_at: null })));

  before(async () => {
    const secret = { auth_username: '', headers: { 'X-Key': 'k-secret' }, metadata: 'm-secret' };
    const livekit = {
      ...BARRED.livekit,
      inbound_trunks: BARRED.livekit.inbound_trunks.map((one) => ({ ...one, ...secret })),
    };
    configuration = { ...servedConfiguration(livekit), state: 'up' };
    api = await startLiveKitApi(configuration);
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-apply-'));
    env = {
      DATABASE_URL: join(directory, 'store.db'),
      LIVEKIT_URL: api.url,
      LIVEKIT_API_KEY: 'devkey',
      LIVEKIT_API_SECRET: 'secret-secret-secret-secret-secret-1234',
      JAMBONZ_SBC_ADDRESSES: BARRED.invite.source_ip,
    };
    service = await startService({ ...env, API_TOKEN: TOKEN, PORT: '0' }, startOf(BARRED));
    await service.post(BARRED.webhooks, startOf(BARRED));
    await service.pass(70_000);
    origin = await service.app.listen();
    incident = JSON.parse((await sipwhy(['incidents', '--json'])).stdout).incidents[0].id;
  });
  after(async () => {
    await service.app.close();
    await api.close();
    await rm(directory, { recursive: true });
  });

  it('fix shows the difference without a terminal, and changes nothing', async () => {
    const before = served();
    const { status, stdout, stderr } = await sipwhy(['fix', incident]);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, new RegExp(`\\n\\+ allowed_numbers: \\[.*, ${NUMBER}\\]\\n`));
    assert.match(stdout, /\nNothing was changed\. Apply it in a terminal, or with --yes\.\n$/);
    assert.equal(served(), before);
  });

  it('fix prints it for settings that are kept elsewhere', async () => {
    const json = await sipwhy(['fix', incident, '--format', 'json']);
    assert.equal(json.status, 0);
    assert.deepEqual(JSON.parse(json.stdout.split('\nAPI call:\n\n')[1] ?? ''), {
      method: 'UpdateSIPInboundTrunk',
      body: { sip_trunk_id: 'ST_nJXiMowJ7FZC', update: { allowed_numbers: { add: [NUMBER] } } },
    });
    const terraform = await sipwhy(['fix', incident, '--format', 'terraform', '--yes']);
    assert.equal(terraform.status, 0);
    assert.match(
      terraform.stdout,
      /\nTerraform:\n\n# No Terraform provider has [\s\S]*\nresource "terraform_data" "sipwhy_/,
    );
    assert.doesNotMatch(served(), new RegExp(NUMBER), '--format applies nothing');
  });

  it('fix applies it with the store or a running service, history tells it, and undo takes it back', async () => {
    const before = served();
    const applied = await sipwhy(
      ['fix', incident, '--server', origin, '--yes', '--why', 'new carrier', '--by', 'grace'],
      {
        API_TOKEN: TOKEN,
      },
    );
    assert.deepEqual([applied.status, applied.stderr], [0, '']);
    assert.match(applied.stdout, /\nThe call would connect now\.\n$/);
    assert.match(served(), new RegExp(NUMBER));
    await service.app.refresh();
    await service.app.settle();

    const history = await sipwhy(['history']);
    assert.equal(history.status, 0);
    const [version = '', change = ''] = history.stdout.split('\n\n');
    assert.match(
      `${version}\n${change}`,
      /Applied change [\w-]+, 20\S+Z, by grace\n {2}for caller_not_allowed \([\w-]+\): new carrier\n {2}- Inbound trunk ST_nJXiMowJ7FZC "trunk-3300", allowed_numbers: added 14030957704/,
    );
    const answer = await fetch(`${origin}/api/v1/trunks/history`, { headers: { authorization: `Bearer ${TOKEN}` } });
    const listed = JSON.parse(await answer.text());
    assert.equal(listed.versions.length, 2);
    const [record] = listed.applied;
    assert.deepEqual(
      [record.by, record.why, record.subject, record.cause, record.undone_at],
      ['grace', 'new carrier', incident, 'caller_not_allowed', null],
    );

    const again = await sipwhy(['fix', incident, '--yes']);
    assert.equal(again.status, 1, 'there is nothing more to apply');
    const undone = await sipwhy(['fix', '--undo', record.id, '--yes', '--json']);
    assert.deepEqual([undone.status, undone.stderr], [0, '']);
    assert.equal(JSON.parse(undone.stdout).undone, true);
    assert.equal(served(), before);
    assert.match((await sipwhy(['history'])).stdout, /\n {2}undone 20\S+Z by ada\n/);
    for (const text of [applied.stdout, history.stdout, undone.stdout]) assert.doesNotMatch(text, /secret/);
  });

  it('leaves no secret of LiveKit in the store', async () => {
    const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
    assert.ok(files.length > 0);
    for (const { parentPath, name } of files)
      assert.doesNotMatch(readFileSync(join(parentPath, name), 'latin1'), /k-secret|m-secret/, name);
  });

  it('exports the applied changes, and forgets a number in them', async () => {
    const exported = await sipwhy(['export']);
    const rows = exported.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const applied = rows.filter(({ table }) => table === 'applied_changes');
    assert.equal(applied.length, 1);
    assert.doesNotMatch(JSON.stringify(applied), new RegExp(NUMBER), 'masked');
    const forgotten = await sipwhy(['forget', NUMBER, '--dry-run', '--json']);
    assert.equal(JSON.parse(forgotten.stdout).rows.applied_changes, 1);
  });

  it('audit --fix shows its fixes, and applies none without a terminal', async () => {
    const { status, stdout } = await sipwhy(['audit', '--fix']);
    assert.ok(status === 0 || status === 1);
    assert.match(stdout, /^(Findings with a fix that can be applied:\n {2}1\. |No finding has a fix)/);
  });

  for (const args of [
    ['fix'],
    ['fix', 'x', '--choose', '0'],
    ['fix', 'x', '--wait', 'long'],
    ['fix', 'x', '--wait', '3601s'],
    ['fix', 'x', '--undo', 'y'],
    ['audit', '--fix', '--config', 'x.json'],
    ['audit', '--yes'],
  ]) {
    it(`is wrong use: ${args.join(' ')}`, async () => {
      const { status, stdout } = await sipwhy(args);
      assert.deepEqual([status, stdout], [2, '']);
    });
  }
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { freshProgram } from '../../../bin/freshProgram.js';
import { READING_LIMITS } from '../../../src/livekit/apiReading.ts';
import { Directory } from '../../../src/livekit/directory.ts';
import { apiSource } from '../../../src/livekit/source.ts';
import { A_LEG, B_LEG, type Dial, rule, SBC, trunk, webhooksOf } from '../../core/scenario.ts';
import { PLAIN_ENVIRONMENT } from '../../plainEnvironment.ts';
import { startService } from '../service.ts';
import { type LiveKitConfiguration, startLiveKitApi } from './livekitApi.ts';

const MAIN = freshProgram();
const BEGAN = 1_795_387_200_000;
const OTHER = '198.51.100.7';
const CHANGED = `allowed_addresses of ST_1 changed from [${SBC}] to [${OTHER}]`;

const CONNECTS: Dial = { ringing: [100], response: [200, 'OK', 1_000] };
/** As LiveKit drops a call that it matches with nothing. */
const DROPPED: Dial = { ringing: [100], callerHungUpAt: 10_000 };

type Service = Awaited<ReturnType<typeof startService>>;

describe('configuration through time', () => {
  let configuration: LiveKitConfiguration;
  let api: Awaited<ReturnType<typeof startLiveKitApi>>;
  let directory: string;
  let env: Record<string, string>;
  let service: Service;

  const pinned = { dispatch_rule_individual: { room_prefix: 'call-', pin: '471100' } };
  const other = trunk({
    sip_trunk_id: 'ST_2',
    numbers: ['+15550999'],
    auth_username: 'u',
    auth_password: 'pw-in-clear',
  });

  beforeEach(async () => {
    configuration = {
      inbound_trunks: [trunk({ allowed_addresses: [SBC] }), other],
      dispatch_rules: [rule(), rule({ sip_dispatch_rule_id: 'SDR_2', rule: pinned, trunk_ids: ['ST_2'] })],
      state: 'up',
    };
    api = await startLiveKitApi(configuration);
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    env = {
      DATABASE_URL: join(directory, 'store.db'),
      LIVEKIT_URL: api.url,
      LIVEKIT_API_KEY: 'key',
      LIVEKIT_API_SECRET: 'secret',
      LIVEKIT_SIP_HOST: 'lab.sip.livekit.cloud',
      JAMBONZ_SBC_ADDRESSES: SBC,
    };
    service = await startService(env, BEGAN);
  });
  afterEach(async () => {
    await service.app.close();
    await api.close();
    await rm(directory, { recursive: true });
  });

  /** Another configuration in LiveKit, read at so many seconds. */
  async function change(atSeconds: number, trunkFields: object): Promise<void> {
    configuration.inbound_trunks = [trunk({ allowed_addresses: [SBC], ...trunkFields }), other];
    await service.pass(BEGAN + atSeconds * 1000 - service.clock.now);
    await service.app.refresh();
  }

  /** The webhooks of a call that begins at so many seconds, which arrive. */
  async function call(id: string, atSeconds: number, dial: Dial): Promise<void> {
    const webhooks = webhooksOf(dial).map(({ path, body = '', at_ms }) => ({
      method: 'POST' as const,
      path,
      headers: { 'content-type': 'application/json' },
      body: body.replaceAll(A_LEG, `a-${id}`).replaceAll(B_LEG, `b-${id}`).replaceAll('@192', `-${id}@192`),
      at_ms,
    }));
    for (const code of await service.post(webhooks, BEGAN + atSeconds * 1000)) assert.ok(code < 300);
    await service.pass(3_000);
    // A failure has the configuration read: real I/O on loopback, to be over before anything else is changed.
    await service.app.refresh();
  }

  async function explained(id: string) {
    const { attempts } = (await service.app.http.inject(`/api/v1/calls/b-${id}`)).json();
    return attempts[0];
  }

  it('is named by the explanations of the failures that follow a change', async () => {
    await call('fine', 0, CONNECTS);
    await change(60, { allowed_addresses: [OTHER] });
    await call('first', 100, DROPPED);
    await call('second', 160, DROPPED);

    assert.equal((await explained('fine')).outcome, 'connected');
    const first = await explained('first');
    assert.equal(first.cause, 'source_address_not_allowed');
    assert.equal(
      first.change.text,
      `The first failure came 40 s after ${CHANGED}. Under the configuration before that, LiveKit’s matching admits this call.`,
    );
    assert.equal(first.change.seconds_before, 40);
    assert.deepEqual(first.change.changes, [CHANGED]);
    assert.equal(first.change.broke_the_call, true);
    assert.deepEqual(
      first.evidence.find(({ name }: { name: string }) => name === 'change'),
      {
        cause: 'source_address_not_allowed',
        name: 'change',
        value: `${CHANGED}, 40 s before this call`,
        source: 'match',
      },
    );
    const second = await explained('second');
    assert.match(
      second.change.text,
      /^The first failure came 40 s after allowed_addresses .*; this call came 100 s after/,
    );
    const { stdout } = sipwhy(['explain', 'b-first'], env);
    assert.match(stdout, /The first failure came 40 s after allowed_addresses of ST_1 changed from \[192/);
  });

  it('is not named where the change concerns something else, or came long before', async () => {
    await change(60, { allowed_addresses: [OTHER] });
    await change(4_000, { allowed_addresses: [OTHER], ringing_timeout: '20s', name: 'another' });
    await call('late', 4_040, DROPPED);
    const late = await explained('late');
    assert.equal(late.cause, 'source_address_not_allowed');
    assert.equal(late.change, undefined);
  });

  it('says nothing of a first failure where calls failed before the change as well', async () => {
    await change(10, { allowed_addresses: [OTHER] });
    await call('one', 20, DROPPED);
    await change(60, { allowed_addresses: ['203.0.113.9'] });
    await call('two', 100, DROPPED);
    const { text } = (await explained('two')).change;
    assert.equal(text.includes('first failure'), false);
    assert.match(text, /\[198\.51\.100\.7\], 90 s before this call\. Under the configuration before that/);
  });

  it('is named where a dispatch rule was taken away', async () => {
    await call('fine', 0, CONNECTS);
    configuration.dispatch_rules = configuration.dispatch_rules.slice(1);
    await change(60, {});
    await call('first', 100, DROPPED);
    const { cause, change: named } = await explained('first');
    assert.equal(cause, 'dispatch_rule_other_trunk');
    assert.match(named.text, /^The first failure came 40 s after dispatch rule SDR_1 was removed\./);
  });

  it('is found for a call that failed before the change was read', async () => {
    await call('fine', 0, CONNECTS);
    await change(30, {});
    configuration.inbound_trunks = [trunk({ allowed_addresses: [OTHER] }), other];
    await call('early', 32, DROPPED);
    await service.pass(1_000);
    const { cause, confidence, change: named } = await explained('early');
    assert.equal(cause, 'source_address_not_allowed');
    assert.equal(confidence, 'likely');
    assert.ok(named.text.startsWith(`The first failure came at about the time that ${CHANGED}.`), named.text);
    assert.equal(
      Object.values(await service.samples('sipwhy_call_failures_total')).reduce((a, b) => a + b, 0),
      1,
    );
  });

  it('judges a call from before a restart by its own time', async () => {
    await call('before', 0, DROPPED);
    await change(60, { allowed_addresses: [OTHER] });
    await service.app.close();
    service = await startService(env, BEGAN + 90_000);
    // A late webhook has the call judged again.
    await service.post(
      [
        {
          method: 'POST',
          path: '/jambonz/call-status',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            call_sid: 'a-before',
            direction: 'inbound',
            call_status: 'completed',
            sip_status: 200,
          }),
          at_ms: 0,
        },
      ],
      BEGAN + 91_000,
    );
    await service.pass(3_000);
    assert.notEqual((await explained('before')).cause, 'source_address_not_allowed');
    await call('after', 100, DROPPED);
    const after = await explained('after');
    assert.equal(after.cause, 'source_address_not_allowed');
    assert.ok(after.change.text.startsWith(`${CHANGED}, 40 s before this call.`), after.change.text);
  });

  for (const state of ['down', 'slow'] as const) {
    it(`has the last known configuration, marked by its age, where LiveKit is ${state} at start`, async () => {
      await change(60, { allowed_addresses: [OTHER] });
      await service.app.close();
      configuration.state = state;
      const starting = startService(env, BEGAN + 1_000_000);
      // Ends the reading at once instead of by its time limit.
      if (state === 'slow') await untilAsked(api.requests, 2).then(() => api.drop());
      service = await starting;
      configuration.state = 'down';
      assert.equal((await service.app.http.inject('/readyz')).statusCode, 200);
      const trunks = (await service.app.http.inject('/api/v1/trunks')).json();
      assert.match(JSON.stringify(trunks), /ST_1/);
      assert.equal((await service.samples('sipwhy_livekit_snapshot_age_seconds'))[''], 940);
      assert.deepEqual(await service.samples('sipwhy_livekit_refreshes_total'), { '{result="failed"}': 1 });
      await call('stale', 1_001, DROPPED);
      const { cause, confidence, unknowns } = await explained('stale');
      assert.equal(cause, 'source_address_not_allowed');
      assert.notEqual(confidence, 'certain');
      assert.match(unknowns.join(), /configuration was still the same: it was last read 941 s before the call/);
    });
  }

  it('is listed and compared by the API and the command, without any secret', async () => {
    await change(60, { allowed_addresses: [OTHER] });
    configuration.dispatch_rules = [rule(), rule({ sip_dispatch_rule_id: 'SDR_2', rule: pinned, trunk_ids: ['ST_1'] })];
    await change(120, { allowed_addresses: [OTHER], auth_username: 'u', auth_password: 'pw-of-another' });
    const pin = { dispatch_rule_individual: { room_prefix: 'call-', pin: '081500' } };
    configuration.dispatch_rules = [rule(), rule({ sip_dispatch_rule_id: 'SDR_2', rule: pin, trunk_ids: ['ST_1'] })];
    await change(180, { allowed_addresses: [OTHER], auth_username: 'u', auth_password: 'pw-of-another' });

    const history = (await service.app.http.inject('/api/v1/trunks/history')).json();
    assert.deepEqual(
      history.versions.map(({ version, at, changes }: Version) => [
        version,
        secondsIn(at),
        changes.map(({ text }) => text),
      ]),
      [
        [4, 180, ['pin of SDR_2 changed']],
        [
          3,
          120,
          [
            'auth_username of ST_1 changed from nothing to u',
            'auth_password of ST_1 was set',
            'trunk_ids of SDR_2 changed from [ST_2] to [ST_1]',
          ],
        ],
        [2, 60, [CHANGED]],
        [1, 0, []],
      ],
    );
    const compared = (await service.app.http.inject('/api/v1/trunks/history/3/1')).json();
    assert.deepEqual(
      compared.changes.map(({ text }: { text: string }) => text),
      [
        `allowed_addresses of ST_1 changed from [${OTHER}] to [${SBC}]`,
        'auth_username of ST_1 changed from u to nothing',
        'auth_password of ST_1 was removed',
        'trunk_ids of SDR_2 changed from [ST_1] to [ST_2]',
      ],
    );
    assert.equal((await service.app.http.inject('/api/v1/trunks/history/1/99')).statusCode, 404);
    assert.equal((await service.app.http.inject('/api/v1/trunks/history/1/x')).statusCode, 400);

    assert.deepEqual(JSON.parse(sipwhy(['history', '--json'], env).stdout), history);
    assert.deepEqual(JSON.parse(sipwhy(['history', '3', '1', '--json'], env).stdout), compared);
    assert.match(
      sipwhy(['history'], env).stdout,
      /Version 4, first read 2026-11-22T22:43:00\.000Z.*\n {2}- pin of SDR_2/,
    );
    assert.match(sipwhy(['history', '1', '2'], env).stdout, /From version 1 .*\n {2}- allowed_addresses of ST_1/);
    for (const wrong of [['1'], ['1', 'x']]) assert.equal(sipwhy(['history', ...wrong], env).status, 2);
    assert.equal(sipwhy(['history', '1', '99'], env).status, 1);

    const kept = await service.app.http.inject('/api/v1/trunks');
    assert.doesNotMatch(kept.body, SECRETS);
    const files = await readdir(directory, { recursive: true, withFileTypes: true });
    for (const { parentPath, name } of files.filter((entry) => entry.isFile())) {
      assert.doesNotMatch((await readFile(join(parentPath, name))).toString('latin1'), SECRETS, name);
    }
  });

  it('has no new version after a restart with the same configuration, pins included', async () => {
    await service.app.close();
    service = await startService(env, BEGAN + 60_000);
    const { versions } = (await service.app.http.inject('/api/v1/trunks/history')).json();
    assert.deepEqual(
      versions.map(({ version, last_seen_at }: Version) => [version, secondsIn(last_seen_at)]),
      [[1, 60]],
    );
  });
});

describe('a LiveKit that does not answer', () => {
  it('makes a reading fail in bounded time, and readings do not pile up', async () => {
    const configuration: LiveKitConfiguration = { inbound_trunks: [], dispatch_rules: [], state: 'slow' };
    const api = await startLiveKitApi(configuration);
    try {
      const results: string[] = [];
      const directory = new Directory({
        source: apiSource(api.url, 'key', 'secret', { ...READING_LIMITS, answerMs: 50 }),
        refreshSeconds: 60,
        now: () => 0,
        events: {
          onRefresh: (error) => results.push(error?.name ?? 'ok'),
          onChange: () => {},
          onHistoryError: () => {},
        },
      });
      await Promise.all([directory.refresh(), directory.refresh(), directory.refresh()]);
      assert.deepEqual(results, ['TimeoutError']);
      assert.equal(api.requests.length, 2);
    } finally {
      await api.close();
    }
  });
});

function secondsIn(time: string): number {
  return (Date.parse(time) - BEGAN) / 1000;
}

const SECRETS = /pw-in-clear|pw-of-another|471100|081500/;

interface Version {
  readonly version: number;
  readonly at: string;
  readonly last_seen_at: string;
  readonly changes: readonly { readonly text: string }[];
}

function sipwhy(args: readonly string[], env: Record<string, string>) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    env: { ...PLAIN_ENVIRONMENT, ...env, LIVEKIT_URL: '', LIVEKIT_API_KEY: '', LIVEKIT_API_SECRET: '' },
  });
  return { status, stdout, stderr };
}

/** Requests are real I/O on loopback; nothing else tells when they came. */
async function untilAsked(requests: readonly string[], more: number): Promise<void> {
  const wanted = requests.length + more;
  while (requests.length < wanted) await new Promise((resolve) => setTimeout(resolve, 5));
}

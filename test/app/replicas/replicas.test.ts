import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { postgresSchema } from '../../store/schema/databases.ts';
import { until } from '../../store/storedEvents.ts';
import { recorded } from '../service.ts';
import { ownPostgres } from './ownPostgres.ts';
import { callLike, configurationOf, ReplicaProcess, type SignedWebhook, shuffled } from './replicaProcess.ts';

/** Recorded calls whose trunks and rules can be there together, and which of 100 calls are like them. */
const MIX: readonly (readonly [id: string, of100: number])[] = [
  ['auth_missing-101-0', 20],
  ['auth_wrong_user-101-0', 15],
  ['caller_not_allowed-101-0', 15],
  ['dispatch_inbound_numbers-101-0', 10],
  ['trunk_conflict_specific-101-0', 15],
  ['dispatch_numbers-101-0', 10],
  ['codec-101-0', 13],
  ['agent_absent-101-0', 2],
];
const HUNDRED = MIX.flatMap(([id, of100]) => Array.from({ length: of100 }, () => id));
const CALLS = 1_000;

/** Replicas on one PostgreSQL: the machine’s, where no other is given. */
async function startReplicas(number: number, server?: string) {
  const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
  const place = await postgresSchema(server);
  const file = join(directory, 'livekit.json');
  await writeFile(file, JSON.stringify(configurationOf(MIX.map(([id]) => id))));
  const env = {
    DATABASE_URL: place.url,
    LIVEKIT_CONFIG_FILE: file,
    JAMBONZ_SBC_ADDRESSES: recorded('auth_missing-101-0').invite.source_ip,
    LIVEKIT_SIP_HOST: 'lab.sip.livekit.cloud',
  };
  const replicas = Array.from(
    { length: number },
    (_, i) => new ReplicaProcess({ ...env, JOURNAL_DIR: join(directory, `journal-${i}`) }),
  );
  await Promise.all(replicas.map((replica) => replica.start()));
  return {
    place,
    replicas,
    count: async (sql: string) => Number((await place.query(`SELECT COUNT(*) AS n FROM ${sql}`))[0]?.n),
    async end() {
      await Promise.all(replicas.map((replica) => replica.end('SIGTERM')));
      await place.remove();
      await rm(directory, { recursive: true });
    },
  };
}

/** What the replicas counted is what they were the first to settle, and nothing else. `dead` took its counters along. */
async function assertCountedOnce({ place, replicas }: Started, dead?: string): Promise<void> {
  const rows = await place.query('SELECT settled_by FROM attempts');
  let counted = rows.filter((row) => row.settled_by === dead).length;
  for (const replica of replicas) {
    const own = rows.filter((row) => row.settled_by === replica.replica).length;
    // It counts once it knows that they are saved, a moment after anybody else can read them.
    await until(async () => (await replica.sum('sipwhy_call_attempts_total')) >= own);
    assert.equal(await replica.sum('sipwhy_call_attempts_total'), own);
    assert.equal(await replica.sum('sipwhy_call_failures_total'), own);
    counted += own;
  }
  assert.equal(counted, rows.length);
}

type Started = Awaited<ReturnType<typeof startReplicas>>;

describe('three replicas', () => {
  let started: Started;
  before(async () => {
    started = await startReplicas(3);
  });
  after(() => started.end());

  it('settle and count each of 1,000 calls once, also when one is killed and restarts', async () => {
    const { place, replicas, count } = started;
    const began = Date.now() - 60_000;
    const calls = Array.from({ length: CALLS }, (_, i) => {
      const id = HUNDRED[i % 100] ?? '';
      return { ...callLike(recorded(id), began), cause: recorded(id).expected.blocking[0] };
    });
    const [victim] = replicas;
    assert.ok(victim);
    const dead = victim.replica;
    let restarted: Promise<unknown> | undefined;
    let next = 0;
    const post = async () => {
      for (let i = next++; i < CALLS; i = next++) {
        if (i === CALLS / 2) restarted = victim.end('SIGKILL').then(() => victim.start());
        // All at once, in any order and to any replica, the dead one's journal included.
        const webhooks = shuffled(calls[i]?.webhooks ?? [], i);
        await Promise.all(webhooks.map((webhook, j) => postToAny(replicas, webhook, i + j)));
      }
    };
    await Promise.all(Array.from({ length: 6 }, post));
    await restarted;

    const sent = calls.reduce((sum, { webhooks }) => sum + webhooks.length, 0);
    await until(async () => (await count('events')) === sent);
    await until(async () => (await count('open_calls WHERE arrivals <> judged')) === 0);
    await until(async () => (await count('attempts')) >= CALLS);

    const rows = await place.query('SELECT call_sid, settled_by, record FROM attempts');
    const causes = new Map(rows.map((row) => [row.call_sid, JSON.parse(String(row.record)).cause]));
    const wrong = calls.filter(({ callSid, cause }) => causes.get(callSid) !== cause);
    assert.deepEqual(
      wrong.map(({ callSid, cause }) => `${cause}: ${causes.get(callSid)}`),
      [],
    );
    assert.equal(rows.length, CALLS);

    await assertCountedOnce(started, dead);
    assert.equal((await place.query('SELECT version FROM configurations')).length, 1);
  });
});

describe('PostgreSQL stopped under load', () => {
  let postgres: Awaited<ReturnType<typeof ownPostgres>>;
  let started: Started;
  before(async () => {
    postgres = await ownPostgres();
    started = await startReplicas(2, postgres.url);
  });
  after(async () => {
    await started.end();
    postgres.remove();
  });

  it('loses nothing, counts nothing twice, and is said by the metrics, the log and the API', async () => {
    const { place, replicas, count } = started;
    const [replica] = replicas;
    assert.ok(replica);
    const calls: { callSid: string; webhooks: SignedWebhook[] }[] = [];
    let isOver = false;
    const load = (async () => {
      while (!isOver) {
        const call = callLike(recorded(HUNDRED[(calls.length * 7) % 100] ?? ''), Date.now() - 60_000);
        calls.push(call);
        await Promise.all(call.webhooks.map((webhook, i) => postToAny(replicas, webhook, calls.length + i)));
        await setTimeout(50);
      }
    })();
    const call = async (callSid: string) => fetch(`${replica.url}/api/v1/calls/${callSid}`);
    await until(async () => (await count('attempts')) > 0);
    postgres.stop();
    const cutAt = Date.now();
    await until(async () => (await replica.sum('sipwhy_store_up')) === 0);
    const during = callLike(recorded('auth_missing-101-0'), Date.now() - 60_000);
    await Promise.all(during.webhooks.map((webhook) => postToAny([replica], webhook, 0)));
    calls.push(during);
    assert.equal((await call(during.callSid)).status, 200);
    const unknown = await call('nobody-knows');
    assert.equal(unknown.status, 503);
    assert.match(await unknown.text(), /PostgreSQL is unavailable/);
    assert.equal((await fetch(`${replica.url}/readyz`)).status, 200);
    await until(async () => (await replica.sum('sipwhy_journal_oldest_event_age_seconds')) > 5);
    assert.ok((await replica.sum('sipwhy_journal_backlog_bytes')) > 0);
    await setTimeout(Math.max(0, cutAt + 10_000 - Date.now()));
    postgres.start();
    await until(async () => (await replica.sum('sipwhy_store_up')) === 1);
    isOver = true;
    await load;

    const sent = calls.reduce((sum, { webhooks }) => sum + webhooks.length, 0);
    await until(async () => (await count('events')) === sent);
    await until(async () => (await count('attempts')) === calls.length);
    await until(async () => (await count('open_calls WHERE arrivals <> judged')) === 0);
    const kept = new Set((await place.query('SELECT call_sid FROM attempts')).map((row) => row.call_sid));
    assert.deepEqual(
      calls.filter(({ callSid }) => !kept.has(callSid)),
      [],
    );
    await assertCountedOnce(started);
    await until(() => replicas.every(({ output }) => output.includes('"msg":"the store is available again')));
    for (const { output } of replicas) {
      assert.equal(output.match(/"msg":"PostgreSQL is unavailable/g)?.length, 1);
      assert.equal(output.match(/"msg":"the store is available again/g)?.length, 1);
      // Whatever else needs PostgreSQL says it once, or nothing.
      assert.ok((output.match(/"level":(40|50|60)/g)?.length ?? 0) < 10, output);
    }
    await until(async () => (await replica.sum('sipwhy_journal_backlog_bytes')) === 0);
  });
});

/** Posts a webhook to one of the replicas, as a load balancer does: to the next where one does not answer. */
async function postToAny(replicas: readonly ReplicaProcess[], { path, headers, body }: SignedWebhook, first: number) {
  for (let i = first; ; i += 1) {
    const replica = replicas[i % replicas.length];
    try {
      const answer = await fetch(`${replica?.url}${path}`, { method: 'POST', headers, body });
      await answer.arrayBuffer();
      if (answer.ok) return;
      throw new Error(`${answer.status}`);
    } catch (error) {
      if (i - first > 200) throw error;
    }
  }
}

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { freshProgram } from '../../bin/freshProgram.js';
import { decodeWebhook, encodeWebhook } from '../../src/core/receive/webhook.ts';
import { readSnapshot } from '../../src/core/trunks/readSnapshot.ts';
import { SetAside } from '../../src/journal/setAside.ts';
import { Store } from '../../src/store/store.ts';
import { type Process, startReady, until } from '../durable/serviceProcess.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';
import { DATABASES, postgresSchema } from '../store/schema/databases.ts';

const MAIN = freshProgram();
const NUMBER = '+4915112345678';
const OTHER = '+4915187654321';
const IN_FORCE = /^not erased: LiveKit’s configuration in force lists the number/m;
const POSTGRES_FILES = /^not erased: PostgreSQL’s write-ahead log, replicas, and free space/m;
const REPLICAS = /^not erased: journals of other machines/m;

function forget(env: Readonly<Record<string, string>>, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'forget', ...args, NUMBER], {
    env: { ...PLAIN_ENVIRONMENT, ...env },
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  return { status, stdout };
}

/** LiveKit's configuration with one trunk. */
function listing(...numbers: string[]) {
  const reading = readSnapshot({
    inbound_trunks: [{ sip_trunk_id: 'ST_1', numbers: ['+4930111'], allowed_numbers: numbers }],
    dispatch_rules: [],
  });
  assert.ok(reading.ok);
  return reading.snapshot;
}

const changed = (text: string) =>
  [{ kind: 'trunk', id: 'ST_1', change: 'changed', field: 'allowed_numbers', text }] as const;

for (const { name, place } of DATABASES) {
  describe(`forgetting a number on ${name}`, () => {
    it('erases it from stored versions of LiveKit’s configuration, and says that the one in force lists it', async () => {
      const { url, remove } = await place();
      const journal = mkdtempSync(join(tmpdir(), 'sipwhy-forget-'));
      const env = { DATABASE_URL: url, JOURNAL_DIR: journal };
      const store = await Store.open(url);
      const add = (at: number, snapshot: ReturnType<typeof listing>, text: string) =>
        store.configurations.add({ firstSeenAt: at, lastSeenAt: at, snapshot, changes: changed(text) });
      const listed = async () =>
        (await store.configurations.latest(10)).map(({ snapshot, changes }) => [
          snapshot.trunks[0]?.allowed_numbers,
          changes[0]?.text,
        ]);
      try {
        await add(1, listing(NUMBER, OTHER), 'allowed_numbers of ST_1 changed');
        await add(2, listing(OTHER), `allowed_numbers of ST_1: removed ${NUMBER}`);
        await add(3, listing(NUMBER), `allowed_numbers of ST_1: added ${NUMBER}`);
        const counted = forget(env, '--dry-run', '--json');
        assert.deepEqual(JSON.parse(counted.stdout).rows, { configurations: 3 });
        assert.deepEqual((await listed())[0], [[NUMBER, OTHER], 'allowed_numbers of ST_1 changed']);

        const { status, stdout } = forget(env);
        assert.equal(status, 0);
        assert.match(stdout, /^\+49•+78 was erased from configurations: 3$/m);
        assert.match(stdout, IN_FORCE);
        assert.deepEqual(await listed(), [
          [['erased', OTHER], 'allowed_numbers of ST_1 changed'],
          [[OTHER], 'allowed_numbers of ST_1: removed erased'],
          [[NUMBER], 'allowed_numbers of ST_1: added erased'],
        ]);

        // The operator has taken it out of LiveKit.
        await add(4, listing(OTHER), `allowed_numbers of ST_1: removed ${NUMBER}`);
        const again = forget(env);
        assert.match(again.stdout, /was erased from configurations: 2$/m);
        assert.doesNotMatch(again.stdout, IN_FORCE);
        assert.match(forget(env).stdout, /^the number was found nowhere$/m);
      } finally {
        await store.close();
        await remove();
        rmSync(journal, { recursive: true });
      }
    });

    it('deletes requests that wait to be forwarded, and erases it from what the store refused, while the service runs', async () => {
      const { url, remove } = await place();
      const journal = mkdtempSync(join(tmpdir(), 'sipwhy-forget-'));
      const env = { DATABASE_URL: url, JOURNAL_DIR: journal };
      // Nobody listens there.
      const service = await startReady({ ...env, CALL_STATUS_FORWARD_URL: 'http://127.0.0.1:1/status' });
      try {
        await failedCall(service, 'one', NUMBER);
        await failedCall(service, 'two', OTHER);
        await until('both wait', async () => (await service.sample('sipwhy_forward_backlog_events')) === 2);
        const aside = new SetAside(journal);
        for (const from of [OTHER, NUMBER, OTHER]) aside.add(refused(from));

        const { status, stdout } = forget(env);
        assert.equal(status, 0);
        assert.match(stdout, /was erased from events: 1, .*set-aside: 1, forwards: 1$/m);
        assert.equal(REPLICAS.test(stdout), name === 'PostgreSQL');
        assert.equal(POSTGRES_FILES.test(stdout), name === 'PostgreSQL');
        await until('one waits', async () => (await service.sample('sipwhy_forward_backlog_events')) === 1);
        const kept = new SetAside(journal).read().map(decodeWebhook);
        assert.deepEqual(
          kept.map(({ body }) => String(body)),
          [`{"from":"${OTHER}"}`, '{"from":"erased________"}', `{"from":"${OTHER}"}`],
        );
        // What an older version kept to be forwarded was queued when the webhook arrived.
        assert.deepEqual(kept[1]?.sealed, Buffer.alloc(100));
        assert.match(forget(env).stdout, /^the number was found nowhere$/m);
      } finally {
        await service.end('SIGKILL');
        await remove();
        rmSync(journal, { recursive: true });
      }
    });
  });
}

async function failedCall({ url }: Process, call_sid: string, from: string): Promise<void> {
  const body = { call_sid, from, to: '+4930111', direction: 'outbound', call_status: 'failed', sip_status: 503 };
  const { status } = await fetch(`${url}/jambonz/call-status`, { method: 'POST', body: JSON.stringify(body) });
  assert.equal(status, 204);
}

/** A record as an older version set it aside, with a request to forward. */
function refused(from: string): Buffer {
  return encodeWebhook({
    id: randomUUID(),
    source: 'call_status',
    form: 'json',
    moment: { at: 1, receivedAt: 1, precise: true },
    digest: 'x',
    repeatWithinMs: 500,
    body: Buffer.from(JSON.stringify({ from })),
    sealed: randomBytes(100),
  });
}

it('forgetting a number leaves no dead row in PostgreSQL', async () => {
  const server = await postgresSchema();
  const database = `sipwhy_forget_${randomBytes(6).toString('hex')}`;
  // Of its own, because other transactions of a database keep its dead rows.
  await server.query(`CREATE DATABASE ${database}`);
  const url = new URL(server.url);
  url.pathname = database;
  url.search = '';
  const own = await postgresSchema(url.href);
  const journal = mkdtempSync(join(tmpdir(), 'sipwhy-forget-'));
  mkdirSync(journal, { recursive: true });
  const env = { DATABASE_URL: own.url, JOURNAL_DIR: journal };
  try {
    const service = await startReady(env);
    for (const sid of ['one', 'two', 'three']) await failedCall(service, sid, NUMBER);
    await until('they are judged', async () => (await own.query('SELECT 1 FROM attempts')).length === 3);
    await service.end('SIGTERM');
    assert.equal(forget(env).status, 0);
    await own.query('CREATE EXTENSION pageinspect');
    const partitions = await own.query(
      "SELECT relname AS x FROM pg_class WHERE relname ~ '^events_' AND relkind = 'r'",
    );
    let webhooks = 0;
    for (const table of [...partitions.map(({ x }) => String(x)), 'attempts', 'attempt_keys']) {
      const [found] = await own.query(
        `SELECT (SELECT COUNT(*) FROM ${table}) AS rows, COUNT(*) AS tuples
         FROM generate_series(0, pg_relation_size('${table}') / 8192 - 1) AS page,
           heap_page_items(get_raw_page('${table}', CAST(page AS integer))) WHERE lp_flags = 1`,
      );
      assert.equal(found?.tuples, found?.rows, table);
      if (table.startsWith('events_')) webhooks += Number(found?.rows);
      else assert.equal(found?.rows, '3', table);
    }
    assert.equal(webhooks, 3);
  } finally {
    await own.remove();
    await server.query(`DROP DATABASE ${database}`);
    await server.remove();
    rmSync(journal, { recursive: true });
  }
});

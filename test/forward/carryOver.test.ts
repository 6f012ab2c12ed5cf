import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import {
  decodeWebhook,
  encodeWebhook,
  eventOf,
  JOURNAL_START,
  readRecord,
  type Webhook,
} from '../../src/core/receive/webhook.ts';
import { sealingIn } from '../../src/forward/sealing.ts';
import { JournalReader } from '../../src/journal/journalReader.ts';
import { openJournal } from '../../src/journal/segments.ts';
import { SetAside } from '../../src/journal/setAside.ts';
import { carryOver } from '../../src/service/carryOver.ts';
import { forwardsPath } from '../../src/service/statusForwarding.ts';
import { deliver } from '../../src/store/calls/delivery.ts';
import { SQLITE } from '../../src/store/dialect.ts';
import { MIGRATIONS } from '../../src/store/schema.ts';
import { ForwardQueue } from '../../src/store/sqlite/forwardQueue.ts';
import { Store } from '../../src/store/store.ts';
import { startService } from '../app/service.ts';
import { postgresSchema } from '../store/schema/databases.ts';
import { startApplication, until } from './fakeApplication.ts';

const T0 = 1_795_387_200_000;
const LOGGER = pino({ level: 'silent' });

/** The tables of a spool as the version before the journal made them. */
const SPOOL = `
  CREATE TABLE spool (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, received_at INTEGER NOT NULL, digest TEXT NOT NULL,
    repeat_within_ms INTEGER, call_id TEXT, call_sid TEXT, dial_call_sid TEXT, event TEXT NOT NULL,
    body BLOB NOT NULL, refused TEXT
  ) STRICT;
  CREATE INDEX spool_waiting ON spool (seq) WHERE refused IS NULL;
  CREATE TABLE forwards (
    seq INTEGER PRIMARY KEY, call_id TEXT NOT NULL, received_at INTEGER NOT NULL, method TEXT NOT NULL,
    query TEXT NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL
  ) STRICT;
  CREATE TABLE forward_calls (call_id TEXT PRIMARY KEY, due_at INTEGER NOT NULL, failures INTEGER NOT NULL) STRICT;
  PRAGMA journal_mode = WAL;
  PRAGMA user_version = 2;`;
/** As many migrations a store had in the version before the journal. */
const OLDER_MIGRATIONS = 8;

const webhook = (n: number, part: Pick<Webhook, 'source' | 'form'> & { readonly body: string }): Webhook => ({
  id: `id-${n}`,
  source: part.source,
  form: part.form,
  moment: { at: T0 + n - (n % 2), receivedAt: T0 + n, precise: n % 2 === 0 },
  digest: `digest-${n}`,
  repeatWithinMs: n % 2 === 0 ? 500 : Number.POSITIVE_INFINITY,
  body: Buffer.from(part.body),
});

const WEBHOOKS = [
  webhook(1, {
    source: 'call_status',
    form: 'json',
    body: '{"call_sid":"a1", "direction":"inbound","call_status":"ringing","sip_status":180}',
  }),
  webhook(2, { source: 'call_status', form: 'query', body: 'call_sid=a2&call_status=failed&sip_status=503' }),
  webhook(3, {
    source: 'dial_action',
    form: 'json',
    body: '{"call_sid":"a1","call_status":"in-progress","dial_call_sid":"b1","dial_sip_status":503}',
  }),
  webhook(4, {
    source: 'livekit',
    form: 'json',
    body: '{"event":"room_started","id":"EV_1","createdAt":"1795387200","room":{"sid":"RM_1","name":"r"}}',
  }),
];
/** Which of them PostgreSQL refused. */
const REFUSED = 'id-2';

function makeSpool(path: string): void {
  const file = new DatabaseSync(path);
  file.exec(SPOOL);
  const insert = file.prepare(
    'INSERT INTO spool (id, received_at, digest, repeat_within_ms, event, body, refused) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  for (const one of WEBHOOKS) {
    const { id, moment, digest, repeatWithinMs, body } = one;
    const event = JSON.stringify(eventOf(one));
    const within = Number.isFinite(repeatWithinMs) ? repeatWithinMs : null;
    insert.run(id, moment.receivedAt, digest, within, event, body, id === REFUSED ? 'why' : null);
  }
  addForwards(file, T0);
  file.close();
}

/** Two events of a call that failed three times, one of a call without a row of its own. */
function addForwards(file: DatabaseSync, receivedAt: number): void {
  const insert = file.prepare(
    'INSERT INTO forwards (call_id, received_at, method, query, headers, body) VALUES (?, ?, ?, ?, ?, ?)',
  );
  insert.run('a1', receivedAt, 'POST', 'x=1', '["b3","1"]', Buffer.from('{"n":1}'));
  insert.run('a2', receivedAt + 1, 'GET', 'n=2', '[]', new Uint8Array());
  insert.run('a1', receivedAt + 2, 'POST', 'x=1', '[]', Buffer.from('{"n":3}'));
  file.prepare('INSERT INTO forward_calls VALUES (?, ?, ?)').run('a1', receivedAt + 50, 3);
}

function logged(directory: string) {
  const { end } = openJournal(directory);
  const { records } = new JournalReader(directory).read(JOURNAL_START, end, 1_000);
  return records.map(({ payload }) => payload);
}

describe('what an older version left behind', () => {
  let directory: string;
  const path = (name: string) => join(directory, name);

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sipwhy-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  async function carryOverSpool(): Promise<void> {
    // Of PostgreSQL nothing but its kind is asked.
    const database = { dialect: { isShared: true } } as Store['database'];
    await carryOver({ spoolFile: path('spool.db') }, path('journal'), database, LOGGER);
  }

  it('in a spool goes into the journal, each webhook as it came, and the file is kept under another name', async () => {
    makeSpool(path('spool.db'));
    await carryOverSpool();
    const webhooks = logged(path('journal')).map(decodeWebhook);
    const comparable = ({ body, ...one }: Webhook) => ({ ...one, body: Buffer.from(body).toString() });
    assert.deepEqual(webhooks.map(comparable), WEBHOOKS.map(comparable));
    assert.deepEqual(webhooks.map(eventOf), WEBHOOKS.map(eventOf));
    assert.deepEqual([existsSync(path('spool.db')), existsSync(path('spool.db.carried-over'))], [false, true]);
    // At the next start there is nothing to do.
    await carryOverSpool();
    assert.equal(logged(path('journal')).length, WEBHOOKS.length);
  });

  it('as set aside goes into the journal again, but is not forwarded again', async () => {
    const aside = new SetAside(path(''));
    const [first, second] = WEBHOOKS;
    assert.ok(first && second);
    const passOn = { method: 'POST', query: '', headers: ['authorization', 'Basic x'] } as const;
    aside.add(encodeWebhook({ ...first, passOn }));
    aside.add(encodeWebhook(second));
    aside.add(Buffer.from('of another version'));
    await carryOver({ spoolFile: undefined }, path(''), { dialect: { isShared: true } } as Store['database'], LOGGER);
    const [one, two, three] = logged(path(''));
    assert.deepEqual(
      [one, two].map((payload) => payload && decodeWebhook(payload).id),
      [first.id, second.id],
    );
    assert.deepEqual([one && decodeWebhook(one).passOn, three?.toString()], [undefined, 'of another version']);
    assert.deepEqual([new SetAside(path('')).count, existsSync(path('set-aside'))], [0, false]);
  });

  it('in a spool’s queue goes into the queue beside the journal, with the waits of its calls', async () => {
    makeSpool(path('spool.db'));
    await carryOverSpool();
    const queue = await ForwardQueue.open(forwardsPath(path('journal')), sealingIn(path('journal')));
    try {
      assert.equal(await queue.count(), 3);
      const due = async (now: number) => (await queue.due(now, 10)).map((call) => `${call.callId} ${call.failures}`);
      assert.deepEqual(await due(T0 + 49), ['a2 0']);
      assert.deepEqual(await due(T0 + 50), ['a2 0', 'a1 3']);
      const [first, second] = await queue.ofCall('a1');
      assert.deepEqual([first?.headers, first?.query, first?.receivedAt], [['b3', '1'], 'x=1', T0]);
      assert.equal(Buffer.from(second?.body ?? '').toString(), '{"n":3}');
    } finally {
      await queue.close();
    }
  });

  it('is stored once where the process is killed before the spool has its other name', async () => {
    makeSpool(path('spool.db'));
    await carryOverSpool();
    renameSync(path('spool.db.carried-over'), path('spool.db'));
    await carryOverSpool();
    const webhooks = logged(path('journal')).map((payload) => {
      const read = readRecord(payload);
      assert.ok(read);
      return read;
    });
    const store = await Store.open(path('store.db'));
    try {
      const delivery = await deliver(store.database, webhooks, { journal: 'log', from: undefined, to: JOURNAL_START });
      const half = WEBHOOKS.length;
      assert.deepEqual(delivery?.results, [...Array(half).fill('stored'), ...Array(half).fill('known')]);
    } finally {
      await store.close();
    }
    const queue = await ForwardQueue.open(forwardsPath(path('journal')), sealingIn(path('journal')));
    assert.equal(await queue.count(), 3);
    await queue.close();
  });

  it('in a file that is no spool keeps the service from starting, and stays as it was', async () => {
    writeFileSync(path('spool.db'), 'something else, and longer than the first page of nothing at all');
    const before = readFileSync(path('spool.db'));
    await assert.rejects(carryOverSpool(), /spool\.db: /);
    assert.deepEqual(readFileSync(path('spool.db')), before);
  });

  it('for PostgreSQL can be read as soon as the service has started', async () => {
    const schema = await postgresSchema();
    makeSpool(path('spool.db'));
    const service = await startService({ DATABASE_URL: schema.url, SPOOL_FILE: path('spool.db') });
    try {
      const read = () => service.app.http.inject('/api/v1/calls/a1');
      await until('the call can be read', async () => (await read()).statusCode === 200);
      await until('PostgreSQL has all', async () => {
        const rows = await schema.query('SELECT id FROM events UNION ALL SELECT id FROM livekit_events');
        return rows.length === WEBHOOKS.length;
      });
    } finally {
      await service.app.close();
      await schema.remove();
    }
  });

  it('to pass on in the store’s file is passed on, in order per call, and leaves the store', async () => {
    const application = await startApplication((response) => void response.writeHead(204).end());
    const env = { DATABASE_URL: path('store.db'), CALL_STATUS_FORWARD_URL: application.url };
    const file = new DatabaseSync(path('store.db'));
    for (const migration of MIGRATIONS.slice(0, OLDER_MIGRATIONS)) file.exec(migration(SQLITE));
    file.exec(`PRAGMA user_version = ${OLDER_MIGRATIONS}`);
    addForwards(file, T0);
    file.close();
    try {
      for (let start = 0; start < 2; start += 1) {
        const service = await startService(env, T0 + 1_000);
        await until('all', () => application.received.length >= 3);
        await service.app.close();
      }
      const received = application.received.map(({ url, body }) => `${url} ${body}`);
      assert.deepEqual(received.toSorted(), ['/?n=2 ', '/?x=1 {"n":1}', '/?x=1 {"n":3}']);
      assert.ok(received.indexOf('/?x=1 {"n":1}') < received.indexOf('/?x=1 {"n":3}'));
      const after = new DatabaseSync(path('store.db'));
      for (const table of ['forwards', 'forward_calls']) {
        assert.equal(after.prepare(`SELECT COUNT(*) AS n FROM ${table}`).get()?.n, 0);
      }
      after.close();
    } finally {
      await application.close();
    }
  });
});

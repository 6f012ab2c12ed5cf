import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { frame } from '../../src/journal/frame.ts';
import { segmentPath, segmentsIn } from '../../src/journal/segments.ts';
import { holdStore } from './heldStore.ts';
import { randomFrom, SEED } from './seed.ts';
import { type Process, startReady, until } from './serviceProcess.ts';

const CALLS = 20;
const random = randomFrom(SEED);

describe(`webhooks that the journal alone has when the service is killed (SEED=${SEED})`, () => {
  let directory: string;
  let path: string;
  let acknowledged: string[];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    path = join(directory, 'store.db');
    acknowledged = [];
  });
  afterEach(() => rm(directory, { recursive: true }));

  const start = () => startReady({ DATABASE_URL: path });
  /** Tells of calls that fail, each with two webhooks. */
  const tellOfCalls = async ({ url }: Process) => {
    for (let i = 0; i < CALLS; i += 1) {
      const callSid = `call-${acknowledged.length / 2}`;
      for (const [call_status, sip_status] of [
        ['trying', 100],
        ['failed', 503],
      ] as const) {
        const body = JSON.stringify({ call_sid: callSid, direction: 'outbound', call_status, sip_status });
        const { status } = await fetch(`${url}/jambonz/call-status`, { method: 'POST', body });
        assert.equal(status, 204);
        acknowledged.push(`${callSid} ${call_status}`);
      }
    }
  };
  /** The same, while the store cannot be written, up to a kill. */
  const tellTheLogAlone = async (service: Process) => {
    const release = holdStore(path);
    const before = eventsIn(path).length;
    try {
      await tellOfCalls(service);
      await service.end('SIGKILL');
    } finally {
      release();
    }
    assert.equal(eventsIn(path).length, before);
  };
  /** Resolves once each webhook is in the store once, and each call has its verdict. */
  const assertAllThere = async () => {
    await until('the store has all', () => eventsIn(path).length >= acknowledged.length);
    assert.deepEqual(eventsIn(path), acknowledged);
    const calls = new Set(acknowledged.map((webhook) => webhook.split(' ')[0]));
    await until('every call has its verdict', () => rowsOf(path, 'SELECT id FROM attempts').length >= calls.size);
    assert.deepEqual(new Set(rowsOf(path, 'SELECT id FROM attempts').map(({ id }) => id)), calls);
  };

  it('are in the store after the next start', async () => {
    await tellTheLogAlone(await start());
    const again = await start();
    await assertAllThere();
    assert.equal(await again.end('SIGTERM'), 0);
  });

  it('are in a new store, with all else that is in the journal, where the store is lost', async () => {
    const service = await start();
    await tellOfCalls(service);
    await assertAllThere();
    await tellTheLogAlone(service);
    for (const suffix of ['', '-wal', '-shm']) await rm(path + suffix, { force: true });
    const again = await start();
    await assertAllThere();
    await tellOfCalls(again);
    await assertAllThere();
    assert.equal(await again.end('SIGTERM'), 0);
  });

  it('outlive a torn tail, which is cut off with a warning', async () => {
    const record = frame(Buffer.from(JSON.stringify({ torn: 'x'.repeat(1_000) })));
    const damaged = Buffer.from(record);
    damaged.fill(0, damaged.length - 1 - Math.floor(random() * 900));
    const tails = {
      'the first part of a record': record.subarray(0, 1 + Math.floor(random() * (record.length - 1))),
      'a record whose last bytes are not written': damaged,
      'bytes that are no record': Buffer.from(Array.from({ length: 5_000 }, () => Math.floor(random() * 256))),
      zeros: Buffer.alloc(4_096),
    };
    let service = await start();
    for (const [what, tail] of Object.entries(tails)) {
      await tellTheLogAlone(service);
      const journal = `${path}.journal`;
      appendFileSync(segmentPath(journal, segmentsIn(journal).at(-1) ?? 0), tail);
      service = await start();
      assert.match(
        service.log(),
        new RegExp(`"level":40,.*"bytes":${tail.length},"msg":"the last write to the journal was incomplete`),
        what,
      );
      await assertAllThere();
    }
    await tellOfCalls(service);
    await assertAllThere();
    assert.equal(await service.sample('sipwhy_journal_damaged_bytes_total'), 0);
    assert.equal(await service.end('SIGTERM'), 0);
  });
});

function rowsOf(path: string, sql: string): Record<string, unknown>[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

/** The webhooks in a store, in their order. */
function eventsIn(path: string): string[] {
  return rowsOf(path, 'SELECT body FROM events ORDER BY seq').map(({ body }) => {
    const { call_sid, call_status } = JSON.parse(Buffer.from(body as Uint8Array).toString());
    return `${call_sid} ${call_status}`;
  });
}

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Process, startReady, until } from './serviceProcess.ts';

describe('a full disk', () => {
  let disk: string;
  let elsewhere: string;
  let running: Process | undefined;
  beforeEach(async () => {
    // A file system of its own, as small as a disk that is about to be full. Mounting needs root, which CI is.
    disk = await mkdtemp(join(tmpdir(), 'sipwhy-disk-'));
    elsewhere = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { encoding: 'utf8' });
    assert.equal(mounted.status, 0, `a tmpfs cannot be mounted; run this test as root: ${mounted.stderr}`);
  });
  afterEach(async () => {
    await running?.end('SIGKILL');
    spawnSync('umount', [disk]);
    await rm(disk, { recursive: true });
    await rm(elsewhere, { recursive: true });
  });

  const start = async (env: Record<string, string>) => {
    const started = await startReady(env);
    running = started;
    return started;
  };
  const post = async ({ url }: Process, callSid: string) => {
    const body = JSON.stringify({
      call_sid: callSid,
      direction: 'inbound',
      call_status: 'trying',
      pad: 'x'.repeat(5_000),
    });
    return fetch(`${url}/jambonz/call-status`, { method: 'POST', body });
  };
  const FAILED = 'sipwhy_webhooks_total{source="jambonz",event="call_status",result="store_failed"}';

  it('refuses webhooks with 503 and a metric; what was acknowledged is kept, and it recovers by itself', async () => {
    const path = join(disk, 'store.db');
    const service = await start({ DATABASE_URL: path });
    const acknowledged: string[] = [];
    for (let i = 0; i < 20; i += 1) {
      assert.equal((await post(service, `before-${i}`)).status, 204);
      acknowledged.push(`before-${i}`);
    }

    const filler = join(disk, 'filler');
    fill(filler);
    let refused = 0;
    for (let i = 0; i < 400 && refused < 50; i += 1) {
      const answer = await post(service, `full-${i}`);
      if (answer.status === 204) acknowledged.push(`full-${i}`);
      else {
        assert.equal(answer.status, 503);
        assert.equal(answer.headers.get('retry-after'), '1');
        assert.match(await answer.text(), /could not be written to disk/);
        refused += 1;
      }
    }
    assert.equal(refused, 50);
    assert.equal(await service.sample(FAILED), 50);
    assert.equal(await service.sample('sipwhy_store_up'), 0);
    assert.equal((await fetch(`${service.url}/healthz`)).status, 200);
    for (const callSid of acknowledged) {
      assert.equal((await fetch(`${service.url}/api/v1/calls/${callSid}`)).status, 200, callSid);
    }
    // Once for the condition, not once for each webhook.
    assert.equal(service.log().match(/cannot write webhooks to disk/g)?.length, 1);

    rmSync(filler);
    await until('webhooks are taken again', async () => {
      const answer = await post(service, 'after');
      if (answer.status === 204) acknowledged.push('after');
      return answer.status === 204;
    });
    await until('the store is up', async () => (await service.sample('sipwhy_store_up')) === 1);
    assert.match(service.log(), /webhooks are written to disk again/);
    assert.equal(await service.end('SIGTERM'), 0);

    assertKept(path, acknowledged);
  });

  it('of the store alone keeps nobody from acknowledging: the journal has webhooks until the store has room', async () => {
    const path = join(disk, 'store.db');
    const service = await start({ DATABASE_URL: path, JOURNAL_DIR: join(elsewhere, 'journal') });
    const acknowledged: string[] = [];
    const take = async (callSid: string) => {
      assert.equal((await post(service, callSid)).status, 204);
      acknowledged.push(callSid);
    };
    for (let i = 0; i < 20; i += 1) await take(`before-${i}`);
    const filler = join(disk, 'filler');
    fill(filler);
    // What SQLite has written to its log before is room that it uses again.
    await until('the store is full', async () => {
      await take(`full-${acknowledged.length}`);
      return (await service.sample('sipwhy_store_up')) === 0;
    });
    for (let i = 0; i < 20; i += 1) await take(`later-${i}`);
    await until('it is said', async () => (await service.sample('sipwhy_journal_backlog_bytes')) > 0);
    assert.equal((await fetch(`${service.url}/readyz`)).status, 200);
    for (const callSid of acknowledged) {
      assert.equal((await fetch(`${service.url}/api/v1/calls/${callSid}`)).status, 200, callSid);
    }
    assert.equal(service.log().match(/cannot write to the store/g)?.length, 1);

    rmSync(filler);
    await until('the store is up', async () => (await service.sample('sipwhy_store_up')) === 1);
    await until('it has all', async () => (await service.sample('sipwhy_journal_backlog_bytes')) === 0);
    assert.match(service.log(), /the store is available again/);
    assert.equal(await service.end('SIGTERM'), 0);
    assertKept(path, acknowledged);
  });

  it('of the journal alone refuses webhooks, and leaves no file for each of them', async () => {
    const path = join(elsewhere, 'store.db');
    const journal = join(disk, 'journal');
    const service = await start({ DATABASE_URL: path, JOURNAL_DIR: journal });
    const acknowledged: string[] = [];
    const filler = join(disk, 'filler');
    fill(filler);
    for (let i = 0; i < 50; i += 1) assert.equal((await post(service, `full-${i}`)).status, 503);
    assert.ok(readdirSync(journal).length < 10, readdirSync(journal).join());
    rmSync(filler);
    await until('webhooks are taken again', async () => {
      const answer = await post(service, 'after');
      if (answer.status === 204) acknowledged.push('after');
      return answer.status === 204;
    });
    assert.equal(await service.end('SIGTERM'), 0);
    assertKept(path, acknowledged);
  });
});

/** What the store has is what was acknowledged, each once. */
function assertKept(path: string, acknowledged: readonly string[]): void {
  const db = new DatabaseSync(path);
  assert.equal(db.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
  const rows = db.prepare('SELECT call_sid FROM events').all();
  db.close();
  assert.deepEqual(rows.map(({ call_sid }) => String(call_sid)).sort(), acknowledged.toSorted());
}

/** Writes a file until nothing more fits. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const size of [65_536, 4_096, 512, 1]) {
      const block = Buffer.alloc(size);
      for (let hasRoom = true; hasRoom; ) {
        try {
          hasRoom = writeSync(file, block) === size;
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
          hasRoom = false;
        }
      }
    }
  } finally {
    closeSync(file);
  }
}

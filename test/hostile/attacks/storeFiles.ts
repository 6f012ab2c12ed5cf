import assert from 'node:assert/strict';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { until } from '../../durable/serviceProcess.ts';
import { PATIENCE_MS } from '../../machineSpeed.ts';
import type { Attack, Ground } from '../attack.ts';
import { startTarget, type Target } from '../attackedService.ts';
import { assertSaidOnce, isInJournal, noticed, postCall, readable, recovered, storeCall } from '../storeWitness.ts';

/** Something that happens to the file of the store while the service runs. */
interface Harm {
  readonly what: string;
  readonly faults?: readonly number[];
  /** What the one line in the log says. */
  readonly says: RegExp;
  /** Whether a service is started again, to show what it has. The others only show what the journal has. */
  readonly restarts?: true;
  do(file: string): void;
}

function overwrite(file: string, from: number, to: number): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(to - from, 0x55), 0, to - from, from);
  closeSync(descriptor);
}

/** Replaces a path by what `make` makes there. */
function replace(path: string, make: (path: string) => void): void {
  rmSync(path, { recursive: true, force: true });
  make(path);
}

const DELETED = /s\.db was deleted while sipwhy had it open/;
const REPLACED = /s\.db was replaced while sipwhy had it open/;
const DAMAGED = /s\.db is damaged/;

const HARMS: readonly Harm[] = [
  { what: 'deletes the file', faults: [19], says: DELETED, restarts: true, do: (file) => rmSync(file) },
  {
    what: 'deletes the file with its WAL and index',
    faults: [19],
    says: DELETED,
    do: (file) => ['', '-wal', '-shm'].forEach((end) => void rmSync(file + end)),
  },
  { what: 'moves the file away', says: DELETED, do: (file) => renameSync(file, `${file}.away`) },
  {
    what: 'replaces the file by a copy of itself',
    says: REPLACED,
    do(file) {
      copyFileSync(file, `${file}.copy`);
      renameSync(`${file}.copy`, file);
    },
  },
  {
    what: 'replaces the file by a text',
    says: REPLACED,
    do: (file) => replace(file, (path) => writeFileSync(path, 'hello '.repeat(1000))),
  },
  {
    what: 'replaces the file by an empty one',
    says: REPLACED,
    do: (file) => replace(file, (path) => writeFileSync(path, '')),
  },
  { what: 'replaces the file by a directory', says: REPLACED, do: (file) => replace(file, (path) => mkdirSync(path)) },
  {
    what: 'replaces the file by a link to nothing',
    says: DELETED,
    do: (file) => replace(file, (path) => symlinkSync('/nowhere/x', path)),
  },
  { what: 'cuts the file off after its first page', says: DAMAGED, do: (file) => truncateSync(file, 4096) },
  { what: 'empties the file', says: /s\.db (is damaged|was emptied)/, do: (file) => truncateSync(file, 0) },
  { what: 'overwrites the header of the file', says: DAMAGED, do: (file) => overwrite(file, 0, 100) },
  {
    what: 'overwrites all pages but the first',
    says: DAMAGED,
    restarts: true,
    do: (file) => overwrite(file, 4096, statSync(file).size),
  },
  { what: 'deletes the write-ahead log', says: /s\.db-wal was deleted/, do: (file) => rmSync(`${file}-wal`) },
  {
    what: 'deletes the index of the write-ahead log',
    says: /s\.db-shm was deleted/,
    do: (file) => rmSync(`${file}-shm`),
  },
  {
    what: 'replaces the write-ahead log',
    says: /s\.db-wal was replaced/,
    do: (file) => replace(`${file}-wal`, (path) => writeFileSync(path, 'x')),
  },
];

/** Starts a service whose file has all its rows, none of them in the write-ahead log alone. */
async function serviceWithFile(ground: Ground): Promise<{ readonly target: Target; readonly file: string }> {
  const file = join(ground.directory(), 's.db');
  const target = await ground.ownService({ DATABASE_URL: file });
  await storeCall(target, 'before');
  await checkpoint(file);
  return { target, file };
}

async function checkpoint(file: string): Promise<void> {
  const other = new DatabaseSync(file, { timeout: PATIENCE_MS });
  await until('the write-ahead log is empty', () => other.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy === 0);
  other.close();
}

/** Moves whatever is left of the store away, so that the next start begins an empty one. */
function clear(file: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { recursive: true, force: true });
}

/** Asserts that a service which starts anew with the same journal has a call. */
async function assertKept(file: string, callSid: string): Promise<void> {
  const next = await startTarget(join(file, '..'), { DATABASE_URL: file });
  try {
    await until('the call is stored', async () => (await next.sample('sipwhy_journal_backlog_bytes')) === 0);
    await readable(next, callSid);
  } finally {
    await next.prober.end();
    await next.end('SIGKILL');
  }
}

const harmed: readonly Attack[] = HARMS.map(
  ({ what, faults, says, restarts, do: harm }): Attack => ({
    what: `store: someone ${what} while it is open`,
    ...(faults && { faults }),
    async run(ground) {
      const { target, file } = await serviceWithFile(ground);
      harm(file);
      await noticed(target, 503);
      // The journal still keeps what is acknowledged.
      assert.equal(await postCall(target, 'during'), 204);
      await readable(target, 'during');
      assert.ok([200, 503].includes((await target.send('/api/v1/calls')).status));
      assertSaidOnce(target, says);
      assert.ok(isInJournal(`${file}.journal`, 'during'));
      if (!restarts) return;
      assert.equal(await target.end('SIGTERM'), 0);
      clear(file);
      await assertKept(file, 'during');
    },
  }),
);

/** Holds SQLite's write lock as another process would. The lock of a process does not hold within it. */
function lock(file: string): () => void {
  const other = new DatabaseSync(file, { timeout: PATIENCE_MS });
  other.exec('BEGIN IMMEDIATE');
  return () => other.close();
}

const recovering: readonly Attack[] = [
  {
    what: 'store: someone moves the file away and back',
    async run(ground) {
      const { target, file } = await serviceWithFile(ground);
      renameSync(file, `${file}.away`);
      await noticed(target, 503);
      assert.equal(await postCall(target, 'during'), 204);
      renameSync(`${file}.away`, file);
      await recovered(target);
      await readable(target, 'during');
      assertSaidOnce(target, DELETED);
      assert.match(target.log(), /the store is available again/);
    },
  },
  {
    what: 'store: another process locks the file and lets go',
    faults: [7],
    async run(ground) {
      const { target, file } = await serviceWithFile(ground);
      await target.prober.take();
      const release = lock(file);
      try {
        await noticed(target, 503);
        for (let i = 0; i < 20; i += 1) assert.equal(await postCall(target, `during-${i}`), 204);
        assert.ok([200, 503].includes((await target.send('/api/v1/calls')).status));
        await readable(target, 'during-0');
        assertSaidOnce(target, /s\.db is locked by another process/);
      } finally {
        release();
      }
      await recovered(target);
      await until('all is stored', async () => (await target.sample('sipwhy_journal_backlog_bytes')) === 0);
      assertSaidOnce(target, /s\.db is locked by another process/);
    },
  },
  {
    what: 'store: another process locks the file again and again',
    faults: [7],
    async run(ground) {
      const { target, file } = await serviceWithFile(ground);
      for (let i = 0; i < 20; i += 1) {
        const release = lock(file);
        assert.equal(await postCall(target, `during-${i}`), 204);
        await new Promise((resolve) => setTimeout(resolve, 50));
        release();
      }
      await recovered(target);
      await until('all is stored', async () => (await target.sample('sipwhy_journal_backlog_bytes')) === 0);
    },
  },
  {
    what: 'store: another process has an old snapshot of the file open',
    async run(ground) {
      const { target, file } = await serviceWithFile(ground);
      const reader = new DatabaseSync(file, { readOnly: true });
      reader.exec('BEGIN');
      reader.prepare('SELECT * FROM events').all();
      try {
        for (let i = 0; i < 20; i += 1) await storeCall(target, `during-${i}`);
        await recovered(target);
      } finally {
        reader.close();
      }
    },
  },
];

export const storeFiles: readonly Attack[] = [...harmed, ...recovering];

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SQLITE } from '../../../src/store/dialect.ts';
import { MIGRATIONS } from '../../../src/store/schema.ts';
import { startProcess, until } from '../../durable/serviceProcess.ts';
import type { Attack } from '../attack.ts';
import { assertSaidOnce, storeCall } from '../storeWitness.ts';

/** Asserts that a service does not start with these settings, and says why. */
async function refused(env: Readonly<Record<string, string>>, why: RegExp): Promise<void> {
  const started = startProcess(env).then(async (service) => {
    await service.end('SIGKILL');
    return service;
  });
  await assert.rejects(started, (error: Error) => {
    assert.match(error.message, /^sipwhy ended with [12]: /);
    assert.match(error.message, why);
    return true;
  });
}

/** Other names of the store of a running service. `make` returns the name. */
const NAMES: Readonly<Record<string, { make(file: string, folder: string): string; says: RegExp }>> = {
  'the same path': { make: (file) => file, says: /another process already uses the store/ },
  'a path with dots': {
    make: (file) => join(file, '..').concat('/./../', join(file, '..').split('/').at(-1) ?? '', '/sipwhy.db'),
    says: /another process already uses the store/,
  },
  'a symbolic link': {
    make(file, folder) {
      symlinkSync(file, join(folder, 'link.db'));
      return join(folder, 'link.db');
    },
    says: /another process already uses the store/,
  },
  'a link to its folder': {
    make(file, folder) {
      symlinkSync(join(file, '..'), join(folder, 'linked'));
      return join(folder, 'linked', 'sipwhy.db');
    },
    says: /another process already uses the store/,
  },
};

const secondServices: readonly Attack[] = Object.entries(NAMES).map(
  ([what, { make, says }]): Attack => ({
    what: `store: a second service opens it by ${what}`,
    faults: [18],
    async run(ground) {
      const target = await ground.service();
      const folder = ground.directory();
      const name = make(join(target.directory, 'sipwhy.db'), folder);
      await refused({ DATABASE_URL: name, JOURNAL_DIR: join(folder, 'journal') }, says);
    },
  }),
);

const hardLink: Attack = {
  what: 'store: a second service opens it by a hard link',
  faults: [18],
  async run(ground) {
    const target = await ground.ownService();
    const folder = ground.directory();
    linkSync(join(target.directory, 'sipwhy.db'), join(folder, 'hard.db'));
    const env = { DATABASE_URL: join(folder, 'hard.db'), JOURNAL_DIR: join(folder, 'journal') };
    await refused(env, /has 2 names \(hard links\).*remove the others/);
    await storeCall(target, 'after');
  },
};

const secondJournals: readonly Attack[] = ['the same path', 'a symbolic link'].map(
  (what): Attack => ({
    what: `journal: a second service opens it by ${what}`,
    async run(ground) {
      const target = await ground.service();
      const folder = ground.directory();
      const journal = join(target.directory, 'sipwhy.db.journal');
      if (what !== 'the same path') symlinkSync(journal, join(folder, 'link'));
      const given = what === 'the same path' ? journal : join(folder, 'link');
      const env = { DATABASE_URL: join(folder, 'other.db'), JOURNAL_DIR: given };
      await refused(env, /another process already uses the journal/);
    },
  }),
);

const deletedLocks: readonly Attack[] = [
  { what: 'store', lock: 'sipwhy.db-serving' },
  { what: 'journal', lock: 'sipwhy.db.journal/journal-serving' },
].map(
  ({ what, lock }): Attack => ({
    what: `${what}: someone deletes its lock, and a second service starts`,
    async run(ground) {
      const target = await ground.ownService();
      rmSync(join(target.directory, lock));
      await until('it is locked again', () => /was deleted or replaced: locked again/.test(target.log()));
      const folder = ground.directory();
      const own = { DATABASE_URL: join(folder, 'other.db'), JOURNAL_DIR: join(folder, 'journal') };
      const shared =
        what === 'store'
          ? { DATABASE_URL: join(target.directory, 'sipwhy.db') }
          : { JOURNAL_DIR: join(target.directory, 'sipwhy.db.journal') };
      await refused({ ...own, ...shared }, new RegExp(`another process already uses the ${what}`));
      assert.equal((await target.send('/readyz')).status, 200);
      assert.equal(target.log().match(/locked again/g)?.length, 1);
    },
  }),
);

const takenLock: Attack = {
  what: 'store: someone deletes its lock, and another process takes it at once',
  async run(ground) {
    const target = await ground.ownService();
    const lock = join(target.directory, 'sipwhy.db-serving');
    // Renamed onto it, so that the service sees no moment without a lock.
    const other = new DatabaseSync(`${lock}.new`);
    other.exec('BEGIN EXCLUSIVE');
    renameSync(`${lock}.new`, lock);
    await until('it is not ready', async () => (await target.send('/readyz')).status === 503);
    await storeCall(target, 'meanwhile');
    assertSaidOnce(target, /another process took its place/);
    other.close();
    await until('it is ready', async () => (await target.send('/readyz')).status === 200);
  },
};

/** Files that are no store. Each stays as it was. */
const ODD: Readonly<Record<string, { make(file: string): void; says: RegExp }>> = {
  'a directory': { make: (file) => mkdirSync(file), says: /cannot be opened for writing/ },
  'a text': { make: (file) => writeFileSync(file, 'hello '.repeat(1000)), says: /is not a SQLite file, or is damaged/ },
  'a text shorter than a page': { make: (file) => writeFileSync(file, 'hello'), says: /is not a SQLite file/ },
  'the beginning of a store': {
    make(file) {
      makeNotes(file);
      writeFileSync(file, readFileSync(file).subarray(0, 5_000));
    },
    says: /is not a SQLite file, or is damaged/,
  },
  'a store with overwritten pages': {
    make(file) {
      const store = new DatabaseSync(file);
      for (const migration of MIGRATIONS) store.exec(migration(SQLITE));
      store.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
      store.close();
      const bytes = readFileSync(file);
      bytes.fill(0x55, 4096);
      writeFileSync(file, bytes);
    },
    says: /is not a SQLite file, or is damaged/,
  },
  'a file of another program': {
    make: makeNotes,
    says: /the file is not the store: it is a SQLite file of another kind/,
  },
};

function makeNotes(file: string): void {
  const other = new DatabaseSync(file);
  other.exec('CREATE TABLE notes (text TEXT); CREATE TABLE more (text TEXT)');
  const insert = other.prepare('INSERT INTO notes VALUES (?)');
  for (let i = 0; i < 50; i += 1) insert.run('x'.repeat(1000));
  other.close();
}

const oddFiles: readonly Attack[] = Object.entries(ODD).map(
  ([what, { make, says }]): Attack => ({
    what: `store: DATABASE_URL names ${what}`,
    async run(ground) {
      const file = join(ground.directory(), 'odd.db');
      make(file);
      const before = digestOf(file);
      await refused({ DATABASE_URL: file }, says);
      assert.equal(digestOf(file), before);
    },
  }),
);

function digestOf(file: string): string | undefined {
  return statSync(file).isFile() ? createHash('sha256').update(readFileSync(file)).digest('hex') : undefined;
}

const nowhere: readonly Attack[] = [
  ['a folder that does not exist', '/nowhere/x/s.db'],
  ['a device', '/dev/full'],
].map(
  ([what, url = '']): Attack => ({
    what: `store: DATABASE_URL names ${what}`,
    async run(ground) {
      await refused({ DATABASE_URL: url, JOURNAL_DIR: join(ground.directory(), 'journal') }, /"level":60/);
      assert.equal(existsSync('/nowhere'), false);
    },
  }),
);

export const storeStart: readonly Attack[] = [
  ...secondServices,
  hardLink,
  ...secondJournals,
  ...deletedLocks,
  takenLock,
  ...oddFiles,
  ...nowhere,
];

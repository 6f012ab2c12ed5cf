import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { migratePostgres } from '../../../src/store/migrate.ts';
import { PostgresDatabase } from '../../../src/store/postgres/postgresDatabase.ts';
import { Store } from '../../../src/store/store.ts';
import { PositionedJournal } from '../openStore.ts';
import { status } from '../storedEvents.ts';
import { type Place, postgresSchema, sqliteFile } from './databases.ts';

describe('a store file', () => {
  let place: Place;
  beforeEach(async () => {
    place = await sqliteFile();
  });
  afterEach(() => place.remove());

  it('that is found to be damaged later is named, with what to do', async () => {
    const store = await Store.open(place.url);
    await new PositionedJournal().bring(store, status('1', 0));
    await store.close();
    const db = new DatabaseSync(place.url);
    const root = db.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'events_by_leg'").get()?.rootpage;
    const size = Number(db.prepare('PRAGMA page_size').get()?.page_size);
    db.close();
    const bytes = await readFile(place.url);
    bytes.fill(0xff, (Number(root) - 1) * size, Number(root) * size);
    await writeFile(place.url, bytes);
    const damaged = await Store.open(place.url);
    const message = /store\.db is damaged \(database disk image is malformed\)\. Stop the service, then restore/;
    await assert.rejects(damaged.calls.find('b1'), message);
    await damaged.close();
  });

  const refused: { what: string; make(path: string): Promise<void> | void; message: RegExp }[] = [
    {
      what: 'of a newer version',
      make: (path) => writeTables(path, 'CREATE TABLE of_the_future (x); PRAGMA user_version = 9999'),
      message: /newer version of sipwhy \(schema 9999/,
    },
    {
      what: 'of another program',
      make: (path) => writeTables(path, 'CREATE TABLE bookmarks (x)'),
      message: /of another kind, with a table bookmarks/,
    },
    {
      what: 'of another program, with a table of the same name',
      make: (path) => writeTables(path, 'CREATE TABLE bookmarks (x); CREATE TABLE events (digest)'),
      message: /of another kind, with a table events\. It was not changed\. Name another file/,
    },
    {
      what: 'of another program, which counts its versions as well',
      make: (path) => writeTables(path, 'CREATE TABLE events (x); PRAGMA user_version = 3'),
      message: /of another kind, with a table events/,
    },
    {
      what: 'that is no database',
      make: (path) => writeFile(path, 'not a database '.repeat(1_000)),
      message: /damaged/,
    },
    {
      what: 'of which only the beginning is left',
      async make(path) {
        await (await Store.open(path)).close();
        await writeFile(path, (await readFile(path)).subarray(0, 1_000));
      },
      message: /damaged/,
    },
    { what: 'that is some short text', make: (path) => writeFile(path, 'hello'), message: /damaged/ },
    {
      what: 'that was cut off',
      async make(path) {
        await (await Store.open(path)).close();
        const bytes = await readFile(path);
        await writeFile(path, bytes.subarray(0, bytes.length / 2));
      },
      message: /damaged/,
    },
    {
      what: 'whose first page is damaged',
      async make(path) {
        await (await Store.open(path)).close();
        const bytes = await readFile(path);
        bytes.fill(0xff, 16, 1_000);
        await writeFile(path, bytes);
      },
      message: /damaged/,
    },
  ];
  for (const { what, make, message } of refused) {
    it(`${what} is refused in words, and left as it was`, async () => {
      await make(place.url);
      const before = await readFile(place.url);
      await assert.rejects(Store.open(place.url), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(error.message.startsWith(`${place.url}: `), error.message);
        return true;
      });
      assert.deepEqual(await readFile(place.url), before);
    });
  }
});

function writeTables(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

describe('a schema of PostgreSQL’s', () => {
  it('that a newer version wrote is refused, and left as it was', async () => {
    const place = await postgresSchema();
    const database = new PostgresDatabase(place.url);
    await migratePostgres(database);
    await database.run('UPDATE sipwhy_schema SET version = 9999');
    await assert.rejects(migratePostgres(database), /newer version of sipwhy \(schema 9999/);
    assert.deepEqual(await place.query('SELECT version FROM sipwhy_schema'), [{ version: '9999' }]);
    await database.close();
    await place.remove();
  });
});

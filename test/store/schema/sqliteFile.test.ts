import assert from 'node:assert/strict';
import { readFileSync, renameSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { SqliteDatabase } from '../../../src/store/sqlite/sqliteDatabase.ts';
import { StoreUnavailable } from '../../../src/store/storeUnavailable.ts';
import { type Place, sqliteFile } from './databases.ts';

describe('the file of a SQLite store', () => {
  let place: Place;
  let database: SqliteDatabase;
  let reported: string[];
  beforeEach(async () => {
    place = await sqliteFile();
    database = await SqliteDatabase.open(place.url, undefined, 0);
    reported = [];
    database.onUnavailable = ({ fault }) => void reported.push(fault);
  });
  afterEach(async () => {
    await database.close();
    await place.remove();
  });

  const add = (room: string) => database.run("INSERT INTO rooms_by_numbers (room, call_id) VALUES ($1, 'c')", [room]);
  const fault = (expected: string) => (error: unknown) => {
    assert.ok(error instanceof StoreUnavailable, String(error));
    assert.deepEqual([error.fault, error.statusCode, error.isLoggedOnce], [expected, 503, true]);
    return true;
  };

  it('is verified as long as nothing happens to it', async () => {
    await database.verify();
    await add('a');
    await database.verify();
    assert.deepEqual(reported, []);
  });

  it('takes no writes while it is away, and is not synced, so the journal keeps its segments', async () => {
    renameSync(place.url, `${place.url}.away`);
    await assert.rejects(database.verify(), fault('lost'));
    await assert.rejects(add('a'), fault('lost'));
    await assert.rejects(
      database.transaction(async () => {}),
      fault('lost'),
    );
    await assert.rejects(database.sync(), fault('lost'));
    renameSync(`${place.url}.away`, place.url);
    await database.verify();
    await add('a');
    await database.sync();
  });

  it('stays damaged once it was', async () => {
    await database.purge();
    const whole = readFileSync(place.url);
    truncateSync(place.url, 4096);
    await assert.rejects(database.verify(), fault('damaged'));
    writeFileSync(place.url, whole);
    await assert.rejects(database.verify(), fault('damaged'));
    await assert.rejects(add('a'), fault('damaged'));
  });

  it('is locked while another process writes, and not after that', async () => {
    const other = new DatabaseSync(place.url);
    other.exec('BEGIN IMMEDIATE');
    await assert.rejects(database.verify(), fault('locked'));
    await assert.rejects(add('a'), fault('locked'));
    other.close();
    await database.verify();
    await add('a');
    assert.deepEqual(reported, ['locked', 'locked']);
  });

  it('writes to find out whether it works again, and only then', async () => {
    const size = () => statSync(`${place.url}-wal`, { throwIfNoEntry: false })?.size;
    await database.purge();
    await database.verify();
    assert.equal(size(), 0);
    const other = new DatabaseSync(place.url);
    other.exec('BEGIN IMMEDIATE');
    await assert.rejects(database.verify(), fault('locked'));
    other.close();
    await database.verify();
    assert.ok((size() ?? 0) > 0);
  });

  it('has nothing of what was deleted, nor has its write-ahead log after a purge', async () => {
    for (let i = 0; i < 300; i += 1) await add(`CANARY-${i}`);
    await database.purge();
    const has = (path: string) => readFileSync(path).includes('CANARY');
    assert.ok(has(place.url));
    await database.run('DELETE FROM rooms_by_numbers');
    await database.purge();
    assert.deepEqual([has(place.url), has(`${place.url}-wal`)], [false, false]);
  });

  it('may be opened through a link', async () => {
    symlinkSync(place.url, `${place.url}.link`);
    const linked = await SqliteDatabase.open(`${place.url}.link`);
    await linked.verify();
    await linked.sync();
    await linked.close();
  });
});

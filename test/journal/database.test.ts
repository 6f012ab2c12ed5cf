import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Database, placeholders } from '../../src/journal/database.ts';
import { migratePostgres } from '../../src/journal/migrate.ts';
import { PostgresDatabase } from '../../src/journal/postgresDatabase.ts';
import { DATABASES, type Place, postgresSchema } from './databases.ts';

for (const { name, place: makePlace, open } of DATABASES) {
  describe(`the port to ${name}`, () => {
    let place: Place;
    let database: Database;
    const rooms = async () =>
      (await database.all<{ room: string }>('SELECT room FROM rooms_by_numbers ORDER BY room')).map(({ room }) => room);
    const add = 'INSERT INTO rooms_by_numbers (room, call_id) VALUES ($1, $2)';

    before(async () => {
      place = await makePlace();
      database = await open(place.url);
    });
    after(async () => {
      await database.close();
      await place.remove();
    });

    it('takes parameters by number, in any order and more than once', async () => {
      const [row] = await database.all(
        'SELECT CAST($2 AS TEXT) AS second, CAST($1 AS TEXT) AS first, CAST($2 AS TEXT) AS again',
        ['a', 'b'],
      );
      assert.deepEqual({ ...row }, { second: 'b', first: 'a', again: 'b' });
    });

    it('gives whole numbers, bytes and what is missing back as they went in', async () => {
      await database.run(
        'INSERT INTO livekit_events (received_at, room, name, digest, event, body) VALUES ($1, $2, $3, $4, $5, $6)',
        [1_795_387_200_123, null, 'n', 'd', '{"a":"\\u0000"}', new Uint8Array([0, 255, 10])],
      );
      const [row] = await database.all<{ received_at: number; room: null; event: string; body: Uint8Array }>(
        'SELECT received_at, room, event, body FROM livekit_events',
      );
      assert.equal(row?.received_at, 1_795_387_200_123);
      assert.equal(row.room, null);
      assert.equal(row.event, '{"a":"\\u0000"}');
      assert.deepEqual([...row.body], [0, 255, 10]);
    });

    it('counts what was changed, and takes several rows at once', async () => {
      const rows = ['x', '1', 'y', '2'];
      assert.equal(
        await database.run(`INSERT INTO rooms_by_numbers (room, call_id) VALUES ${placeholders(2, 2)}`, rows),
        2,
      );
      assert.equal(await database.run(`${add} ON CONFLICT DO NOTHING`, ['x', '1']), 0);
      assert.equal(await database.run('DELETE FROM rooms_by_numbers'), 2);
    });

    it('undoes a transaction whose work rejects', async () => {
      const work = database.transaction(async (queries) => {
        await queries.run(add, ['undone', '1']);
        throw new Error('no');
      });
      await assert.rejects(work, /^Error: no$/);
      assert.deepEqual(await rooms(), []);
    });

    it('keeps what is done beside a transaction out of it', async () => {
      const undone = database.transaction(async (queries) => {
        await queries.run(add, ['a', '1']);
        await queries.run(add, ['b', '1']);
        throw new Error('no');
      });
      const beside = database.run(add, ['c', '1']);
      const other = database.transaction((queries) => queries.run(add, ['d', '1']));
      await assert.rejects(undone);
      await Promise.all([beside, other]);
      assert.deepEqual(await rooms(), ['c', 'd']);
    });
  });
}

describe('PostgreSQL', () => {
  it('is brought forward once by replicas that start at the same time', async () => {
    const place = await postgresSchema();
    const replicas = Array.from({ length: 4 }, () => new PostgresDatabase(place.url));
    await Promise.all(replicas.map(migratePostgres));
    assert.deepEqual(await place.query('SELECT id FROM sipwhy_schema'), [{ id: 1 }]);
    assert.deepEqual(await place.query('SELECT * FROM attempts'), []);
    for (const replica of replicas) await replica.close();
    await place.remove();
  });
});

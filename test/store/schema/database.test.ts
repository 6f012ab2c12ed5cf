import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Database, placeholders } from '../../../src/store/database.ts';
import { migratePostgres } from '../../../src/store/migrate.ts';
import { PostgresDatabase } from '../../../src/store/postgres/postgresDatabase.ts';
import { T0 } from '../storedEvents.ts';
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

    it('inserts rows, and leaves those as they are whose key is there', async () => {
      const columns = { sip_call_id: 'text', call_id: 'text' } as const;
      await database.insert('sip_call_ids', columns, []);
      await database.insert('sip_call_ids', columns, [
        ['one', 'a1'],
        ['two', 'a1'],
        ['one', 'a1'],
      ]);
      await database.transaction(async (queries) => {
        await queries.insert('sip_call_ids', columns, [
          ['two', 'a1'],
          ['three', 'a1'],
        ]);
      });
      const kept = await database.all<{ id: string }>(
        'SELECT sip_call_id AS id FROM sip_call_ids ORDER BY sip_call_id',
      );
      assert.deepEqual(
        kept.map(({ id }) => id),
        ['one', 'three', 'two'],
      );
      const positions = { log: 'text', segment: 'bigint', byte_offset: 'bigint' } as const;
      await database.insert('log_positions', positions, [['log', 1, 2]]);
      await database.insert('log_positions', positions, [['log', 3, 4]]);
      const [row] = await database.all('SELECT segment, byte_offset FROM log_positions');
      assert.deepEqual({ ...row }, { segment: 1, byte_offset: 2 });
    });

    it('inserts bytes, numbers and what is missing as they are', async () => {
      const columns = {
        received_at: 'bigint',
        room: 'text',
        name: 'text',
        digest: 'text',
        event: 'text',
        body: 'bytea',
      } as const;
      const texts = ['it’s', '{"a","b"}', 'NULL', '', '\\ "'];
      await database.insert(
        'livekit_events',
        columns,
        texts.map((text, i) => [T0 + i, i === 0 ? null : text, text, 'inserted', '{}', new Uint8Array([0, 255, i])]),
      );
      const rows = await database.all<{ received_at: number; room: string | null; name: string; body: Uint8Array }>(
        "SELECT received_at, room, name, body FROM livekit_events WHERE digest = 'inserted' ORDER BY seq",
      );
      assert.deepEqual(
        rows.map(({ received_at, room, name: text, body }) => [received_at, room, text, [...body]]),
        texts.map((text, i) => [T0 + i, i === 0 ? null : text, text, [0, 255, i]]),
      );
    });

    it('reads texts and objects from a parameter in JSON', async () => {
      const { texts, objects } = database.dialect;
      const given = ['a', 'it’s "quoted"', '', 'a'];
      const values = await database.all<Record<string, string>>(`SELECT * FROM (${texts('$1')}) AS t`, [
        JSON.stringify(given),
      ]);
      assert.deepEqual(
        values.flatMap((row) => Object.values(row)),
        given,
      );
      const rows = await database.all<{ call_id: string; at: number }>(
        `SELECT call_id, at FROM ${objects('$1', { call_id: 'text', at: 'bigint' })} ORDER BY at`,
        [JSON.stringify([{ call_id: 'b', at: T0, more: true }, { call_id: 'a', at: 1 }, { at: 2 }])],
      );
      assert.deepEqual(
        rows.map(({ call_id, at }) => [call_id, at]),
        [
          ['a', 1],
          [null, 2],
          ['b', T0],
        ],
      );
      assert.deepEqual(await database.all(`SELECT 1 AS one WHERE 'a' IN (${texts('$1')})`, ['[]']), []);
    });

    it('gives the least and the greatest of numbers', async () => {
      const { least, greatest } = database.dialect;
      const [row] = await database.all(`SELECT ${least}(3, 1, 2) AS low, ${greatest}(3, 1, 2) AS high`);
      assert.deepEqual({ ...row }, { low: 1, high: 3 });
    });

    it(
      name === 'SQLite' ? 'keeps a NUL in a text' : 'replaces a NUL in a text, and refuses one in JSON for good',
      async () => {
        const text = 'a\u0000b';
        const { texts, objects } = database.dialect;
        const statements = [
          () => database.all<{ x: string }>('SELECT CAST($1 AS TEXT) AS x', [text]),
          () =>
            database.all<{ x: string }>(`SELECT x FROM ${objects('$1', { x: 'text' })}`, [
              JSON.stringify([{ x: text }]),
            ]),
          async () => {
            const found = await database.all(`SELECT 1 AS one WHERE 'a' IN (${texts('$1')})`, [JSON.stringify([text])]);
            return found.length === 0 ? [{ x: text }] : [];
          },
          async () => {
            await database.insert('rooms_by_numbers', { room: 'text', call_id: 'text' }, [[text, 'nul']]);
            return database.all<{ x: string }>("SELECT room AS x FROM rooms_by_numbers WHERE call_id = 'nul'");
          },
        ];
        for (const [i, statement] of statements.entries()) {
          const isJson = i === 1 || i === 2;
          if (name === 'PostgreSQL' && isJson) await assert.rejects(statement, database.isDataError, `statement ${i}`);
          else assert.equal((await statement())[0]?.x, name === 'SQLite' ? text : 'a\ufffdb', `statement ${i}`);
        }
        await database.run("DELETE FROM rooms_by_numbers WHERE call_id = 'nul'");
      },
    );

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

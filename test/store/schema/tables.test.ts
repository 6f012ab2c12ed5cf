import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { exportRows } from '../../../src/store/archive/archive.ts';
import type { Database } from '../../../src/store/database.ts';
import { EXPORTED, insertRows, LEGS_BY_NUMBERS, ROOMS_BY_NUMBERS, SIP_CALL_IDS } from '../../../src/store/tables.ts';
import { DATABASES, type Place } from './databases.ts';

/** Columns that are neither exported nor looked up by: of leases, owners, and numbers of this database alone. */
const OF_THIS_STORE: Readonly<Record<string, readonly string[]>> = {
  attempts: ['settled_by', 'ended_by'],
  events: ['seq', 'kept'],
  livekit_events: ['seq', 'kept'],
  open_calls: ['arrivals', 'due_at', 'judged', 'last_received_at', 'leased_until', 'over_at', 'owner'],
};

/** Tables that are made again from others or from later calls, or hold what is under way. */
const TABLES_OF_THIS_STORE = [
  'attempt_keys',
  'call_kinds',
  'deliveries',
  'forward_calls',
  'forwards',
  'incident_notices',
].concat('finished_work', 'log_positions', 'predictions', 'sipwhy_schema');

/** The partitions of PostgreSQL have the columns of their table. */
const PARTITION = /^(livekit_)?events_/;

const TYPES: Readonly<Record<string, string>> = { integer: 'bigint', blob: 'bytea' };

for (const { name, place, open } of DATABASES) {
  describe(`the declared tables, on ${name}`, () => {
    let store: Place;
    let database: Database;
    before(async () => {
      store = await place();
      database = await open(store.url);
    });
    after(async () => {
      await database.close();
      await store.remove();
    });

    it('are those of the schema, with its columns', async () => {
      const found: Record<string, Record<string, string>> = {};
      for (const { table, column, type, nullable } of await columnsIn(database)) {
        if (PARTITION.test(table) || TABLES_OF_THIS_STORE.includes(table) || OF_THIS_STORE[table]?.includes(column))
          continue;
        found[table] ??= {};
        found[table][column] = `${TYPES[type] ?? type}${nullable ? ' or null' : ''}`;
      }
      const declared = [...EXPORTED, SIP_CALL_IDS, LEGS_BY_NUMBERS].map((table) => [
        table.name,
        Object.fromEntries(
          Object.entries(table.columns)
            .filter(([, { computed }]) => computed === undefined)
            .map(([column, { type, nullable }]) => [column, `${type}${nullable ? ' or null' : ''}`]),
        ),
      ]);
      assert.deepEqual(found, Object.fromEntries(declared));
    });

    it('are exported page after page as they were at the beginning, whatever is written meanwhile', async () => {
      // More than a page, and more than one key of a room.
      const rooms = Array.from({ length: 450 }, (_, i) => ({ room: `room-${i % 3}`, call_id: `call-${i}` }));
      await insertRows(database, ROOMS_BY_NUMBERS, rooms);
      const other = await open(store.url);
      const exported: object[] = [];
      await database.snapshot(async (queries) => {
        for await (const row of exportRows(queries)) {
          if (exported.push(row) === 1) {
            await insertRows(other, ROOMS_BY_NUMBERS, [{ room: 'room-9', call_id: 'late' }]);
            await other.run("DELETE FROM rooms_by_numbers WHERE call_id = 'call-449'");
          }
        }
      });
      await other.close();
      assert.deepEqual(
        exported.map((row) => JSON.stringify(row)).toSorted(),
        rooms.map((row) => JSON.stringify({ table: 'rooms_by_numbers', ...row })).toSorted(),
      );
      assert.equal((await database.all("SELECT 1 AS one FROM rooms_by_numbers WHERE call_id = 'late'")).length, 1);
    });
  });
}

/** The columns of all tables. A part of a primary key is never null, which SQLite does not say of all. */
function columnsIn(database: Database) {
  return database.all<{ table: string; column: string; type: string; nullable: number | boolean }>(
    database.dialect.isShared
      ? `SELECT table_name AS "table", column_name AS "column", data_type AS type, is_nullable = 'YES' AS nullable
         FROM information_schema.columns WHERE table_schema = current_schema()`
      : `SELECT t.name AS "table", c.name AS "column", LOWER(c.type) AS type, c."notnull" = 0 AND c.pk = 0 AS nullable
         FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'`,
  );
}

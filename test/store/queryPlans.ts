import type { Database } from '../../src/store/database.ts';
import { SqliteDatabase } from '../../src/store/sqlite/sqliteDatabase.ts';

/** How SQLite reads the tables for the queries of some work on an empty store. */
export async function plansOf(work: (database: Database) => Promise<unknown>): Promise<string[]> {
  const database = await SqliteDatabase.open(':memory:');
  const plans: string[] = [];
  // The cast: the work only queries.
  const explaining = {
    dialect: database.dialect,
    async all(sql: string, parameters: readonly (string | number)[]) {
      const rows = await database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, parameters);
      plans.push(...rows.map(({ detail }) => detail));
      return [];
    },
  } as unknown as Database;
  await work(explaining);
  await database.close();
  return plans.filter((plan) => /^(SEARCH|SCAN) attempt/.test(plan));
}

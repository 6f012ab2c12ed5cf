import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it, mock } from 'node:test';
import { hostOf, siteFrom } from '../../src/core/diagnose/facts/site.ts';
import { SAMPLE_SITE, sampleDay } from '../../src/demo/sampleDay.ts';
import { sampleStore } from '../../src/sample/sampleStore.ts';
import type { Store } from '../../src/store/store.ts';

const SITE = siteFrom({ ...SAMPLE_SITE, livekitUrlHost: hostOf(SAMPLE_SITE.livekitUrl) });
/** What may be gone through from one end to the other: what a statement is given or has found, and what stays small. */
const SMALL =
  /^SCAN (json_each|\d+-ROW VALUES|CONSTANT ROW|found|near|rooms|calls|\(subquery-\d+\)|configurations|sqlite_master|pragma_table_info)(?!\w)/;

describe('storing and judging calls', () => {
  let store: Store;
  let statements: readonly string[];
  before(async () => {
    const prepared = mock.method(DatabaseSync.prototype, 'prepare');
    ({ store } = await sampleStore(sampleDay(), SITE, Date.UTC(2026, 10, 22)));
    statements = [...new Set(prepared.mock.calls.map(({ arguments: [sql] }) => sql))];
    prepared.mock.restore();
  });
  after(() => store.close());

  it('goes through no table that grows, but for what is done once and for a first row', async () => {
    const scans: string[] = [];
    for (const sql of statements.filter((one) => /^\s*(SELECT|INSERT|UPDATE|DELETE)/.test(one))) {
      const unbound = sql.replaceAll(/\?\d+/g, 'NULL');
      const steps = await store.database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${unbound}`);
      if (steps.some(({ detail }) => detail.startsWith('SCAN ') && !SMALL.test(detail))) scans.push(sql);
    }
    assert.deepEqual(scans, [
      // At the start, and when the clock was set back.
      'UPDATE open_calls SET due_at = 0 WHERE last_received_at > ?1',
      'SELECT received_at AS at FROM livekit_events WHERE name <> ?1 ORDER BY received_at DESC LIMIT 1',
    ]);
    assert.ok(statements.some((sql) => sql.includes('DELETE FROM open_calls')));
  });
});

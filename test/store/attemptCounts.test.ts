import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { AttemptCounts } from '../../src/store/calls/attemptCounts.ts';
import type { Database } from '../../src/store/database.ts';
import { plansOf } from './queryPlans.ts';
import { DATABASES, type Place } from './schema/databases.ts';

const HOUR = 3_600_000;
const T0 = 1_000 * HOUR;
/** More than a slice has, so that the counts of several are added. */
const MANY = 12_000;

for (const { name, place: makePlace, open } of DATABASES) {
  describe(`counting attempts on ${name}`, () => {
    let place: Place;
    let database: Database;
    let counts: AttemptCounts;

    before(async () => {
      place = await makePlace();
      database = await open(place.url);
      counts = new AttemptCounts(database);
      // In the first hour all connect; in the second every third fails, on one of two trunks. All of a minute are at once.
      await database.script(
        `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY - 1})
         INSERT INTO attempts (id, call_sid, call_id, started_at, settled_at, record)
           SELECT 'a' || i, 'a' || i, 'a' || i, 0, 0, '{}' FROM n`,
      );
      await database.script(
        `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY - 1})
         INSERT INTO attempt_keys (id, settled_at, changed_at, outcome, cause, party, trunk, status, from_digits, to_digits)
           SELECT 'a' || i, ${T0} + i / 100 * 60000, 0, CASE WHEN i >= 6000 AND i % 3 = 0 THEN 'failed' ELSE 'connected' END,
             CASE WHEN i >= 6000 AND i % 3 = 0 THEN 'dns_failure' END, CASE WHEN i >= 6000 AND i % 3 = 0 THEN 'network' END,
             'ST_' || (i % 2), CASE WHEN i >= 6000 AND i % 3 = 0 THEN 503 ELSE 200 END, '49' || i, '44' FROM n`,
      );
    });
    after(async () => {
      await database.close();
      await place.remove();
    });

    const sorted = async (...asked: Parameters<AttemptCounts['count']>) =>
      (await counts.count(...asked))
        .map(({ part, outcome, trunk, attempts }) => `${part} ${outcome} ${trunk} ${attempts}`)
        .sort();

    it('counts by part of the time, outcome and trunk', async () =>
      assert.deepEqual(await sorted({ since: T0, until: T0 + 2 * HOUR }, HOUR), [
        '0 connected ST_0 3000',
        '0 connected ST_1 3000',
        '1 connected ST_0 2000',
        '1 connected ST_1 2000',
        '1 failed ST_0 1000',
        '1 failed ST_1 1000',
      ]));

    it('counts those of a time and of a filter only', async () => {
      // Minutes 60 and 61, of 100 attempts each: 6000 to 6199.
      const two = { since: T0 + HOUR, until: T0 + HOUR + 120_000 };
      assert.deepEqual(await sorted({ ...two, outcome: ['failed'] }, 60_000), [
        '0 failed ST_0 17',
        '0 failed ST_1 17',
        '1 failed ST_0 17',
        '1 failed ST_1 16',
      ]);
      assert.deepEqual(await sorted({ ...two, cause: ['dns_failure'], trunk: ['ST_1'] }, 120_000), [
        '0 failed ST_1 33',
      ]);
      assert.deepEqual(await sorted({ ...two, status: [486] }, HOUR), []);
      assert.deepEqual(await sorted({ since: T0, until: T0 }, HOUR), []);
      assert.deepEqual(await sorted({ since: T0 + HOUR, until: T0 }, HOUR), []);
    });

    it('counts all attempts of a time but those that are nobody’s fault', async () => {
      await database.script("UPDATE attempt_keys SET outcome = 'not_counted' WHERE id IN ('a0', 'a1')");
      assert.equal(await counts.total(T0, T0 + 2 * HOUR), MANY - 2);
      await database.script("UPDATE attempt_keys SET outcome = 'connected' WHERE id IN ('a0', 'a1')");
      assert.equal(await counts.total(T0, T0 + 60_000), 100);
    });
  });
}

describe('the statements that count attempts on SQLite', () => {
  it('read an index alone, from the position on where a slice begins', async () => {
    const filter = { since: 1, until: 2, status: [503] };
    const position = '(settled_at,id)>(?,?) AND settled_at<?';
    for (const [more, plan] of [
      [{}, `attempt_keys_by_time (${position})`],
      [{ cause: ['auth_missing'] }, `attempt_keys_by_cause (cause=? AND ${position})`],
      [{ trunk: ['ST_1'] }, `attempt_keys_by_trunk (trunk=? AND ${position})`],
      [{ outcome: ['failed'] }, `attempt_keys_by_outcome (outcome=? AND ${position})`],
    ] as const) {
      const plans = await plansOf((database) => new AttemptCounts(database).count({ ...filter, ...more }, 1));
      const expected = `SEARCH attempt_keys USING COVERING INDEX ${plan}`;
      assert.deepEqual(plans, [expected, expected]);
    }
  });
});

import { DatabaseSync } from 'node:sqlite';
import { SqliteDatabase } from '../../src/store/sqlite/sqliteDatabase.ts';
import { recordOnly, TWO_TRUNKS, webhooksOf } from '../../test/core/scenario.ts';
import { statusWebhooks } from '../load/statusWebhooks.ts';

/** The attempts are spread over this time before now. */
const SPAN_MS = 30 * 86_400_000;
/** An odd number: its multiples modulo a power of two are spread, and each comes once. */
const STEP = 2_654_435_761;
/** How many trunks the attempts are on: ST_0 and so on. */
export const TRUNKS = 50;
/** One attempt in a hundred failed, and one in a hundred thousand in a way that is rare. */
export const RARE = { cause: 'auth_missing', status: 407 };

const FAILED = JSON.stringify(
  recordOnly(webhooksOf({ response: [503, 'Try again later', 200] }), { livekit: TWO_TRUNKS }),
);
const CONNECTED = JSON.stringify(recordOnly(webhooksOf({ ringing: [100], response: [200, 'OK', 1_000] })));

/** The oldest calls have webhooks. Retention deletes them first. */
export const CALLS_WITH_WEBHOOKS = 20_000;

/** The caller's number of attempt `i`. No other attempt has it. */
export const callerOf = (i: number) => String(1_555_000_000_000 + i);

/** Writes a store with so many judged attempts, in the order of their times. Their ids are in another order, as UUIDs are. */
export async function writeHistory(path: string, attempts: number): Promise<void> {
  await (await SqliteDatabase.open(path)).close();
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000; PRAGMA temp_store = MEMORY');
  const indexes = db
    .prepare(
      "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('attempts', 'attempt_keys')",
    )
    .all();
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`);
  const rows = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${attempts - 1}),
    a AS (SELECT i, printf('%08x-0000-4000-8000-%012x', (i * ${STEP}) & 4294967295, i) AS id,
      ${Date.now() - SPAN_MS} + i * ${SPAN_MS / attempts} AS at FROM n)`;
  const whole = 'CAST(at AS INTEGER)';
  db.prepare(
    `${rows} INSERT INTO attempts (id, call_sid, call_id, started_at, settled_at, record)
     SELECT id, 'b-' || id, 'a-' || id, ${whole} - 1000, ${whole}, iif(i % 100 = 0, ?, ?) FROM a`,
  ).run(FAILED, CONNECTED);
  db.exec(
    `${rows} INSERT INTO attempt_keys
       (id, settled_at, changed_at, outcome, cause, party, trunk, status, from_digits, to_digits)
     SELECT id, ${whole}, ${whole}, iif(i % 100 = 0, 'failed', 'connected'),
       CASE WHEN i % 100000 = 0 THEN '${RARE.cause}' WHEN i % 100 = 0 THEN 'trunk_conflict' END,
       CASE WHEN i % 100000 = 0 THEN 'application' WHEN i % 100 = 0 THEN 'livekit_config' END,
       'ST_' || (i % ${TRUNKS}), CASE WHEN i % 100000 = 0 THEN ${RARE.status} WHEN i % 100 = 0 THEN 503 ELSE 200 END,
       ${callerOf(0)} + i, '12025550' || (100 + i % 100) FROM a`,
  );
  for (const { sql } of indexes) db.exec(String(sql));
  const insert = db.prepare(
    `${rows} INSERT INTO events (id, received_at, call_id, call_sid, kind, digest, event, body)
     SELECT printf('%012x-%s-%s', at, ?1, id), ${whole}, 'a-' || id, 'a-' || id, 'status', ?1 || id, ?2, ?3 FROM a LIMIT ${CALLS_WITH_WEBHOOKS}`,
  );
  for (const [i, body] of statusWebhooks(0).entries()) insert.run(String(i), body, Buffer.from(body));
  db.close();
}

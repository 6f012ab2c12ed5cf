import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { SqliteDatabase } from '../../../src/store/sqlite/sqliteDatabase.ts';
import { incidentOf, NO_DNS, settled } from '../../core/incidents/failedCalls.ts';
import type { Attack, Ground } from '../attack.ts';
import type { Target } from '../attackedService.ts';
import { withoutBlocking } from '../withoutBlocking.ts';

/** One incident has most of the calls; of all others every second is open. */
const INCIDENTS = 500;
const CALLS_OF_LARGE = 100_000;
const CALLS_OF_OTHERS = 100;
/** How many calls are read at most. The records of all others are empty. */
const READ = 100;
const DAY_MS = 86_400_000;
const LARGE = randomUUID();
/** The digits of no number. */
const NOBODY = '99999999';

let file: string | undefined;

/** A store in which all calls failed within the last day. */
async function filledStore(path: string): Promise<void> {
  const now = Date.now();
  const database = await SqliteDatabase.open(path);
  await database.script('PRAGMA cache_size = -400000; PRAGMA synchronous = OFF');
  const record = JSON.stringify({ ...NO_DNS, from: '+15550123', to: '+15550100' });
  for (let i = 0; i < INCIDENTS; i += 1) {
    const [id, trunk] = [i === 0 ? LARGE : randomUUID(), `ST_${i}`];
    const calls = i === 0 ? CALLS_OF_LARGE : CALLS_OF_OTHERS;
    const first = { ...settled('leg', 0, NO_DNS, { trunk }), startedAt: now - DAY_MS };
    const incident = { ...incidentOf(first), id, calls, openedAt: first.startedAt };
    const closed = i % 2 === 0 ? undefined : { at: now, because: 'no_calls' as const };
    await database.transaction(async (queries) => {
      await queries.run(
        'INSERT INTO incidents (id, cause, trunk, opened_at, closed_at, changed_at, incident) VALUES ($1, $2, $3, $4, $5, $4, $6)',
        [id, incident.cause, trunk, incident.openedAt, closed?.at ?? null, JSON.stringify({ ...incident, closed })],
      );
      const many = (table: string, columns: string, values: string, parameters: readonly (string | number)[]) =>
        queries.run(
          `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${calls})
           INSERT INTO ${table} (${columns}) SELECT ${values} FROM n`,
          parameters,
        );
      const at = `CAST($1 AS INTEGER) + i * ${Math.floor(DAY_MS / calls)}`;
      const key = `'${i}-' || i`;
      await many(
        'attempts',
        'id, call_sid, call_id, started_at, settled_at, record, incident',
        `${key}, ${key}, ${key}, ${at}, ${at}, CASE WHEN i > ${calls - READ} THEN $2 ELSE '{}' END, $3`,
        [now - DAY_MS, record, id],
      );
      await many(
        'attempt_keys',
        'id, settled_at, changed_at, outcome, cause, party, trunk, status, from_digits, to_digits',
        `${key}, ${at}, ${at}, 'failed', $2, 'network', $3, 503, '1555' || (1000000 + i), '15550100'`,
        [now - DAY_MS, incident.cause, trunk],
      );
    });
  }
  await database.close();
}

async function filledService(ground: Ground): Promise<Target> {
  if (file === undefined) {
    file = join(ground.directory(), 'filled.db');
    await filledStore(file);
  }
  return ground.service({ DATABASE_URL: file });
}

type Json = Readonly<Record<string, never>> & {
  readonly incidents: never[];
  readonly calls: never[];
  readonly series: { failed: number }[] & { buckets: { failed: number }[] };
};

/** What is asked for, and how much of it there must be. */
const READS: Readonly<Record<string, readonly [path: string, count: number, of: (json: Json) => number]>> = {
  'the incidents by impact': ['incidents?limit=500', INCIDENTS, ({ incidents }) => incidents.length],
  'the open incidents of ten years': [
    'incidents?state=open&since=-3650d&limit=500',
    INCIDENTS / 2,
    ({ incidents }) => incidents.length,
  ],
  'the incidents of a number that nobody has': [`incidents?number=${NOBODY}`, 0, ({ incidents }) => incidents.length],
  'the incidents with a status that no call has': ['incidents?status=486', 0, ({ incidents }) => incidents.length],
  'the incidents by 1,000 digits': [`incidents?q=${'9'.repeat(1_000)}`, 0, ({ incidents }) => incidents.length],
  'the incidents by 1,000 letters': [`incidents?q=${'x'.repeat(1_000)}`, 0, ({ incidents }) => incidents.length],
  'an incident with 100,000 calls': [
    `incidents/${LARGE}?since=-3650d`,
    CALLS_OF_LARGE,
    (json) => sum(json.series.buckets),
  ],
  'the calls of an incident with 100,000 calls': [
    `calls?incident=${LARGE}&limit=${READ}`,
    READ,
    ({ calls }) => calls.length,
  ],
  'the calls of an incident with a number that nobody has': [
    `calls?incident=${LARGE}&number=${NOBODY}`,
    0,
    ({ calls }) => calls.length,
  ],
  'the calls of a number that nobody has': [`calls?number=${NOBODY}`, 0, ({ calls }) => calls.length],
  'the calls by 1,000 digits': [`calls?q=${'9'.repeat(1_000)}`, 0, ({ calls }) => calls.length],
  'a series of ten years': [
    'stats?since=-3650d&step=10d',
    CALLS_OF_LARGE + (INCIDENTS - 1) * CALLS_OF_OTHERS,
    ({ series }) => sum(series),
  ],
};

function sum(buckets: readonly { readonly failed: number }[]): number {
  return buckets.reduce((calls, { failed }) => calls + failed, 0);
}

export const longSearches: readonly Attack[] = Object.entries(READS).map(([what, [path, count, of]]) => ({
  what: `a client asks a large store for ${what}`,
  async run(ground) {
    const service = await filledService(ground);
    await withoutBlocking(service, async () => {
      const { status, text } = await service.send(`/api/v1/${path}`);
      assert.equal(status, 200, text);
      assert.equal(of(JSON.parse(text)), count);
    });
  },
}));

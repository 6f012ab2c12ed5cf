import { pino } from 'pino';
import { Cleanup } from '../../src/service/cleanup.ts';
import { DAY_MS } from '../../src/store/days.ts';
import { Store } from '../../src/store/store.ts';
import { metricsAlone } from '../../test/app/metrics/metricsAlone.ts';
import { recordOnly, webhooksOf } from '../../test/core/scenario.ts';
import { PositionedJournal } from '../../test/store/openStore.ts';
import { type Place, postgresSchema } from '../../test/store/schema/databases.ts';
import { status, T0 } from '../../test/store/storedEvents.ts';
import { median } from '../load/loadReport.ts';
import type { Figure } from './figure.ts';

const WEBHOOKS_OF_CALL = 8;
/** One call in so many failed: its webhooks stay when its day is dropped. */
const FAILED_OF = 20;
const BODY_BYTES = 700;
/** The beginning of a day that has expired at T0. */
const EXPIRED = (Math.floor(T0 / DAY_MS) - 15) * DAY_MS;
const ROUNDS = 40;
const BATCH = 100;

const FAILED = recordOnly(webhooksOf({ response: [503, 'Try again later', 200] }));
const CONNECTED = recordOnly(webhooksOf({ ringing: [100], response: [200, 'OK', 1_000] }));

/**
 * How long PostgreSQL takes to delete an expired day of so many calls, by row and by partition, and how storing and
 * reading webhooks does with few and with many partitions.
 */
export async function measurePartitions(calls: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  const add = (name: string, value: number, unit: string) => figures.push({ part: 'partitions', name, value, unit });
  for (const way of ['row', 'partition'] as const) {
    const seconds = await onStore(async (store, place) => {
      if (way === 'partition') await store.retention.days.prepare(EXPIRED);
      await writeDay(store, calls, way === 'row');
      return expire(store, place);
    });
    add(`${calls.toLocaleString('en')} calls of a day, deleted by ${way}`, seconds, 's');
  }
  for (const days of [3, 15, 90]) {
    await onStore(async (store) => {
      for (let i = 0; i < days; i += 3) await store.retention.days.prepare(T0 - i * DAY_MS);
      const { bring, load, read } = await storeAndRead(store);
      add(`${days} days: a batch of ${BATCH} webhooks stored`, bring, 'ms');
      add(`${days} days: ${BATCH} open calls loaded`, load, 'ms');
      add(`${days} days: a call read`, read, 'ms');
    });
  }
  return figures;
}

type PostgresPlace = Place & Pick<Awaited<ReturnType<typeof postgresSchema>>, 'query'>;

async function onStore<T>(work: (store: Store, place: PostgresPlace) => Promise<T>): Promise<T> {
  const place = await postgresSchema();
  const store = await Store.open(place.url);
  try {
    return await work(store, place);
  } finally {
    await store.close();
    await place.remove();
  }
}

/** Writes the calls of the expired day, with their verdicts and look-ups. `isKept`: their webhooks are deleted by row. */
async function writeDay({ database }: Store, calls: number, isKept: boolean): Promise<void> {
  const at = `${EXPIRED} + i * ${60_000_000 / calls}`;
  await database.transaction(async (queries) => {
    const all = `FROM generate_series(1, ${calls}) AS i`;
    await queries.run(
      `INSERT INTO attempts (id, call_sid, call_id, started_at, settled_at, record)
       SELECT 'a-' || i, 'b-' || i, 'a-' || i, ${at}, ${at}, CASE WHEN i % ${FAILED_OF} = 0 THEN $1 ELSE $2 END ${all}`,
      [JSON.stringify(FAILED), JSON.stringify(CONNECTED)],
    );
    await queries.run(
      `INSERT INTO attempt_keys (id, settled_at, changed_at, outcome, trunk, from_digits, to_digits)
       SELECT 'a-' || i, ${at}, ${at}, CASE WHEN i % ${FAILED_OF} = 0 THEN 'failed' ELSE 'connected' END, 'none', '', '' ${all}`,
    );
    await queries.run(`INSERT INTO sip_call_ids (sip_call_id, call_id) SELECT 'sip-' || i, 'a-' || i ${all}`);
    await queries.run(
      `INSERT INTO legs_by_numbers (numbers, call_id, heard_at) SELECT 'n-' || i, 'a-' || i, ${at} ${all}`,
    );
  });
  const part = 5_000;
  for (let first = 1; first <= calls; first += part) {
    await database.run(
      `INSERT INTO events (id, received_at, call_id, call_sid, kind, digest, event, body, kept)
       SELECT i || '-' || n, ${at}, 'a-' || i, 'b-' || i, 'status', md5(i || '-' || n), repeat('e', ${BODY_BYTES}),
         CAST(repeat('b', ${BODY_BYTES}) AS bytea), ${isKept}
       FROM generate_series(${first}, ${Math.min(calls, first + part - 1)}) AS i, generate_series(1, ${WEBHOOKS_OF_CALL}) AS n`,
    );
  }
}

/** Runs retention until the connected calls are gone, with its rests. Resolves to the seconds that it took. */
async function expire(store: Store, place: PostgresPlace): Promise<number> {
  await place.query('VACUUM ANALYZE');
  const began = performance.now();
  await new Cleanup({
    store: store.retention,
    settings: { days: 14, failureDays: 90, maxBytes: undefined },
    metrics: metricsAlone().store,
    logger: pino({ level: 'silent' }),
    clock: { now: () => T0, isSteady: true },
  }).run();
  const seconds = (performance.now() - began) / 1000;
  const [left] = await place.query(
    `SELECT (SELECT COUNT(*) FROM attempts) AS calls, (SELECT COUNT(*) FROM events) AS webhooks,
       (SELECT COUNT(*) FROM attempt_keys WHERE outcome <> 'failed') AS others`,
  );
  if (Number(left?.webhooks) !== Number(left?.calls) * WEBHOOKS_OF_CALL || Number(left?.others) !== 0)
    throw new Error(`what is left of the day is wrong: ${JSON.stringify(left)}`);
  return seconds;
}

/** Medians, in milliseconds. */
async function storeAndRead(store: Store): Promise<{ bring: number; load: number; read: number }> {
  const journal = new PositionedJournal();
  const times: Record<'bring' | 'load' | 'read', number[]> = { bring: [], load: [], read: [] };
  const timed = async (what: keyof typeof times, work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    times[what].push(performance.now() - began);
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const calls = Array.from({ length: BATCH }, (_, i) => `${round}-${i}`);
    const webhooks = calls.map((call) => status(call, round, { from: `+${round}${call}` }));
    await timed('bring', () => journal.bring(store, ...webhooks));
    await timed('load', () => store.loader.load(calls.map((call) => `a${call}`)));
    await timed('read', () => store.calls.find(`b${round}-0`));
  }
  return { bring: median(times.bring), load: median(times.load), read: median(times.read) };
}

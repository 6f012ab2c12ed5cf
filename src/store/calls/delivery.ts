import { randomInt } from 'node:crypto';
import { type CallEvent, callIdOf } from '../../core/call/callEvent.ts';
import { affectsVerdict, type LiveKitEvent, roomKeyOf } from '../../core/call/livekitEvent.ts';
import { checkAfterMs } from '../../core/correlate/settle.ts';
import type { JournalPosition, Webhook, WebhookEvent } from '../../core/receive/webhook.ts';
import type { Database, Queries } from '../database.ts';
import { EVENTS, insertRows, LIVEKIT_EVENTS } from '../tables.ts';
import { hasNoKnownLeg, LEFT, latestOfRoom, NEAR_MS, NEAREST } from './liveKitEvents.ts';
import { eventRow, insertLookUps, liveKitEventRow, sipCallIdsOf, sorted } from './webhookRows.ts';

/** A webhook from the journal, with its event. */
export interface ReadWebhook extends Webhook {
  readonly event: WebhookEvent;
}

/** What the store did with a webhook. `known`: it already had it. `repeated`: it has an earlier delivery of it. */
export type Delivered = 'stored' | 'repeated' | 'known';

/** A call that stored webhooks belong to. */
export interface TouchedCall {
  readonly callId: string;
  /** Grows with each reason to judge the call. */
  readonly arrivals: number;
  /** Its newly stored events, in order. */
  readonly events: readonly CallEvent[];
  /** Whether the store had no event of it before. */
  readonly isNew: boolean;
  /** Whether a LiveKit webhook makes all its attempts due again. */
  readonly isReconsidered: boolean;
}

export interface Delivery {
  /** One for each webhook, in their order. */
  readonly results: readonly Delivered[];
  readonly touched: readonly TouchedCall[];
}

/** The part of a journal that is stored: the id of the journal, and where the part begins and ends. */
interface JournalSlice {
  readonly journal: string;
  readonly from: JournalPosition | undefined;
  readonly to: JournalPosition;
}

/**
 * Stores webhooks from the journal, in order, together with the position that follows them: both or neither. Resolves to
 * `undefined`, and changes nothing, if the store is not at the beginning of the slice: then its answer to an earlier try
 * was lost.
 */
export async function deliver(
  database: Database,
  webhooks: readonly ReadWebhook[],
  { journal, from, to }: JournalSlice,
): Promise<Delivery | undefined> {
  return database.transaction(async (queries) => {
    const position = await positionOf(queries, journal);
    if (position?.segment !== from?.segment || position?.offset !== from?.offset) return undefined;
    const delivery = await store(queries, webhooks);
    await queries.run(
      `INSERT INTO log_positions (log, segment, byte_offset) VALUES ($1, $2, $3)
       ON CONFLICT (log) DO UPDATE SET segment = excluded.segment, byte_offset = excluded.byte_offset`,
      [journal, to.segment, to.offset],
    );
    return delivery;
  });
}

/** The position up to which the store has a journal; `undefined` if it has nothing of it. */
export async function positionOf(queries: Queries, journal: string): Promise<JournalPosition | undefined> {
  const [row] = await queries.all<{ segment: number; byte_offset: number }>(
    'SELECT segment, byte_offset FROM log_positions WHERE log = $1',
    [journal],
  );
  return row && { segment: row.segment, offset: row.byte_offset };
}

async function store(queries: Queries, webhooks: readonly ReadWebhook[]): Promise<Delivery> {
  if (webhooks.length === 0) return { results: [], touched: [] };
  const digests = JSON.stringify(sorted(webhooks.map(({ digest }) => digest)));
  const { dialect } = queries;
  // A replica that stores the same delivery at the same moment waits here, and then sees what the first one stored. The
  // rows are deleted at the end. Keys are sorted everywhere, so two replicas never deadlock.
  if (dialect.isShared) {
    await queries.run(
      `INSERT INTO deliveries (digest) SELECT digest FROM (${dialect.texts('$1')}) AS t (digest)
       ON CONFLICT (digest) DO UPDATE SET digest = excluded.digest`,
      [digests],
    );
  }
  const results = await recognise(queries, webhooks, digests);
  const fresh = webhooks.filter((_, i) => results[i] === 'stored');
  const calls = await storeJambonz(queries, fresh.flatMap(withCallEvent));
  const reopened = await storeLookUps(
    queries,
    calls.flatMap(({ events }) => events),
  );
  const reconsidered = await storeLiveKit(queries, fresh.flatMap(withLiveKitEvent));
  if (dialect.isShared) await queries.run(`DELETE FROM deliveries WHERE digest IN (${dialect.texts('$1')})`, [digests]);
  return { results, touched: merge(calls, new Map([...reopened, ...reconsidered])) };
}

/**
 * The largest gap, in milliseconds, between two deliveries with the same digest. A signature is accepted for at most a day
 * before or after its time, and the same record of a journal always has the same time.
 */
const REPEATS_WITHIN_MS = 2 * 86_400_000;

async function recognise(queries: Queries, webhooks: readonly ReadWebhook[], digests: string): Promise<Delivered[]> {
  const given = queries.dialect.texts('$1');
  const times = webhooks.map(({ event }) => event.receivedAt);
  const near = 'received_at BETWEEN $2 AND $3';
  const rows = await queries.all<{ id: string | null; digest: string; received_at: number }>(
    `SELECT id, digest, received_at FROM events WHERE digest IN (${given}) AND ${near}
     UNION ALL SELECT id, digest, received_at FROM livekit_events WHERE digest IN (${given}) AND ${near}`,
    [digests, Math.min(...times) - REPEATS_WITHIN_MS, Math.max(...times) + REPEATS_WITHIN_MS],
  );
  const before = new Map<string, { readonly id: string | null; readonly receivedAt: number }[]>();
  const note = (digest: string, id: string | null, receivedAt: number) => {
    const same = before.get(digest);
    if (same) same.push({ id, receivedAt });
    else before.set(digest, [{ id, receivedAt }]);
  };
  for (const { id, digest, received_at } of rows) note(digest, id, received_at);
  return webhooks.map(({ id, digest, repeatWithinMs, event }) => {
    const same = before.get(digest) ?? [];
    if (same.some((one) => one.id === id)) return 'known';
    // Another replica may store the later delivery first.
    if (same.some((one) => Math.abs(one.receivedAt - event.receivedAt) <= repeatWithinMs)) return 'repeated';
    note(digest, id, event.receivedAt);
    return 'stored';
  });
}

type With<E> = Omit<ReadWebhook, 'event'> & { readonly event: E };

async function storeJambonz(queries: Queries, webhooks: readonly With<CallEvent>[]): Promise<TouchedCall[]> {
  if (webhooks.length === 0) return [];
  const byCall = Map.groupBy(webhooks, ({ event }) => callIdOf(event));
  const events = webhooks.map(({ event }) => event);
  // This comes before the query: it waits for another replica that stores events of the same call and holds its row.
  const arrivals = await openCalls(queries, events);
  const known = await queries.all<{ call_id: string }>(
    `SELECT call_id FROM ${queries.dialect.objects('$1', { call_id: 'text' })}
       WHERE EXISTS (SELECT 1 FROM events WHERE events.call_id = given.call_id)`,
    [JSON.stringify([...byCall.keys()].map((call_id) => ({ call_id })))],
  );
  await insertRows(queries, EVENTS, webhooks.map(eventRow));
  const isKnown = new Set(known.map(({ call_id }) => call_id));
  return [...byCall].map(([callId, its]) => ({
    callId,
    arrivals: arrivals.get(callId) ?? 0,
    events: its.map(({ event }) => event),
    isNew: !isKnown.has(callId),
    isReconsidered: false,
  }));
}

/**
 * The first `arrivals` of a newly opened call. Random, so that a call that is opened again never has the value with which
 * another replica still keeps it in memory.
 */
function firstArrival(): number {
  return randomInt(1, 2 ** 47);
}

/** Opens the calls and schedules them for when an attempt may be over or was silent for long. Resolves to their arrivals. */
async function openCalls(queries: Queries, events: readonly CallEvent[]): Promise<Map<string, number>> {
  const { least, greatest, objects } = queries.dialect;
  const calls = new Map<string, { call_id: string; due_at: number; soon_at: number; heard_at: number }>();
  for (const event of events) {
    const callId = callIdOf(event);
    const { receivedAt } = event;
    const { due_at, heard_at } = calls.get(callId) ?? { due_at: Number.MAX_SAFE_INTEGER, heard_at: 0 };
    const last = Math.max(heard_at, receivedAt);
    calls.set(callId, {
      call_id: callId,
      due_at: Math.min(due_at, receivedAt + checkAfterMs(event)),
      soon_at: last + checkAfterMs(undefined),
      heard_at: last,
    });
  }
  const given = [...calls.values()].sort((a, b) => (a.call_id < b.call_id ? -1 : 1));
  const rows = await queries.all<{ call_id: string; arrivals: number }>(
    `INSERT INTO open_calls (call_id, due_at, last_received_at, arrivals)
     SELECT call_id, CASE WHEN EXISTS (SELECT 1 FROM attempts WHERE attempts.call_id = given.call_id)
         THEN ${least}(due_at, soon_at) ELSE due_at END, heard_at, CAST($2 AS BIGINT)
       FROM ${objects('$1', { call_id: 'text', due_at: 'bigint', soon_at: 'bigint', heard_at: 'bigint' })}
       WHERE true
     ON CONFLICT (call_id) DO UPDATE SET
       due_at = ${least}(open_calls.due_at, excluded.due_at),
       last_received_at = ${greatest}(open_calls.last_received_at, excluded.last_received_at),
       arrivals = open_calls.arrivals + 1
     RETURNING call_id, arrivals`,
    [JSON.stringify(given), firstArrival()],
  );
  return new Map(rows.map(({ call_id, arrivals }) => [call_id, arrivals]));
}

/**
 * Inserts the Call-IDs and numbers of events. Resolves to the arrivals of calls to which a participant may have belonged
 * by its numbers, until one of these Call-IDs showed its leg.
 */
async function storeLookUps(queries: Queries, events: readonly CallEvent[]): Promise<Map<string, number>> {
  if (events.length === 0) return new Map();
  const callIds = sipCallIdsOf(events).map(({ sip_call_id }) => sip_call_id);
  const rooms = await queries.all<{ room: string }>(
    `SELECT DISTINCT room FROM livekit_events AS heard WHERE sip_call_id IN (${queries.dialect.texts('$1')})
       AND room IS NOT NULL AND ${hasNoKnownLeg('heard')}`,
    [JSON.stringify(sorted(callIds))],
  );
  const receivedAt = events.map((event) => event.receivedAt);
  const since = Math.min(...receivedAt) - NEWS_MS;
  const reopened = await reopenCallsOf(
    queries,
    new Map(rooms.map(({ room }) => [room, since])),
    Math.max(...receivedAt),
  );
  await insertLookUps(queries, events);
  return reopened;
}

/** Stores LiveKit's webhooks. Resolves to the arrivals of the calls that are now due again. */
async function storeLiveKit(queries: Queries, webhooks: readonly With<LiveKitEvent>[]): Promise<Map<string, number>> {
  if (webhooks.length === 0) return new Map();
  await insertRows(queries, LIVEKIT_EVENTS, webhooks.map(liveKitEventRow));
  const rooms = new Map<string, number>();
  for (const { event } of webhooks) {
    const room = affectsVerdict(event) ? roomKeyOf(event) : undefined;
    // A late webhook concerns the calls of its own time, which may be any number. LiveKit's clock may be ahead.
    const since = Math.floor(Math.min(event.at, event.receivedAt)) - NEWS_MS;
    if (room !== undefined) rooms.set(room, Math.min(rooms.get(room) ?? since, since));
  }
  return reopenCallsOf(queries, rooms, Math.max(...webhooks.map(({ event }) => event.receivedAt)));
}

/** How long, in milliseconds, after a participant left a room its webhooks may still change the verdict on the call. */
const NEWS_MS = 30_000;

/**
 * Makes due again the calls that were in rooms, by Call-ID, or that may have been, by numbers and time: of each room those
 * that had not left before a time, or of which something came since. Hundreds of calls may have been in one room. One
 * statement, because other replicas wait for the calls that it changes.
 */
async function reopenCallsOf(
  queries: Queries,
  rooms: ReadonlyMap<string, number>,
  now: number,
): Promise<Map<string, number>> {
  if (rooms.size === 0) return new Map();
  const { least, greatest, objects } = queries.dialect;
  const given = [...rooms].map(([room, since]) => ({ room, since }));
  const rows = await queries.all<{ call_id: string; arrivals: number }>(
    `WITH rooms AS (
       SELECT room, since, ${latestOfRoom('given.room')} AS after
       FROM ${objects('$1', { room: 'text', since: 'bigint' })}
     ), heard AS (
       SELECT rooms.room, since, seq, received_at, name, sip_call_id, numbers
       FROM rooms JOIN livekit_events AS e ON e.room = rooms.room AND seq > after
     )
     INSERT INTO open_calls (call_id, due_at, last_received_at, arrivals)
     SELECT call_id, CAST($2 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS BIGINT) FROM (
       SELECT call_id FROM sip_call_ids WHERE sip_call_id IN (
         SELECT sip_call_id FROM heard WHERE sip_call_id IS NOT NULL GROUP BY room, since, sip_call_id
         HAVING MAX(received_at) >= since OR COUNT(CASE WHEN name IN (${LEFT}) THEN 1 END) = 0)
       UNION SELECT call_id FROM rooms_by_numbers WHERE room IN (SELECT room FROM rooms)
       UNION SELECT call_id FROM (
         SELECT leg.call_id, ROW_NUMBER() OVER (
           PARTITION BY heard.seq ORDER BY ABS(leg.heard_at - heard.received_at), leg.call_id) AS place
         FROM heard JOIN legs_by_numbers AS leg ON leg.numbers = heard.numbers
           AND leg.heard_at BETWEEN heard.received_at - ${NEAR_MS} AND heard.received_at + ${NEAR_MS}
         WHERE ${hasNoKnownLeg('heard')}
       ) AS near WHERE place <= ${NEAREST}
     ) AS calls WHERE true ORDER BY call_id
     ON CONFLICT (call_id) DO UPDATE SET
       due_at = ${least}(open_calls.due_at, excluded.due_at),
       last_received_at = ${greatest}(open_calls.last_received_at, excluded.last_received_at),
       arrivals = open_calls.arrivals + 1
     RETURNING call_id, arrivals`,
    [JSON.stringify(given), now, firstArrival()],
  );
  return new Map(rows.map(({ call_id, arrivals }) => [call_id, arrivals]));
}

function merge(calls: readonly TouchedCall[], reconsidered: ReadonlyMap<string, number>): TouchedCall[] {
  const own = new Set(calls.map(({ callId }) => callId));
  return [
    ...calls.map((call) => {
      const arrivals = reconsidered.get(call.callId);
      return arrivals === undefined ? call : { ...call, arrivals, isReconsidered: true };
    }),
    ...[...reconsidered]
      .filter(([callId]) => !own.has(callId))
      .map(([callId, arrivals]) => ({ callId, arrivals, events: [], isNew: false, isReconsidered: true })),
  ];
}

function withCallEvent({ event, ...rest }: ReadWebhook): With<CallEvent>[] {
  return event.kind === 'livekit' ? [] : [{ ...rest, event }];
}

function withLiveKitEvent({ event, ...rest }: ReadWebhook): With<LiveKitEvent>[] {
  return event.kind === 'livekit' ? [{ ...rest, event }] : [];
}

import { type CallEvent, callIdOf } from '../call/event.ts';
import { type LiveKitEvent, matters, roomKeyOf } from '../call/livekitEvent.ts';
import { numberKey } from '../correlate/numberKey.ts';
import { CALLS_OF_ROOM } from './liveKitEvents.ts';
import type { PostgresDatabase, PostgresQueries, PostgresValue } from './postgresDatabase.ts';
import type { SpooledEvent } from './spool.ts';

/** What became of a spooled event in PostgreSQL; `known`: it was there already. */
export type Delivered = 'stored' | 'repeated' | 'known';

/** A call is looked at this long, in milliseconds, after a webhook that may end an attempt: as `settlesAt` waits at least. */
const LOOK_AFTER_MS = 250;
/** Else when nothing more was heard of it: as long as `settlesAt` waits for an answer. */
const SILENT_AFTER_MS = 240_000;

/**
 * Brings spooled events into PostgreSQL, in their order. Whether they were brought before, in part or whole, or are
 * being brought by another replica at this moment, changes nothing.
 */
export async function deliver(database: PostgresDatabase, events: readonly SpooledEvent[]): Promise<Delivered[]> {
  const delivered = await database.transaction((queries) => store(queries, events));
  // Only now can every call be seen that was stored before; one that is stored later sees these webhooks itself.
  const rooms = events.flatMap(({ event }) => (event.kind === 'livekit' && matters(event) ? roomKeyOf(event) : []));
  const known = rooms.filter((room) => room !== undefined);
  if (known.length > 0) await reopenCallsOf(database, sorted(known), Math.max(...events.map(receivedAtOf)));
  return delivered;
}

async function store(queries: PostgresQueries, events: readonly SpooledEvent[]): Promise<Delivered[]> {
  const digests = sorted(events.map(({ digest }) => digest));
  // Who brings the same delivery at the same moment waits here, and then sees what the first one stored. The row goes
  // again at the end. Keys are sorted everywhere, so that two replicas never wait for each other.
  await queries.run(
    `INSERT INTO deliveries (digest) SELECT digest FROM unnest($1::text[]) AS t (digest)
     ON CONFLICT (digest) DO UPDATE SET digest = EXCLUDED.digest`,
    [digests],
  );
  const delivered = await recognise(queries, events, digests);
  const fresh = events.filter((_, i) => delivered[i] === 'stored');
  await storeJambonzs(queries, fresh.flatMap(isCallEvent));
  await storeLiveKits(queries, fresh.flatMap(isLiveKitEvent));
  await queries.run('DELETE FROM deliveries WHERE digest IN (SELECT unnest($1::text[]))', [digests]);
  return delivered;
}

async function recognise(
  queries: PostgresQueries,
  events: readonly SpooledEvent[],
  digests: readonly string[],
): Promise<Delivered[]> {
  const rows = await queries.all<{ id: string | null; digest: string; received_at: number }>(
    `SELECT id, digest, received_at FROM events WHERE digest IN (SELECT unnest($1::text[]))
     UNION ALL SELECT id, digest, received_at FROM livekit_events WHERE digest IN (SELECT unnest($1::text[]))`,
    [digests],
  );
  const before = new Map<string, { readonly id: string | null; readonly receivedAt: number }[]>();
  const note = (digest: string, id: string | null, receivedAt: number) =>
    before.set(digest, [...(before.get(digest) ?? []), { id, receivedAt }]);
  for (const { id, digest, received_at } of rows) note(digest, id, received_at);
  return events.map(({ id, digest, repeatWithinMs, event }) => {
    const same = before.get(digest) ?? [];
    if (same.some((one) => one.id === id)) return 'known';
    // The later of two may come first, from another replica.
    if (same.some((one) => Math.abs(one.receivedAt - event.receivedAt) <= repeatWithinMs)) return 'repeated';
    note(digest, id, event.receivedAt);
    return 'stored';
  });
}

type Spooled<E> = Omit<SpooledEvent, 'event'> & { readonly event: E };

async function storeJambonzs(queries: PostgresQueries, spooled: readonly Spooled<CallEvent>[]): Promise<void> {
  if (spooled.length === 0) return;
  await insertRows(queries, 'events', [
    ['id', 'text', spooled.map(({ id }) => id)],
    ['received_at', 'bigint', spooled.map(receivedAtOf)],
    ['call_id', 'text', spooled.map(({ event }) => callIdOf(event))],
    ['call_sid', 'text', spooled.map(({ event }) => event.callSid)],
    ['dial_call_sid', 'text', spooled.map(({ event }) => dialledIn(event)?.dialCallSid ?? null)],
    ['kind', 'text', spooled.map(({ event }) => event.kind)],
    ['digest', 'text', spooled.map(({ digest }) => digest)],
    ['event', 'text', spooled.map(({ event }) => JSON.stringify(event))],
    ['body', 'bytea', spooled.map(({ body }) => body)],
  ]);
  const events = spooled.map(({ event }) => event);
  const callIds = pairs(
    events.flatMap((event) =>
      [event.sbcCallId, dialledIn(event)?.dialSbcCallId].map((sip) => [sip, callIdOf(event)] as const),
    ),
  );
  await insertRows(queries, 'sip_call_ids', [
    ['sip_call_id', 'text', callIds.map(([sip]) => sip)],
    ['call_id', 'text', callIds.map(([, callId]) => callId)],
  ]);
  // Only what was dialled can have LiveKit at its far end.
  const outbound = events.filter(({ direction }) => direction === 'outbound');
  const numbers = pairs(outbound.map((event) => [numberKey(event.from, event.to), callIdOf(event)] as const));
  const heardAt = new Map(outbound.toReversed().map((event) => [callIdOf(event), event.receivedAt]));
  await insertRows(queries, 'legs_by_numbers', [
    ['numbers', 'text', numbers.map(([key]) => key)],
    ['call_id', 'text', numbers.map(([, callId]) => callId)],
    ['heard_at', 'bigint', numbers.map(([, callId]) => heardAt.get(callId) ?? 0)],
  ]);
  await openCalls(queries, events);
}

/**
 * Has the calls looked at again: soon where an attempt may be over or has its verdict already, else when nothing more
 * will be heard of them.
 */
async function openCalls(queries: PostgresQueries, events: readonly CallEvent[]): Promise<void> {
  const dueAt = new Map<string, { due: number; last: number }>();
  for (const event of events) {
    const callId = callIdOf(event);
    const { due, last } = dueAt.get(callId) ?? { due: Number.POSITIVE_INFINITY, last: 0 };
    // Each 180 is a webhook: before a call has a verdict it is not read again for every one of them.
    const after = isProvisional(event) ? SILENT_AFTER_MS : LOOK_AFTER_MS;
    dueAt.set(callId, { due: Math.min(due, event.receivedAt + after), last: Math.max(last, event.receivedAt) });
  }
  const callIds = sorted([...dueAt.keys()]);
  await queries.run(
    `INSERT INTO open_calls (call_id, due_at, last_received_at)
     SELECT call_id, CASE WHEN EXISTS (SELECT 1 FROM attempts WHERE attempts.call_id = t.call_id)
         THEN LEAST(due_at, last_received_at + ${LOOK_AFTER_MS}) ELSE due_at END, last_received_at
       FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS t (call_id, due_at, last_received_at)
     ON CONFLICT (call_id) DO UPDATE SET
       due_at = LEAST(open_calls.due_at, EXCLUDED.due_at),
       last_received_at = GREATEST(open_calls.last_received_at, EXCLUDED.last_received_at),
       arrivals = open_calls.arrivals + 1`,
    [
      callIds,
      callIds.map((callId) => dueAt.get(callId)?.due ?? 0),
      callIds.map((callId) => dueAt.get(callId)?.last ?? 0),
    ],
  );
}

async function storeLiveKits(queries: PostgresQueries, spooled: readonly Spooled<LiveKitEvent>[]): Promise<void> {
  if (spooled.length === 0) return;
  const sip = spooled.map(({ event }) => event.participant?.sip);
  await insertRows(queries, 'livekit_events', [
    ['id', 'text', spooled.map(({ id }) => id)],
    ['received_at', 'bigint', spooled.map(receivedAtOf)],
    ['room', 'text', spooled.map(({ event }) => roomKeyOf(event) ?? null)],
    ['name', 'text', spooled.map(({ event }) => event.name)],
    ['sip_call_id', 'text', sip.map((participant) => participant?.callIdFull ?? null)],
    ['numbers', 'text', sip.map((of) => numberKey(of?.phoneNumber, of?.trunkPhoneNumber) ?? null)],
    ['digest', 'text', spooled.map(({ digest }) => digest)],
    ['event', 'text', spooled.map(({ event }) => JSON.stringify(event))],
    ['body', 'bytea', spooled.map(({ body }) => body)],
  ]);
}

/** How far apart, in milliseconds, a leg and its participant may have been heard of: more than the join allows. */
export const NEAR_MS = 30_000;

/** Has the calls judged again that were in a room, or may have been, as their numbers and the time tell. */
async function reopenCallsOf(database: PostgresDatabase, rooms: readonly string[], now: number): Promise<void> {
  for (const room of rooms) {
    await database.run(
      `INSERT INTO open_calls (call_id, due_at, last_received_at)
       SELECT call_id, CAST($2 AS BIGINT), CAST($2 AS BIGINT) FROM (
         ${CALLS_OF_ROOM}
         UNION SELECT leg.call_id FROM livekit_events AS heard JOIN legs_by_numbers AS leg
           ON leg.numbers = heard.numbers
           AND leg.heard_at BETWEEN heard.received_at - ${NEAR_MS} AND heard.received_at + ${NEAR_MS}
           WHERE heard.room = $1
       ) AS calls ORDER BY call_id
       ON CONFLICT (call_id) DO UPDATE SET
         due_at = LEAST(open_calls.due_at, EXCLUDED.due_at),
         last_received_at = GREATEST(open_calls.last_received_at, EXCLUDED.last_received_at),
         arrivals = open_calls.arrivals + 1`,
      [room, now],
    );
  }
}

/** Inserts columns as rows; those whose key is there already are left as they are. */
async function insertRows(
  queries: PostgresQueries,
  table: string,
  columns: readonly (readonly [name: string, type: string, values: Extract<PostgresValue, readonly unknown[]>])[],
): Promise<void> {
  if (columns[0]?.[2].length === 0) return;
  const names = columns.map(([name]) => name).join(', ');
  const lists = columns.map(([, type], i) => `$${i + 1}::${type}[]`).join(', ');
  await queries.run(
    `INSERT INTO ${table} (${names}) SELECT ${names} FROM unnest(${lists}) AS t (${names}) ON CONFLICT DO NOTHING`,
    columns.map(([, , values]) => values),
  );
}

function isProvisional(event: CallEvent): boolean {
  if (event.kind === 'dial_result') return false;
  return ['trying', 'queued', 'ringing', 'early-media', 'other'].includes(event.callStatus);
}

function isCallEvent({ event, ...rest }: SpooledEvent): Spooled<CallEvent>[] {
  return event.kind === 'livekit' ? [] : [{ ...rest, event }];
}

function isLiveKitEvent({ event, ...rest }: SpooledEvent): Spooled<LiveKitEvent>[] {
  return event.kind === 'livekit' ? [{ ...rest, event }] : [];
}

function dialledIn(event: CallEvent) {
  return event.kind === 'dial_result' ? event : undefined;
}

function receivedAtOf({ event }: { readonly event: { readonly receivedAt: number } }): number {
  return event.receivedAt;
}

/** Each once, in one order for all replicas. */
function sorted(keys: readonly string[]): string[] {
  return [...new Set(keys)].sort();
}

/** Those whose first is known, each once, sorted. */
function pairs(found: readonly (readonly [string | undefined, string])[]): (readonly [string, string])[] {
  const known = found.flatMap(([first, second]) => (first === undefined ? [] : [JSON.stringify([first, second])]));
  // The cast is what was just written.
  return sorted(known).map((pair) => JSON.parse(pair) as [string, string]);
}

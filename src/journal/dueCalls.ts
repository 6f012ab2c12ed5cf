import type { CallEvent } from '../call/event.ts';
import type { LiveKitEvent } from '../call/livekitEvent.ts';
import type { Calls } from './calls.ts';
import { NEAR_MS } from './delivery.ts';
import type { PostgresDatabase, PostgresQueries } from './postgresDatabase.ts';
import type { SavedAttempts, StoredAttempt } from './store.ts';

/** A claimed call is left to its replica for this long, in milliseconds; should that die, another takes it up. */
const LEASE_MS = 30_000;
/** As many webhooks of one room of LiveKit's are read; a room may go on for weeks. */
const ROOM_LIMIT = 2_000;
/** As many calls that may be mistaken for the claimed ones are read. */
const RIVALS_LIMIT = 200;

/** A call whose turn has come, as this replica alone judges it now. */
export interface DueCall {
  readonly callId: string;
  /** Grows with each thing that calls for judging the call; by it newer ones are noticed when the call is handed back. */
  readonly arrivals: number;
  readonly events: readonly CallEvent[];
  readonly liveKitEvents: readonly LiveKitEvent[];
  /** The attempts that have a verdict, and whether that is of all that is known now. */
  readonly judged: readonly { readonly id: string; readonly callSid: string }[];
  readonly isJudged: boolean;
}

/** A call that is handed back: when it is due again; `undefined` where nothing more is expected of it. */
export interface Judged {
  readonly call: DueCall;
  readonly attempts: readonly StoredAttempt[];
  readonly dueAt: number | undefined;
  /** It could not be judged, and is to be tried again when it is due. */
  readonly hasFailed?: boolean;
}

/** Whose turn it is to judge which open call, among replicas that share a PostgreSQL. Times in epoch milliseconds. */
export class DueCalls {
  readonly #database: PostgresDatabase;
  readonly #calls: Calls;
  readonly #replica: string;

  /** `replica` names this process and no other, also none that was or will be on this machine. */
  constructor(database: PostgresDatabase, calls: Calls, replica: string) {
    this.#database = database;
    this.#calls = calls;
    this.#replica = replica;
  }

  /** Takes up to so many calls that are due and that nobody else has. Those that it has must be handed back, or done with. */
  async claim(now: number, limit: number): Promise<DueCall[]> {
    const claimed = await this.#database.all<{ call_id: string; arrivals: number; judged: number }>(
      `UPDATE open_calls SET owner = $1, leased_until = $2 WHERE call_id IN (
         SELECT call_id FROM open_calls WHERE due_at <= $3 AND (leased_until <= $3 OR owner = $1)
           ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED)
       RETURNING call_id, arrivals, judged`,
      [this.#replica, now + LEASE_MS, now, limit],
    );
    if (claimed.length === 0) return [];
    const callIds = claimed.map(({ call_id }) => call_id);
    const [events, attempts, liveKitEvents] = await Promise.all([
      this.eventsOf(callIds),
      this.#attemptsOf(callIds),
      this.#liveKitEventsOf(callIds),
    ]);
    return claimed.map(({ call_id, arrivals, judged }) => ({
      callId: call_id,
      arrivals,
      events: events.get(call_id) ?? [],
      liveKitEvents: liveKitEvents.get(call_id) ?? [],
      judged: attempts.get(call_id) ?? [],
      isJudged: arrivals === judged,
    }));
  }

  /** The webhooks of calls, in the order in which they were stored. */
  async eventsOf(callIds: readonly string[]): Promise<Map<string, CallEvent[]>> {
    const rows = await this.#database.all<{ call_id: string; event: string }>(
      'SELECT call_id, event FROM events WHERE call_id IN (SELECT unnest($1::text[])) ORDER BY seq',
      [callIds],
    );
    // The cast is what deliver wrote.
    return grouped(rows.map(({ call_id, event }) => [call_id, JSON.parse(event) as CallEvent]));
  }

  /** Other calls whose legs the participants in a call's rooms may be the far end of, going by Call-ID or numbers. */
  async rivalsOf(callId: string, sipCallIds: readonly string[]): Promise<Map<string, CallEvent[]>> {
    const rows = await this.#database.all<{ call_id: string }>(
      `SELECT call_id FROM (
         SELECT call_id FROM sip_call_ids WHERE sip_call_id IN (SELECT unnest($2::text[]))
         UNION SELECT other.call_id FROM legs_by_numbers AS own JOIN legs_by_numbers AS other
           ON other.numbers = own.numbers
           AND other.heard_at BETWEEN own.heard_at - ${NEAR_MS} AND own.heard_at + ${NEAR_MS}
           WHERE own.call_id = $1
       ) AS rivals WHERE call_id <> $1 LIMIT ${RIVALS_LIMIT}`,
      [callId, sipCallIds],
    );
    return this.eventsOf(rows.map(({ call_id }) => call_id));
  }

  /** When the latest of LiveKit's webhooks came; `undefined` where none did. */
  async heardAt(): Promise<number | undefined> {
    const [row] = await this.#database.all<{ at: number | null }>('SELECT MAX(received_at) AS at FROM livekit_events');
    return row?.at ?? undefined;
  }

  /**
   * Keeps verdicts and hands the calls back, at once or not at all. Calls that another replica has taken over meanwhile
   * are left out.
   */
  async handBack(judged: readonly Judged[]): Promise<SavedAttempts> {
    return this.#database.transaction(async (queries) => {
      const held = await this.#hold(queries, judged);
      const own = judged.filter(({ call }) => held.has(call.callId));
      const attempts = own.flatMap((of) => of.attempts);
      const saved = await this.#calls.saveWithin(queries, attempts);
      await this.#release(queries, own);
      return saved;
    });
  }

  /**
   * Ids of the attempts that are kept as this replica's, where it could not be told whether handing their calls back
   * succeeded. They must be ones of which nothing was kept when the calls were claimed.
   */
  async keptOf(judged: readonly Judged[]): Promise<Set<string>> {
    return this.#database.transaction(async (queries) => {
      // Waits for a transaction that is still at work on the server, though its connection broke.
      await this.#hold(queries, judged);
      const ids = judged.flatMap(({ attempts }) => attempts.map(({ id }) => id));
      const rows = await queries.all<{ id: string }>(
        'SELECT id FROM attempts WHERE settled_by = $1 AND id IN (SELECT unnest($2::text[]))',
        [this.#replica, ids],
      );
      return new Set(rows.map(({ id }) => id));
    });
  }

  /** Has open calls judged again. */
  async reconsider(callIds: readonly string[], now: number): Promise<void> {
    await this.#database.run(
      `UPDATE open_calls SET due_at = LEAST(due_at, $1), arrivals = arrivals + 1
         WHERE call_id IN (SELECT call_id FROM open_calls WHERE call_id IN (SELECT unnest($2::text[]))
           ORDER BY call_id FOR UPDATE)`,
      [now, callIds],
    );
  }

  /** Has every open call judged again of which a webhook came after a time: more is known of the configuration now. */
  async reconsiderSince(at: number, now: number): Promise<void> {
    await this.#database.run(
      `UPDATE open_calls SET due_at = LEAST(due_at, $1), arrivals = arrivals + 1
         WHERE call_id IN (SELECT call_id FROM open_calls WHERE last_received_at > $2 AND judged > 0
           ORDER BY call_id FOR UPDATE)`,
      [now, at],
    );
  }

  async count(): Promise<number> {
    const [row] = await this.#database.all<{ n: number }>('SELECT COUNT(*) AS n FROM open_calls');
    return row?.n ?? 0;
  }

  async #hold(queries: PostgresQueries, judged: readonly Judged[]): Promise<Set<string>> {
    const rows = await queries.all<{ call_id: string }>(
      `SELECT call_id FROM open_calls WHERE call_id IN (SELECT unnest($1::text[])) AND owner = $2
         ORDER BY call_id FOR UPDATE`,
      [judged.map(({ call }) => call.callId), this.#replica],
    );
    return new Set(rows.map(({ call_id }) => call_id));
  }

  async #release(queries: PostgresQueries, judged: readonly Judged[]): Promise<void> {
    const finished = judged.filter(({ dueAt }) => dueAt === undefined);
    // What came in meanwhile has the call judged again, also where it was finished.
    await queries.run(
      `DELETE FROM open_calls WHERE EXISTS (
         SELECT 1 FROM unnest($1::text[], $2::bigint[]) AS done (call_id, arrivals)
           WHERE done.call_id = open_calls.call_id AND done.arrivals = open_calls.arrivals)`,
      [finished.map(({ call }) => call.callId), finished.map(({ call }) => call.arrivals)],
    );
    await queries.run(
      `UPDATE open_calls SET owner = NULL, leased_until = 0, judged = GREATEST(open_calls.judged, back.judged),
         due_at = CASE WHEN open_calls.arrivals = back.arrivals THEN back.due_at ELSE 0 END
         FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) AS back (call_id, arrivals, due_at, judged)
         WHERE back.call_id = open_calls.call_id`,
      [
        judged.map(({ call }) => call.callId),
        judged.map(({ call }) => call.arrivals),
        judged.map(({ dueAt }) => dueAt ?? 0),
        judged.map(({ call, hasFailed }) => (hasFailed ? 0 : call.arrivals)),
      ],
    );
  }

  async #attemptsOf(callIds: readonly string[]): Promise<Map<string, DueCall['judged'][number][]>> {
    const rows = await this.#database.all<{ call_id: string; id: string; call_sid: string }>(
      'SELECT call_id, id, call_sid FROM attempts WHERE call_id IN (SELECT unnest($1::text[]))',
      [callIds],
    );
    return grouped(rows.map(({ call_id, id, call_sid }) => [call_id, { id, callSid: call_sid }]));
  }

  /** LiveKit's webhooks of the rooms that calls were in, or may have been in as numbers and time tell. */
  async #liveKitEventsOf(callIds: readonly string[]): Promise<Map<string, LiveKitEvent[]>> {
    const rows = await this.#database.all<{ call_id: string; event: string }>(
      `SELECT call_id, event FROM (
         SELECT rooms.call_id, heard.event, heard.seq,
           ROW_NUMBER() OVER (PARTITION BY rooms.call_id, heard.room ORDER BY heard.seq DESC) AS place
         FROM (
           SELECT own.call_id, heard.room FROM sip_call_ids AS own
             JOIN livekit_events AS heard ON heard.sip_call_id = own.sip_call_id
             WHERE own.call_id IN (SELECT unnest($1::text[]))
           UNION SELECT call_id, room FROM rooms_by_numbers WHERE call_id IN (SELECT unnest($1::text[]))
           UNION SELECT leg.call_id, heard.room FROM legs_by_numbers AS leg
             JOIN livekit_events AS heard ON heard.numbers = leg.numbers
             AND heard.received_at BETWEEN leg.heard_at - ${NEAR_MS} AND leg.heard_at + ${NEAR_MS}
             WHERE leg.call_id IN (SELECT unnest($1::text[]))
         ) AS rooms JOIN livekit_events AS heard ON heard.room = rooms.room
       ) AS latest WHERE place <= ${ROOM_LIMIT} ORDER BY seq`,
      [callIds],
    );
    // The cast is what deliver wrote.
    return grouped(rows.map(({ call_id, event }) => [call_id, JSON.parse(event) as LiveKitEvent]));
  }
}

function grouped<T>(found: readonly (readonly [string, T])[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const [key, thing] of found) {
    const group = groups.get(key);
    if (group) group.push(thing);
    else groups.set(key, [thing]);
  }
  return groups;
}

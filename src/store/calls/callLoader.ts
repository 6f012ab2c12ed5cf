import { MAX_WEBHOOKS } from '../../core/call/call.ts';
import type { CallEvent } from '../../core/call/callEvent.ts';
import { type LiveKitEvent, TRANSFER_REPORTED } from '../../core/call/livekitEvent.ts';
import { indexKey } from '../../core/call/storedText.ts';
import type { Database } from '../database.ts';
import { hasNoKnownLeg, latestOfRoom, NEAR_MS, NEAREST } from './liveKitEvents.ts';

/** The stored data of a call to judge. */
export interface LoadedCall {
  /** The `arrivals` that match these events; 0 if the call is no longer open. It may be larger than at the claim. */
  readonly arrivals: number;
  readonly events: readonly CallEvent[];
  /** The attempts that have a verdict, and those whose end has one. */
  readonly judged: readonly string[];
  readonly ended: readonly string[];
}

/** Loads calls to judge, many with one statement. Times in epoch milliseconds. */
export class CallLoader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Loads open calls. Calls without stored events are left out. */
  async load(callIds: readonly string[]): Promise<Map<string, LoadedCall>> {
    if (callIds.length === 0) return new Map();
    // One statement, so that it sees a webhook together with its arrival, or neither.
    const rows = await this.#database.all<{ call_id: string; event: string; arrivals: number | null }>(
      `SELECT events.call_id, event, arrivals FROM ${this.#firstEvents('$1')}
         LEFT JOIN open_calls ON open_calls.call_id = events.call_id ORDER BY events.seq`,
      [idsOf(callIds)],
    );
    const attempts = await this.#attemptsOf(callIds);
    const calls = Map.groupBy(rows, ({ call_id }) => call_id);
    return new Map(
      [...calls].map(([id, its]) => [
        id,
        {
          arrivals: its[0]?.arrivals ?? 0,
          // The cast: deliver wrote it.
          events: its.map(({ event }) => JSON.parse(event) as CallEvent),
          judged: (attempts.get(id) ?? []).map((attempt) => attempt.id),
          ended: (attempts.get(id) ?? []).filter(({ hasEnded }) => hasEnded).map((attempt) => attempt.id),
        },
      ]),
    );
  }

  /** The Jambonz webhooks of calls, in the order in which they were stored. */
  async eventsOf(callIds: readonly string[]): Promise<Map<string, CallEvent[]>> {
    const rows = await this.#database.all<{ call_id: string; event: string }>(
      `SELECT events.call_id, event FROM ${this.#firstEvents('$1')} ORDER BY events.seq`,
      [idsOf(callIds)],
    );
    // The cast: deliver wrote it.
    return grouped(rows.map(({ call_id, event }) => [call_id, JSON.parse(event) as CallEvent]));
  }

  /** The events of other calls that compete for the participants of a call's rooms, by Call-ID or numbers. */
  async rivalsOf(callId: string, sipCallIds: readonly string[]): Promise<Map<string, CallEvent[]>> {
    const rows = await this.#database.all<{ call_id: string }>(
      `SELECT call_id FROM sip_call_ids WHERE sip_call_id IN (${this.#texts('$2')}) AND call_id <> $1
       UNION SELECT call_id FROM (
         SELECT other.call_id FROM legs_by_numbers AS own JOIN legs_by_numbers AS other
           ON other.numbers = own.numbers
           AND other.heard_at BETWEEN own.heard_at - ${NEAR_MS} AND own.heard_at + ${NEAR_MS}
           WHERE own.call_id = $1 AND other.call_id <> $1
           ORDER BY ABS(other.heard_at - own.heard_at), other.call_id LIMIT ${NEAREST}
       ) AS near`,
      [callId, JSON.stringify(sipCallIds.map(indexKey))],
    );
    return this.eventsOf(rows.map(({ call_id }) => call_id));
  }

  /** When the latest webhook of LiveKit's own arrived; `undefined` if none has. */
  async lastLiveKitWebhookAt(): Promise<number | undefined> {
    const [row] = await this.#database.all<{ at: number }>(
      'SELECT received_at AS at FROM livekit_events WHERE name <> $1 ORDER BY received_at DESC LIMIT 1',
      [TRANSFER_REPORTED],
    );
    return row?.at;
  }

  #texts(parameter: string): string {
    return this.#database.dialect.texts(parameter);
  }

  /** The first events of calls: those that are read of a call with too many. `seq` finds its end in the index. */
  #firstEvents(parameter: string): string {
    return `(SELECT given.call_id, COALESCE(
           (SELECT seq FROM events AS e WHERE e.call_id = given.call_id ORDER BY seq LIMIT 1 OFFSET ${MAX_WEBHOOKS}),
           ${Number.MAX_SAFE_INTEGER}) AS upto
         FROM ${this.#database.dialect.objects(parameter, { call_id: 'text' })}) AS its
       JOIN events ON events.call_id = its.call_id AND events.seq < its.upto`;
  }

  async #attemptsOf(callIds: readonly string[]): Promise<Map<string, { id: string; hasEnded: boolean }[]>> {
    const rows = await this.#database.all<{ call_id: string; id: string; ended_at: number | null }>(
      `SELECT call_id, id, ended_at FROM attempts WHERE call_id IN (${this.#texts('$1')})`,
      [JSON.stringify(callIds)],
    );
    return grouped(rows.map(({ call_id, id, ended_at }) => [call_id, { id, hasEnded: ended_at !== null }]));
  }

  /** The keys of the rooms that calls were in, or may have been in by numbers and time. */
  async roomsOf(callIds: readonly string[]): Promise<Map<string, string[]>> {
    const rows = await this.#database.all<{ call_id: string; room: string }>(
      `SELECT call_id, room FROM (
         SELECT own.call_id, heard.room FROM sip_call_ids AS own
           JOIN livekit_events AS heard ON heard.sip_call_id = own.sip_call_id
           WHERE own.call_id IN (${this.#texts('$1')})
         UNION SELECT call_id, room FROM rooms_by_numbers WHERE call_id IN (${this.#texts('$1')})
         UNION SELECT call_id, room FROM (
           SELECT leg.call_id, heard.room, ROW_NUMBER() OVER (
             PARTITION BY leg.call_id ORDER BY ABS(heard.received_at - leg.heard_at), heard.seq) AS place
           FROM legs_by_numbers AS leg JOIN livekit_events AS heard ON heard.numbers = leg.numbers
             AND heard.received_at BETWEEN leg.heard_at - ${NEAR_MS} AND leg.heard_at + ${NEAR_MS}
           WHERE leg.call_id IN (${this.#texts('$1')}) AND ${hasNoKnownLeg('heard')}
         ) AS near WHERE place <= ${NEAREST}
       ) AS rooms WHERE room IS NOT NULL ORDER BY call_id, room`,
      [JSON.stringify(callIds)],
    );
    return grouped(rows.map(({ call_id, room }) => [call_id, room]));
  }

  /** LiveKit's webhooks of rooms, the latest of each, oldest first. Each room is read once for all of its calls. */
  async eventsOfRooms(rooms: readonly string[]): Promise<Map<string, LiveKitEvent[]>> {
    if (rooms.length === 0) return new Map();
    const rows = await this.#database.all<{ room: string; event: string }>(
      `SELECT heard.room, heard.event FROM (
         SELECT room, ${latestOfRoom('given.room')} AS after
         FROM ${this.#database.dialect.objects('$1', { room: 'text' })}
       ) AS rooms JOIN livekit_events AS heard ON heard.room = rooms.room AND heard.seq > rooms.after
       ORDER BY heard.seq`,
      [JSON.stringify(rooms.map((room) => ({ room })))],
    );
    // The cast: deliver wrote it.
    return grouped(rows.map(({ room, event }) => [room, JSON.parse(event) as LiveKitEvent]));
  }
}

function idsOf(callIds: readonly string[]): string {
  return JSON.stringify(callIds.map((call_id) => ({ call_id })));
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

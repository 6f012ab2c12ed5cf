import type { LiveKitEvent } from '../call/livekitEvent.ts';
import type { Database, Value } from './database.ts';
import type { LiveKitEventStore } from './store.ts';

/** As many webhooks of one room are given back; a room may go on for weeks. */
const ROOM_LIMIT = 2_000;
/** As many recent webhooks are given back at once. */
const RECENT_LIMIT = 20_000;

// A call was in a room if a SIP participant there has one of its Call-IDs, or if its numbers and the time told so.
/** The calls of the room that is the first parameter. */
export const CALLS_OF_ROOM = `
  SELECT call_id FROM sip_call_ids
    WHERE sip_call_id IN (SELECT sip_call_id FROM livekit_events WHERE room = $1 AND sip_call_id IS NOT NULL)
  UNION SELECT call_id FROM rooms_by_numbers WHERE room = $1`;
const ROOMS_OF_CALL = `
  SELECT room FROM livekit_events
    WHERE sip_call_id IN (SELECT sip_call_id FROM sip_call_ids WHERE call_id = $1) AND room IS NOT NULL
  UNION SELECT room FROM rooms_by_numbers WHERE call_id = $1`;

/** LiveKit's webhooks on either database, and which call was in which room. They are written with Jambonz's. */
export class LiveKitEvents implements LiveKitEventStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  ofRoom(room: string): Promise<LiveKitEvent[]> {
    return this.#latest('room = $1', room, ROOM_LIMIT);
  }

  since(receivedAt: number): Promise<LiveKitEvent[]> {
    return this.#latest('received_at >= $1', receivedAt, RECENT_LIMIT);
  }

  async callsOfRoom(room: string): Promise<string[]> {
    const rows = await this.#database.all<{ call_id: string }>(CALLS_OF_ROOM, [room]);
    return rows.map(({ call_id }) => call_id);
  }

  /** LiveKit's webhooks of the rooms that a call was in, oldest first. */
  ofCall(callId: string): Promise<LiveKitEvent[]> {
    return this.#latest(`room IN (${ROOMS_OF_CALL})`, callId, ROOM_LIMIT);
  }

  async #latest(where: string, parameter: Value, limit: number): Promise<LiveKitEvent[]> {
    const rows = await this.#database.all<{ event: string }>(
      `SELECT event FROM livekit_events WHERE ${where} ORDER BY seq DESC LIMIT $2`,
      [parameter, limit],
    );
    // The cast is what append wrote.
    return rows.map(({ event }) => JSON.parse(event) as LiveKitEvent).reverse();
  }
}

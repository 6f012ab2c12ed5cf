import type { LiveKitEvent } from '../../core/call/livekitEvent.ts';
import { indexKey } from '../../core/call/storedText.ts';
import type { Database, Value } from '../database.ts';

/** How many webhooks of one call's rooms are returned. A room may stay open for weeks. */
export const ROOM_LIMIT = 2_000;
/** How many calls that a participant may belong to are returned. */
const CALLS_LIMIT = 50;
/** The largest gap, in milliseconds, between the webhooks of a leg and of its participant: more than the join allows. */
export const NEAR_MS = 30_000;
/**
 * How many legs with the same numbers are considered for a participant, and how many participants for a leg: those nearest
 * in time. Two are enough to see that numbers and time can't tell which belong together.
 */
export const NEAREST = 20;

/**
 * Whether a participant may belong to a leg by numbers and time alone: it has no SIP Call-ID, or no leg is known with it.
 * `participant` names a row with its `sip_call_id`.
 */
export function hasNoKnownLeg(participant: string): string {
  return `NOT EXISTS (SELECT 1 FROM sip_call_ids AS known WHERE known.sip_call_id = ${participant}.sip_call_id)`;
}

/** The names of the webhooks of a participant that is no longer in its room, as a list in SQL. */
export const LEFT = "'participant_left', 'participant_connection_aborted'";

/** The `seq` after which a webhook is one of the latest of a room. */
export function latestOfRoom(room: string): string {
  return `COALESCE((SELECT seq FROM livekit_events AS e WHERE e.room = ${room} ORDER BY seq DESC LIMIT 1 OFFSET ${ROOM_LIMIT}), 0)`;
}

// A call was in a room if a SIP participant there has one of its Call-IDs, or if it was joined by numbers and time.
const ROOMS_OF_CALL = `
  SELECT room FROM livekit_events
    WHERE sip_call_id IN (SELECT sip_call_id FROM sip_call_ids WHERE call_id = $1) AND room IS NOT NULL
  UNION SELECT room FROM rooms_by_numbers WHERE call_id = $1`;

/** Reads LiveKit's webhooks, and which call was in which room. `deliver` writes them. */
export class LiveKitEvents {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Whether a call is known for a participant, by its SIP Call-ID or its room. */
  async hasCall(sipCallId: string | undefined, room: string): Promise<boolean> {
    const rows = await this.#database.all(
      `SELECT 1 AS one FROM sip_call_ids WHERE sip_call_id = $1
       UNION ALL SELECT 1 AS one FROM rooms_by_numbers WHERE room = $2 LIMIT 1`,
      [indexKey(sipCallId ?? ''), room],
    );
    return rows.length > 0;
  }

  /** The ids of calls with a leg of these numbers about that time. `at` in epoch milliseconds. */
  async callsNear(numbers: string, at: number): Promise<string[]> {
    const rows = await this.#database.all<{ call_id: string }>(
      'SELECT call_id FROM legs_by_numbers WHERE numbers = $1 AND heard_at BETWEEN $2 AND $3 LIMIT $4',
      [numbers, at - NEAR_MS, at + NEAR_MS, CALLS_LIMIT],
    );
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
    // The cast: deliver wrote it.
    return rows.map(({ event }) => JSON.parse(event) as LiveKitEvent).reverse();
  }
}

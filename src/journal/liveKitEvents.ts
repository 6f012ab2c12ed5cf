import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CallEvent } from '../call/event.ts';
import { type LiveKitEvent, matters, roomKeyOf } from '../call/livekitEvent.ts';
import type { Appended, LiveKitEventStore } from './store.ts';

/** As many webhooks of one room are given back; a room may go on for weeks. */
const ROOM_LIMIT = 2_000;
/** As many recent webhooks are given back at once. */
const RECENT_LIMIT = 20_000;

/** LiveKit's webhooks on embedded SQLite, and which call was in which room. Writes are part of the store's transactions. */
export class SqliteLiveKitEvents implements LiveKitEventStore {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
  }

  async ofRoom(room: string): Promise<LiveKitEvent[]> {
    return events(this.#sql.ofRoom, room, ROOM_LIMIT);
  }

  async since(receivedAt: number): Promise<LiveKitEvent[]> {
    return events(this.#sql.since, receivedAt, RECENT_LIMIT);
  }

  async callsOfRoom(room: string): Promise<string[]> {
    return this.#sql.callsOfRoom.all(room, room).map((row) => String(row.call_id));
  }

  /** LiveKit's webhooks of the rooms that a call was in, oldest first. */
  ofCall(callId: string): LiveKitEvent[] {
    return events(this.#sql.ofCall, callId, callId, ROOM_LIMIT);
  }

  /** Writes a webhook down. What it changes of calls that are over must be seen to also after a restart. */
  insert(event: LiveKitEvent, digest: string, repeatWithinMs: number, body: Uint8Array): Appended {
    const before = this.#sql.lastDelivery.get(digest)?.received_at;
    if (typeof before === 'number' && event.receivedAt - before <= repeatWithinMs) return { result: 'repeated' };
    const room = roomKeyOf(event) ?? null;
    const isNew = room === null || this.#sql.anyOfRoom.get(room) === undefined;
    const callId = event.participant?.sip?.callIdFull ?? null;
    const json = JSON.stringify(event);
    const { lastInsertRowid } = this.#sql.insert.run(event.receivedAt, room, event.name, callId, digest, json, body);
    if (room !== null && matters(event)) this.#sql.reopenCalls.run(room, room);
    return { result: 'stored', seq: Number(lastInsertRowid), isNew };
  }

  /** Takes note of the SIP Call-IDs that a webhook of Jambonz's names. */
  setCallId(event: CallEvent, callId: string): void {
    if (event.sbcCallId !== undefined) this.#sql.setCallId.run(event.sbcCallId, callId);
    if (event.kind === 'dial_result' && event.dialSbcCallId !== undefined) {
      this.#sql.setCallId.run(event.dialSbcCallId, callId);
    }
  }

  /** Takes note of a room that a call was in, as its numbers and the time tell. */
  setRoom(room: string, callId: string): void {
    this.#sql.setRoom.run(room, callId);
  }
}

// A call was in a room if a SIP participant there has one of its Call-IDs, or if its numbers and the time told so.
const CALLS_OF_ROOM = `
  SELECT call_id FROM sip_call_ids
    WHERE sip_call_id IN (SELECT sip_call_id FROM livekit_events WHERE room = ? AND sip_call_id IS NOT NULL)
  UNION SELECT call_id FROM rooms_by_numbers WHERE room = ?`;
const ROOMS_OF_CALL = `
  SELECT room FROM livekit_events
    WHERE sip_call_id IN (SELECT sip_call_id FROM sip_call_ids WHERE call_id = ?) AND room IS NOT NULL
  UNION SELECT room FROM rooms_by_numbers WHERE call_id = ?`;

function prepare(db: DatabaseSync) {
  return {
    lastDelivery: db.prepare('SELECT received_at FROM livekit_events WHERE digest = ? ORDER BY seq DESC LIMIT 1'),
    anyOfRoom: db.prepare('SELECT 1 FROM livekit_events WHERE room = ? LIMIT 1'),
    insert: db.prepare(
      'INSERT INTO livekit_events (received_at, room, name, sip_call_id, digest, event, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    reopenCalls: db.prepare(`INSERT OR IGNORE INTO open_calls (call_id) ${CALLS_OF_ROOM}`),
    setCallId: db.prepare('INSERT OR IGNORE INTO sip_call_ids (sip_call_id, call_id) VALUES (?, ?)'),
    setRoom: db.prepare('INSERT OR IGNORE INTO rooms_by_numbers (room, call_id) VALUES (?, ?)'),
    ofRoom: db.prepare('SELECT event FROM livekit_events WHERE room = ? ORDER BY seq DESC LIMIT ?'),
    since: db.prepare('SELECT event FROM livekit_events WHERE received_at >= ? ORDER BY seq DESC LIMIT ?'),
    ofCall: db.prepare(`SELECT event FROM livekit_events WHERE room IN (${ROOMS_OF_CALL}) ORDER BY seq DESC LIMIT ?`),
    callsOfRoom: db.prepare(CALLS_OF_ROOM),
  };
}

function events(statement: StatementSync, ...parameters: (string | number)[]): LiveKitEvent[] {
  // The cast is what insert wrote.
  const rows = statement.all(...parameters).map((row) => JSON.parse(String(row.event)) as LiveKitEvent);
  return rows.reverse();
}

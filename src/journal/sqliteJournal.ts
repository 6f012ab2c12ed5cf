import type { DatabaseSync } from 'node:sqlite';
import { type CallEvent, callIdOf } from '../call/event.ts';
import { type LiveKitEvent, matters, roomKeyOf } from '../call/livekitEvent.ts';
import { CALLS_OF_ROOM } from './liveKitEvents.ts';
import type { Appended, NewEvent } from './store.ts';

/** Writes webhooks into SQLite, within a transaction and at once: the only part of the store that speed matters for. */
export class SqliteJournal {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(connection: DatabaseSync) {
    this.#sql = prepare(connection);
  }

  write({ event, digest, repeatWithinMs, body }: NewEvent): Appended {
    const isLiveKits = event.kind === 'livekit';
    const before = this.#sql[isLiveKits ? 'lastLiveKitDelivery' : 'lastDelivery'].get(digest)?.received_at;
    if (typeof before === 'number' && event.receivedAt - before <= repeatWithinMs) return { result: 'repeated' };
    return isLiveKits ? this.#writeLiveKits(event, digest, body) : this.#writeJambonzs(event, digest, body);
  }

  #writeJambonzs(event: CallEvent, digest: string, body: Uint8Array): Appended {
    const callId = callIdOf(event);
    const dialled = event.kind === 'dial_result' ? event : undefined;
    const isNew = this.#sql.anyOfCall.get(callId) === undefined;
    const { lastInsertRowid } = this.#sql.insert.run(
      event.receivedAt,
      callId,
      event.callSid,
      dialled?.dialCallSid ?? null,
      event.kind,
      digest,
      JSON.stringify(event),
      body,
    );
    this.#sql.openCall.run(callId);
    for (const sipCallId of [event.sbcCallId, dialled?.dialSbcCallId]) {
      if (sipCallId !== undefined) this.#sql.setCallId.run(sipCallId, callId);
    }
    return { result: 'stored', seq: Number(lastInsertRowid), isNew };
  }

  #writeLiveKits(event: LiveKitEvent, digest: string, body: Uint8Array): Appended {
    const room = roomKeyOf(event) ?? null;
    const isNew = room === null || this.#sql.anyOfRoom.get(room) === undefined;
    const callId = event.participant?.sip?.callIdFull ?? null;
    const json = JSON.stringify(event);
    const { lastInsertRowid } = this.#sql.insertLiveKits.run(
      event.receivedAt,
      room,
      event.name,
      callId,
      digest,
      json,
      body,
    );
    // What it changes of calls that are over must be seen to also after a restart.
    if (room !== null && matters(event)) this.#sql.reopenCalls.run(room);
    return { result: 'stored', seq: Number(lastInsertRowid), isNew };
  }
}

function prepare(db: DatabaseSync) {
  return {
    lastDelivery: db.prepare('SELECT received_at FROM events WHERE digest = ? ORDER BY seq DESC LIMIT 1'),
    anyOfCall: db.prepare('SELECT 1 FROM events WHERE call_id = ? LIMIT 1'),
    insert: db.prepare(
      'INSERT INTO events (received_at, call_id, call_sid, dial_call_sid, kind, digest, event, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    openCall: db.prepare('INSERT OR IGNORE INTO open_calls (call_id) VALUES (?)'),
    setCallId: db.prepare('INSERT OR IGNORE INTO sip_call_ids (sip_call_id, call_id) VALUES (?, ?)'),
    lastLiveKitDelivery: db.prepare(
      'SELECT received_at FROM livekit_events WHERE digest = ? ORDER BY seq DESC LIMIT 1',
    ),
    anyOfRoom: db.prepare('SELECT 1 FROM livekit_events WHERE room = ? LIMIT 1'),
    insertLiveKits: db.prepare(
      'INSERT INTO livekit_events (received_at, room, name, sip_call_id, digest, event, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    reopenCalls: db.prepare(`INSERT OR IGNORE INTO open_calls (call_id) ${CALLS_OF_ROOM.replaceAll('$1', '?1')}`),
  };
}

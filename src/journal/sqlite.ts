import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type CallEvent, callIdOf } from '../call/event.ts';
import type { Explanation } from '../explain/json.ts';
import { SqliteConfigurations } from './configurations.ts';
import { SqliteLiveKitEvents } from './liveKitEvents.ts';
import { migrate } from './schema.ts';
import type { Appended, CallRecord, NewEvent, Store, StoredAttempt } from './store.ts';

/** As many events as one transaction takes; more would block the event loop for too long. */
const GROUP_SIZE = 200;

interface Waiting {
  readonly event: NewEvent;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

interface AttemptRow {
  readonly call_sid: string;
  readonly call_id: string;
  readonly started_at: number;
  readonly settled_at: number;
  readonly explanation: string;
}

/**
 * The store on embedded SQLite, in WAL mode with synchronous=FULL: what was acknowledged survives a kill and a power
 * failure. Events that arrive while the event loop is busy share one transaction, since each costs a flush of the disk.
 */
export class SqliteStore implements Store {
  readonly configurations: SqliteConfigurations;
  readonly liveKit: SqliteLiveKitEvents;
  readonly #db: DatabaseSync;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #onCommit: (seconds: number) => void;
  #queue: Waiting[] = [];

  /** `onCommit` is told how long each group commit took. Throws where the file is no store, or one of a newer version. */
  constructor(path: string, onCommit: (seconds: number) => void = () => {}) {
    this.#db = new DatabaseSync(path, { timeout: 5_000 });
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    migrate(this.#db);
    this.#sql = prepare(this.#db);
    this.configurations = new SqliteConfigurations(this.#db);
    this.liveKit = new SqliteLiveKitEvents(this.#db);
    this.#onCommit = onCommit;
  }

  append(event: NewEvent): Promise<Appended> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ event, resolve, reject });
      if (this.#queue.length === 1) setImmediate(() => this.#commitGroup());
    });
  }

  async findCall(callSid: string): Promise<CallRecord | undefined> {
    const callId = this.#sql.callOfLeg.get(callSid, callSid)?.call_id;
    if (typeof callId !== 'string') return undefined;
    const events = this.#sql.eventsOfCall.all(callId).map((row) => {
      // The cast is what append wrote.
      const event = JSON.parse(String(row.event)) as CallEvent;
      return { ...event, seq: Number(row.seq) };
    });
    return {
      callId,
      events,
      attempts: rows(this.#sql.attemptsOfCall, callId).map(toAttempt),
      liveKitEvents: this.liveKit.ofCall(callId),
    };
  }

  async unfinishedCalls(): Promise<string[]> {
    return this.#sql.openCalls.all().map((row) => String(row.call_id));
  }

  async saveAttempts(attempts: readonly StoredAttempt[]): Promise<StoredAttempt[]> {
    return this.#transaction(() =>
      attempts.filter((attempt) => {
        const { callSid, callId, startedAt, settledAt, explanation, roomByNumbers } = attempt;
        const json = JSON.stringify(explanation);
        const inserted = this.#sql.insertAttempt.run(callSid, callId, startedAt, settledAt, json).changes === 1;
        if (roomByNumbers !== undefined) this.liveKit.setRoom(roomByNumbers, callId);
        if (!inserted) this.#sql.updateAttempt.run(json, callSid);
        return inserted;
      }),
    );
  }

  async finishCalls(callIds: readonly string[]): Promise<void> {
    this.#transaction(() => {
      for (const callId of callIds) this.#sql.closeCall.run(callId);
    });
  }

  async latestAttempts(limit: number): Promise<StoredAttempt[]> {
    return rows(this.#sql.latestAttempts, limit).map(toAttempt);
  }

  async close(): Promise<void> {
    while (this.#queue.length > 0) this.#commitGroup();
    this.#db.close();
  }

  #commitGroup(): void {
    const group = this.#queue.splice(0, GROUP_SIZE);
    if (this.#queue.length > 0) setImmediate(() => this.#commitGroup());
    const began = performance.now();
    let results: Appended[];
    try {
      results = this.#transaction(() => group.map(({ event }) => this.#insert(event)));
    } catch (error) {
      for (const { reject } of group) reject(error);
      return;
    }
    this.#onCommit((performance.now() - began) / 1000);
    for (const [i, { resolve }] of group.entries()) resolve(results[i] ?? { result: 'repeated' });
  }

  #insert({ event, digest, repeatWithinMs, body }: NewEvent): Appended {
    if (event.kind === 'livekit') return this.liveKit.insert(event, digest, repeatWithinMs, body);
    const before = this.#sql.lastDelivery.get(digest)?.received_at;
    if (typeof before === 'number' && event.receivedAt - before <= repeatWithinMs) return { result: 'repeated' };
    const callId = callIdOf(event);
    const isNew = this.#sql.anyEventOfCall.get(callId) === undefined;
    const { lastInsertRowid } = this.#sql.insertEvent.run(
      event.receivedAt,
      callId,
      event.callSid,
      event.kind === 'dial_result' ? (event.dialCallSid ?? null) : null,
      event.kind,
      digest,
      JSON.stringify(event),
      body,
    );
    this.#sql.openCall.run(callId);
    this.liveKit.setCallId(event, callId);
    return { result: 'stored', seq: Number(lastInsertRowid), isNew };
  }

  #transaction<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk may have rolled back already.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}

function prepare(db: DatabaseSync) {
  return {
    lastDelivery: db.prepare('SELECT received_at FROM events WHERE digest = ? ORDER BY seq DESC LIMIT 1'),
    anyEventOfCall: db.prepare('SELECT 1 FROM events WHERE call_id = ? LIMIT 1'),
    insertEvent: db.prepare(
      'INSERT INTO events (received_at, call_id, call_sid, dial_call_sid, kind, digest, event, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    openCall: db.prepare('INSERT OR IGNORE INTO open_calls (call_id) VALUES (?)'),
    closeCall: db.prepare('DELETE FROM open_calls WHERE call_id = ?'),
    openCalls: db.prepare('SELECT call_id FROM open_calls ORDER BY rowid'),
    callOfLeg: db.prepare(
      'SELECT call_id FROM events WHERE call_sid = ? UNION ALL SELECT call_id FROM events WHERE dial_call_sid = ? LIMIT 1',
    ),
    eventsOfCall: db.prepare('SELECT seq, event FROM events WHERE call_id = ? ORDER BY seq'),
    attemptsOfCall: db.prepare('SELECT * FROM attempts WHERE call_id = ? ORDER BY started_at, call_sid'),
    insertAttempt: db.prepare(
      'INSERT OR IGNORE INTO attempts (call_sid, call_id, started_at, settled_at, explanation) VALUES (?, ?, ?, ?, ?)',
    ),
    updateAttempt: db.prepare('UPDATE attempts SET explanation = ? WHERE call_sid = ?'),
    latestAttempts: db.prepare('SELECT * FROM attempts ORDER BY settled_at DESC, call_sid LIMIT ?'),
  };
}

function rows(statement: StatementSync, parameter: string | number): AttemptRow[] {
  // The cast is what the schema declares.
  return statement.all(parameter) as unknown as AttemptRow[];
}

function toAttempt(row: AttemptRow): StoredAttempt {
  return {
    callSid: row.call_sid,
    callId: row.call_id,
    startedAt: row.started_at,
    settledAt: row.settled_at,
    // The cast is what saveAttempts wrote.
    explanation: JSON.parse(row.explanation) as Explanation,
  };
}

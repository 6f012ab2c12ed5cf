import { randomUUID } from 'node:crypto';
import { type CallEvent, callIdOf } from '../call/event.ts';
import { callOfLeg } from './callOfLeg.ts';
import { Forwards } from './forwards.ts';
import { GroupCommit } from './groupCommit.ts';
import { forwardTables, type SqliteKind } from './schema.ts';
import { SqliteDatabase } from './sqliteDatabase.ts';
import type { Appended, NewEvent } from './store.ts';

const SPOOL: SqliteKind = {
  name: 'a spool',
  table: 'spool',
  migrations: [
    ({ key, integer, bytes, table }) => `
     CREATE TABLE spool (
       seq ${key},
       id TEXT NOT NULL UNIQUE,
       received_at ${integer} NOT NULL,
       digest TEXT NOT NULL,
       repeat_within_ms ${integer},
       call_id TEXT,
       call_sid TEXT,
       dial_call_sid TEXT,
       event TEXT NOT NULL,
       body ${bytes} NOT NULL,
       refused TEXT
     ) ${table};
     CREATE INDEX spool_waiting ON spool (seq) WHERE refused IS NULL;
     CREATE INDEX spool_by_digest ON spool (digest);
     CREATE INDEX spool_by_call ON spool (call_id) WHERE call_id IS NOT NULL;
     CREATE INDEX spool_by_leg ON spool (call_sid) WHERE call_sid IS NOT NULL;
     CREATE INDEX spool_by_dialled_leg ON spool (dial_call_sid) WHERE dial_call_sid IS NOT NULL;`,
    forwardTables,
  ],
};

/** An event on its way to PostgreSQL. */
export interface SpooledEvent extends NewEvent {
  readonly seq: number;
  /** Random: by it PostgreSQL knows an event that comes again, because the spool's owner was killed in between. */
  readonly id: string;
}

interface Row {
  readonly seq: number;
  readonly id: string;
  readonly digest: string;
  readonly repeat_within_ms: number | null;
  readonly event: string;
  readonly body: Uint8Array;
}

/** Webhooks on this machine's disk until PostgreSQL has them: what is acknowledged is here, or there. */
export class Spool {
  readonly forwards: Forwards;
  readonly #database: SqliteDatabase;
  readonly #commit: GroupCommit<NewEvent, Appended>;

  private constructor(database: SqliteDatabase, onCommit: (seconds: number) => void) {
    this.#database = database;
    this.forwards = new Forwards(database);
    const sql = prepare(database);
    const writeBoth = (event: NewEvent) => {
      const appended = write(sql, event);
      if (appended.result === 'stored') this.forwards.write(event);
      return appended;
    };
    this.#commit = new GroupCommit(database, writeBoth, onCommit);
  }

  /** `onCommit` is told how long each group commit took. Rejects as `SqliteDatabase.open` does. */
  static async open(path: string, onCommit: (seconds: number) => void = () => {}): Promise<Spool> {
    return new Spool(await SqliteDatabase.open(path, SPOOL), onCommit);
  }

  /** Resolves once the event is on disk. A repeat is known here only of an event that is still here. */
  async append(event: NewEvent): Promise<Appended> {
    return this.#commit.add(event) ?? { result: 'busy' };
  }

  /** The events that have waited the longest. */
  async oldest(limit: number): Promise<SpooledEvent[]> {
    const rows = await this.#database.all<Row>('SELECT * FROM spool WHERE refused IS NULL ORDER BY seq LIMIT $1', [
      limit,
    ]);
    return rows.map(toEvent);
  }

  async remove(events: readonly SpooledEvent[]): Promise<void> {
    const seqs = JSON.stringify(events.map(({ seq }) => seq));
    await this.#database.run('DELETE FROM spool WHERE seq IN (SELECT value FROM json_each($1))', [seqs]);
  }

  /** Keeps an event that PostgreSQL refuses out of the way of the others. */
  async setAside({ seq }: SpooledEvent, reason: string): Promise<void> {
    await this.#database.run('UPDATE spool SET refused = $1 WHERE seq = $2', [reason, seq]);
  }

  /** The call that a leg belongs to, as far as the events here tell. */
  callOf(callSid: string): Promise<string | undefined> {
    return callOfLeg(this.#database, 'spool', callSid);
  }

  async ofCall(callId: string): Promise<SpooledEvent[]> {
    return (await this.#database.all<Row>('SELECT * FROM spool WHERE call_id = $1 ORDER BY seq', [callId])).map(
      toEvent,
    );
  }

  /** How many events wait, how many were set aside, and when the one that waits the longest came. */
  async state(): Promise<{ waiting: number; refused: number; oldestReceivedAt: number | undefined }> {
    const [waiting] = await this.#database.all<{ n: number }>('SELECT COUNT(*) AS n FROM spool WHERE refused IS NULL');
    const [all] = await this.#database.all<{ n: number }>('SELECT COUNT(*) AS n FROM spool');
    const [oldest] = await this.#database.all<{ received_at: number }>(
      'SELECT received_at FROM spool WHERE refused IS NULL ORDER BY seq LIMIT 1',
    );
    const waitingCount = waiting?.n ?? 0;
    return { waiting: waitingCount, refused: (all?.n ?? 0) - waitingCount, oldestReceivedAt: oldest?.received_at };
  }

  async close(): Promise<void> {
    await this.#commit.drain();
    await this.#database.close();
  }
}

function prepare({ connection }: SqliteDatabase) {
  return {
    lastDelivery: connection.prepare('SELECT received_at FROM spool WHERE digest = ? ORDER BY seq DESC LIMIT 1'),
    insert: connection.prepare(
      'INSERT INTO spool (id, received_at, digest, repeat_within_ms, call_id, call_sid, dial_call_sid, event, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
  };
}

function write(sql: ReturnType<typeof prepare>, { event, digest, repeatWithinMs, body }: NewEvent): Appended {
  const before = sql.lastDelivery.get(digest)?.received_at;
  if (typeof before === 'number' && event.receivedAt - before <= repeatWithinMs) return { result: 'repeated' };
  const call: CallEvent | undefined = event.kind === 'livekit' ? undefined : event;
  const { lastInsertRowid } = sql.insert.run(
    randomUUID(),
    event.receivedAt,
    digest,
    Number.isFinite(repeatWithinMs) ? repeatWithinMs : null,
    call ? callIdOf(call) : null,
    call?.callSid ?? null,
    call?.kind === 'dial_result' ? (call.dialCallSid ?? null) : null,
    JSON.stringify(event),
    body,
  );
  return { result: 'stored', seq: Number(lastInsertRowid), isNew: false };
}

function toEvent({ seq, id, digest, repeat_within_ms, event, body }: Row): SpooledEvent {
  // The cast is what write wrote.
  const parsed = JSON.parse(event) as NewEvent['event'];
  return { seq, id, event: parsed, digest, repeatWithinMs: repeat_within_ms ?? Number.POSITIVE_INFINITY, body };
}

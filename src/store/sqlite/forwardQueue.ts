import { callIdOf } from '../../core/call/callEvent.ts';
import { JOURNAL_START, type JournalPosition } from '../../core/receive/webhook.ts';
import type { ReadWebhook } from '../calls/delivery.ts';
import { forwardTables, type SqliteKind } from '../schema.ts';
import { SqliteDatabase } from './sqliteDatabase.ts';

/** How many events of one call are forwarded in one turn, before other calls have theirs. */
const EVENTS_A_TURN = 50;

/** No call waits longer than this, in milliseconds. One that seems to is due: the clock was set back since. */
const LONGEST_WAIT_MS = 120_000;

export const QUEUE: SqliteKind = {
  name: 'a queue of webhooks to forward',
  table: 'forward_calls',
  column: 'due_at',
  migrations: [
    (dialect) => `
     ${forwardTables(dialect)}
     CREATE TABLE taken (one INTEGER PRIMARY KEY CHECK (one = 1), segment INTEGER NOT NULL, byte_offset INTEGER NOT NULL) STRICT;`,
    ({ key, integer, bytes, table }) => `
     ALTER TABLE forwards RENAME TO unsealed_forwards;
     DROP INDEX forwards_by_call;
     CREATE TABLE forwards (
       seq ${key},
       call_id TEXT NOT NULL,
       received_at ${integer} NOT NULL,
       sealed ${bytes} NOT NULL
     ) ${table};
     CREATE INDEX forwards_by_call ON forwards (call_id);`,
  ],
};

/** How many requests of an older version are sealed in one transaction. */
const SEALED_AT_ONCE = 100;

/** A request as it is forwarded. */
export interface Request {
  readonly method: 'GET' | 'POST';
  readonly query: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
}

/** Encrypts and decrypts the requests in the queue. */
interface RequestSealing {
  seal(request: Request): Uint8Array;
  /** `undefined` if the key is another one. */
  open(sealed: Uint8Array): Request | undefined;
}

/** A webhook that waits to be forwarded. */
interface Forward extends Request {
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** Stands for a request that cannot be decrypted. It has expired, so that it is given up, and holds up no other. */
const UNREADABLE = { receivedAt: 0, method: 'GET', query: '', headers: [], body: new Uint8Array() } as const;

/** The result of a call's turn: its events up to `upTo` are done, and the rest is due at `dueAt` (epoch milliseconds). */
interface ForwardTurn {
  readonly callId: string;
  readonly upTo: number;
  /** How many tries in a row have failed. */
  readonly failures: number;
  readonly dueAt: number;
}

/**
 * The webhooks that wait to be forwarded to the operator's status hook. They are in a file on this machine, whatever the
 * store is, because the process that acknowledged a webhook forwards it. Webhooks come from the journal, together with the
 * position that follows them, and a row is deleted once it was forwarded. So nothing is lost, but after a crash a webhook
 * may be forwarded twice.
 */
export class ForwardQueue {
  readonly #database: SqliteDatabase;
  readonly #sealing: RequestSealing;
  #position: JournalPosition;
  #hasDeleted = false;

  private constructor(database: SqliteDatabase, sealing: RequestSealing, position: JournalPosition) {
    this.#database = database;
    this.#sealing = sealing;
    this.#position = position;
  }

  static async open(path: string, sealing: RequestSealing): Promise<ForwardQueue> {
    const database = await SqliteDatabase.open(path, QUEUE);
    await sealOlder(database, sealing);
    const [row] = await database.all<{ segment: number; byte_offset: number }>('SELECT * FROM taken');
    const position = row ? { segment: row.segment, offset: row.byte_offset } : JOURNAL_START;
    return new ForwardQueue(database, sealing, position);
  }

  /** The journal is in the queue up to here. */
  get position(): JournalPosition {
    return this.#position;
  }

  /** Queues those of the webhooks that are to be forwarded, and notes the journal's position. Resolves to how many. */
  async add(webhooks: readonly ReadWebhook[], to: JournalPosition): Promise<number> {
    const rows = webhooks.flatMap((webhook) => this.#rowOf(webhook));
    await this.#database.transaction(async (queries) => {
      await queries.insert('forwards', FORWARDS, rows);
      // A call that waits after a failure keeps its due time.
      await queries.insert(
        'forward_calls',
        FORWARD_CALLS,
        rows.map(([callId = '', receivedAt = 0]) => [callId, receivedAt, 0]),
      );
      await queries.run(
        `INSERT INTO taken (one, segment, byte_offset) VALUES (1, $1, $2)
         ON CONFLICT (one) DO UPDATE SET segment = excluded.segment, byte_offset = excluded.byte_offset`,
        [to.segment, to.offset],
      );
    });
    this.#position = to;
    return rows.length;
  }

  /**
   * Appends the events of an older version's queue, with the due times of their calls. Resolves once they are on disk.
   */
  async carryOver(events: readonly OlderForward[]): Promise<void> {
    await this.#database.transaction(async (queries) => {
      await queries.insert(
        'forwards',
        FORWARDS,
        events.map((row) => [row.call_id, row.received_at, this.#sealing.seal(requestOf(row))]),
      );
      await queries.insert(
        'forward_calls',
        FORWARD_CALLS,
        events.map(({ call_id, due_at, failures }) => [call_id, due_at, failures]),
      );
    });
    await this.#database.sync();
  }

  /** Calls that are due, the longest waiting first. `now` in epoch milliseconds. */
  async due(now: number, limit: number): Promise<{ callId: string; failures: number }[]> {
    return this.#database.all<{ callId: string; failures: number }>(
      `SELECT call_id AS "callId", failures FROM forward_calls WHERE due_at <= $1 OR due_at > $2
         ORDER BY due_at LIMIT $3`,
      [now, now + LONGEST_WAIT_MS, limit],
    );
  }

  /** The events of a call to forward, oldest first, up to a limit. */
  async ofCall(callId: string): Promise<Forward[]> {
    const rows = await this.#database.all<Row>('SELECT * FROM forwards WHERE call_id = $1 ORDER BY seq LIMIT $2', [
      callId,
      EVENTS_A_TURN,
    ]);
    return rows.map(({ seq, received_at, sealed }) => {
      const request = this.#sealing.open(sealed);
      return request ? { ...request, seq, receivedAt: received_at } : { ...UNREADABLE, seq };
    });
  }

  /** Saves the results of turns, all or none. */
  async finish(turns: readonly ForwardTurn[]): Promise<void> {
    this.#hasDeleted = true;
    await this.#database.transaction(async (queries) => {
      for (const { callId, upTo, failures, dueAt } of turns) {
        await queries.run('DELETE FROM forwards WHERE call_id = $1 AND seq <= $2', [callId, upTo]);
        await queries.run('UPDATE forward_calls SET failures = $2, due_at = $3 WHERE call_id = $1', [
          callId,
          failures,
          dueAt,
        ]);
        await queries.run(
          'DELETE FROM forward_calls WHERE call_id = $1 AND NOT EXISTS (SELECT 1 FROM forwards WHERE call_id = $1)',
          [callId],
        );
      }
    });
  }

  /** Overwrites what was forwarded: it may contain credentials. */
  async purge(): Promise<void> {
    if (!this.#hasDeleted) return;
    this.#hasDeleted = false;
    await this.#database.purge();
  }

  async count(): Promise<number> {
    const [row] = await this.#database.all<{ n: number }>('SELECT COUNT(*) AS n FROM forwards');
    return row?.n ?? 0;
  }

  sync(): Promise<void> {
    return this.#database.sync();
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #rowOf({ sealed, passOn, event, body }: ReadWebhook): [callId: string, receivedAt: number, sealed: Uint8Array][] {
    if (event.kind === 'livekit') return [];
    // An older version wrote `passOn`.
    const request = sealed ?? (passOn && this.#sealing.seal({ ...passOn, body }));
    return request ? [[callIdOf(event), event.receivedAt, request]] : [];
  }
}

/** Seals what an older version queued. */
async function sealOlder(database: SqliteDatabase, sealing: RequestSealing): Promise<void> {
  for (;;) {
    const rows = await database.all<OlderRow & { readonly call_id: string }>(
      'SELECT * FROM unsealed_forwards ORDER BY seq LIMIT $1',
      [SEALED_AT_ONCE],
    );
    const last = rows.at(-1);
    if (!last) return;
    await database.transaction(async (queries) => {
      await queries.insert(
        'forwards',
        FORWARDS,
        rows.map((row) => [row.call_id, row.received_at, sealing.seal(requestOf(row))]),
      );
      await queries.run('DELETE FROM unsealed_forwards WHERE seq <= $1', [last.seq]);
    });
  }
}

/** A row of an older version's table `forwards`, with its call's row of `forward_calls`. */
export interface OlderForward extends OlderRow {
  readonly call_id: string;
  readonly due_at: number;
  readonly failures: number;
}

interface OlderRow {
  readonly seq: number;
  readonly received_at: number;
  readonly method: 'GET' | 'POST';
  readonly query: string;
  readonly headers: string;
  readonly body: Uint8Array;
}

function requestOf({ method, query, headers, body }: OlderRow): Request {
  // The cast: the older version wrote it.
  return { method, query, headers: JSON.parse(headers) as string[], body };
}

interface Row {
  readonly seq: number;
  readonly received_at: number;
  readonly sealed: Uint8Array;
}

const FORWARDS = { call_id: 'text', received_at: 'bigint', sealed: 'bytea' } as const;

const FORWARD_CALLS = { call_id: 'text', due_at: 'bigint', failures: 'bigint' } as const;

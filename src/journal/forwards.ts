import { callIdOf } from '../call/event.ts';
import type { ForwardEvent, ForwardStore, ForwardTurn } from './forwardStore.ts';
import type { SqliteDatabase } from './sqliteDatabase.ts';
import type { NewEvent } from './store.ts';

/** As many events of one call are passed on in one turn; then it is another's. */
const EVENTS_A_TURN = 50;

/**
 * What is still to be passed on to the operator's status hook, in a file of SQLite's on this machine: the replica that
 * acknowledged an event passes it on. A row is written with its event, in the same transaction, and goes when it was
 * passed on, so that nothing is lost in between; it may be passed on twice.
 */
export class Forwards implements ForwardStore {
  readonly #database: SqliteDatabase;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#sql = prepare(database);
  }

  /** Writes down, as part of the transaction of its event, that a webhook is to be passed on. */
  write({ event, passOn, body }: NewEvent): void {
    if (!passOn || event.kind === 'livekit') return;
    const callId = callIdOf(event);
    const { method, query, headers } = passOn;
    const bytes = method === 'GET' ? new Uint8Array() : body;
    this.#sql.insert.run(callId, event.receivedAt, method, query, JSON.stringify(headers), bytes);
    this.#sql.insertCall.run(callId, event.receivedAt);
  }

  async due(now: number, limit: number): Promise<{ callId: string; failures: number }[]> {
    return this.#database.all<{ callId: string; failures: number }>(
      'SELECT call_id AS "callId", failures FROM forward_calls WHERE due_at <= $1 ORDER BY due_at LIMIT $2',
      [now, limit],
    );
  }

  async ofCall(callId: string): Promise<ForwardEvent[]> {
    const rows = await this.#database.all<Row>('SELECT * FROM forwards WHERE call_id = $1 ORDER BY seq LIMIT $2', [
      callId,
      EVENTS_A_TURN,
    ]);
    return rows.map(({ seq, received_at, method, query, headers, body }) => ({
      seq,
      receivedAt: received_at,
      method,
      query,
      // The cast is what write wrote.
      headers: JSON.parse(headers) as string[],
      body,
    }));
  }

  async finish(turns: readonly ForwardTurn[]): Promise<void> {
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

  async count(): Promise<number> {
    const [row] = await this.#database.all<{ n: number }>('SELECT COUNT(*) AS n FROM forwards');
    return row?.n ?? 0;
  }
}

interface Row {
  readonly seq: number;
  readonly received_at: number;
  readonly method: 'GET' | 'POST';
  readonly query: string;
  readonly headers: string;
  readonly body: Uint8Array;
}

function prepare({ connection }: SqliteDatabase) {
  return {
    insert: connection.prepare(
      'INSERT INTO forwards (call_id, received_at, method, query, headers, body) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    // A call that waits after a failure goes on waiting.
    insertCall: connection.prepare('INSERT OR IGNORE INTO forward_calls (call_id, due_at, failures) VALUES (?, ?, 0)'),
  };
}

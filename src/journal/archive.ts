import { type ArchiveRecord, bodyFields } from './archiveRecord.ts';
import type { ArchiveStore, Written } from './archiveStore.ts';
import { ArchiveWriter } from './archiveWriter.ts';
import { type AttemptRow, toAttempt } from './attemptRow.ts';
import { pack, unpack } from './configurations.ts';
import type { Database, Value } from './database.ts';
import { type IncidentRow, readIncident } from './incidentRows.ts';

/** As many rows are read at once; a body may have 256 KB. */
const PAGE = 200;

/** Everything lasting of a store as records, and records back into a store; on either database. */
export class Archive implements ArchiveStore {
  readonly #database: Database;
  readonly #writer: ArchiveWriter;

  /** `isShared`: whether several replicas share the store. */
  constructor(database: Database, isShared: boolean) {
    this.#database = database;
    this.#writer = new ArchiveWriter(isShared);
  }

  /** What is written meanwhile is left out, or is in it whole: no attempt is without its webhooks. */
  async *read(): AsyncGenerator<ArchiveRecord> {
    const events = await this.#last('events');
    const liveKitEvents = await this.#last('livekit_events');
    // A call that is open now may be over, and its verdict missing, by the time that its webhooks are read.
    const open = await this.#database.all<{ call_id: string; attempts: number }>(
      `SELECT o.call_id, (SELECT COUNT(*) FROM attempts a WHERE a.call_id = o.call_id) AS attempts
       FROM open_calls o ORDER BY o.call_id`,
    );
    yield* this.#configurations();
    for await (const row of this.#rows<IncidentRow & { id: string; changed_at: number }>('incidents', ['id'])) {
      yield { record: 'incident', changed_at: row.changed_at, incident: readIncident(row) };
    }
    yield* this.#attempts();
    for await (const { room, call_id } of this.#rows<{ room: string; call_id: string }>('rooms_by_numbers', [
      'room',
      'call_id',
    ])) {
      yield { record: 'room', room, call_id };
    }
    yield* this.#webhooks('event', 'events', events);
    yield* this.#webhooks('livekit_event', 'livekit_events', liveKitEvents);
    for (const { call_id, attempts } of open) yield { record: 'open_call', call_id, attempts };
  }

  /** All or none of these. The snapshots are packed before, since a transaction awaits nothing but its own queries. */
  async write(records: readonly ArchiveRecord[]): Promise<Written> {
    const packed = new Map<ArchiveRecord, readonly [Uint8Array, Uint8Array]>();
    for (const record of records) {
      if (record.record === 'configuration') {
        packed.set(record, await Promise.all([pack(record.snapshot), pack(record.changes)]));
      }
    }
    return this.#database.transaction((queries) => this.#writer.write(queries, records, packed));
  }

  async *#configurations(): AsyncGenerator<ArchiveRecord> {
    for await (const row of this.#rows<ConfigurationRow>('configurations', ['version'])) {
      const { version, first_seen_at, last_seen_at, digest, follows } = row;
      yield {
        record: 'configuration',
        version,
        first_seen_at,
        last_seen_at,
        // The casts are what was packed.
        snapshot: (await unpack(row.snapshot)) as { trunks: object[]; rules: object[] },
        changes: (await unpack(row.changes)) as object[],
        ...(digest !== null && { digest }),
        ...(follows !== null && { follows }),
      };
    }
  }

  async *#attempts(): AsyncGenerator<ArchiveRecord> {
    for await (const row of this.#rows<AttemptRow & { incident: string | null }>('attempts', ['id'])) {
      const { id, call_sid, call_id, started_at, settled_at, incident } = row;
      // The cast: what is `undefined` is absent in JSON.
      yield {
        record: 'attempt',
        id,
        call_sid,
        call_id,
        started_at,
        settled_at,
        attempt: toAttempt(row).record,
        ...(incident !== null && { incident }),
      } as ArchiveRecord;
    }
  }

  async *#webhooks(record: 'event' | 'livekit_event', table: string, upTo: number): AsyncGenerator<ArchiveRecord> {
    for await (const row of this.#rows<WebhookRow>(table, ['seq'], upTo)) {
      yield { record, digest: row.digest, event: JSON.parse(row.event), ...bodyFields(row.body) };
    }
  }

  async #last(table: string): Promise<number> {
    const [row] = await this.#database.all<{ last: number | null }>(`SELECT MAX(seq) AS last FROM ${table}`);
    return row?.last ?? 0;
  }

  /** The rows of a table in the order of its key, a page at a time; `upTo` is the last key. */
  async *#rows<R extends object>(table: string, key: readonly (keyof R & string)[], upTo?: number): AsyncGenerator<R> {
    const columns = key.join(', ');
    let after: Value[] = [];
    for (;;) {
      const terms: string[] = [];
      const parameters: Value[] = [...after];
      if (after.length > 0) terms.push(`(${columns}) > (${after.map((_, i) => `$${i + 1}`).join(', ')})`);
      if (upTo !== undefined) terms.push(`seq <= $${parameters.push(upTo)}`);
      const where = terms.length > 0 ? `WHERE ${terms.join(' AND ')}` : '';
      const rows = await this.#database.all<R>(
        `SELECT * FROM ${table} ${where} ORDER BY ${columns} LIMIT ${PAGE}`,
        parameters,
      );
      yield* rows;
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return;
      // The cast: keys are numbers and texts.
      after = key.map((name) => last[name] as Value);
    }
  }
}

interface ConfigurationRow {
  readonly version: number;
  readonly first_seen_at: number;
  readonly last_seen_at: number;
  readonly snapshot: Uint8Array;
  readonly changes: Uint8Array;
  readonly digest: string | null;
  readonly follows: number | null;
}

interface WebhookRow {
  readonly seq: number;
  readonly digest: string;
  readonly event: string;
  readonly body: Uint8Array;
}

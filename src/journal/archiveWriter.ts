import { type CallEvent, callIdOf } from '../call/event.ts';
import { type LiveKitEvent, roomKeyOf } from '../call/livekitEvent.ts';
import { numberKey } from '../correlate/numberKey.ts';
import { type ArchiveRecord, bodyOf, type RecordOf } from './archiveRecord.ts';
import type { Written } from './archiveStore.ts';
import { toAttempt } from './attemptRow.ts';
import { placeholders, type Queries, type Value } from './database.ts';
import { saveKeys } from './search.ts';

type Fate = 'added' | 'known' | 'conflicting';

/** Writes records into a store that may have them already, within one transaction. What is there stays as it is. */
export class ArchiveWriter {
  readonly #isShared: boolean;

  /** `isShared`: whether several replicas share the store. */
  constructor(isShared: boolean) {
    this.#isShared = isShared;
  }

  /** `packed` has the snapshot and the changes of each configuration. */
  async write(
    queries: Queries,
    records: readonly ArchiveRecord[],
    packed: ReadonlyMap<ArchiveRecord, readonly [Uint8Array, Uint8Array]>,
  ): Promise<Written> {
    const written = { added: 0, known: 0, conflicting: 0 };
    for (const record of records) written[await this.#writeOne(queries, record, packed.get(record))] += 1;
    if (this.#isShared && packed.size > 0) await passOver(queries);
    return written;
  }

  #writeOne(
    queries: Queries,
    record: ArchiveRecord,
    packed: readonly [Uint8Array, Uint8Array] | undefined,
  ): Promise<Fate> {
    switch (record.record) {
      case 'configuration':
        return writeConfiguration(queries, record, packed ?? [new Uint8Array(), new Uint8Array()]);
      case 'incident':
        return writeIncident(queries, record);
      case 'attempt':
        return writeAttempt(queries, record);
      case 'room':
        return insert(queries, 'rooms_by_numbers', { room: record.room, call_id: record.call_id });
      case 'event':
        return this.#writeEvent(queries, record);
      case 'livekit_event':
        return this.#writeLiveKitEvent(queries, record);
      case 'open_call':
        return openCall(queries, record);
      default:
        return record satisfies never;
    }
  }

  async #writeEvent(queries: Queries, record: RecordOf<'event'>): Promise<Fate> {
    // The cast: the keys that are relied on were checked, and the others are what `append` wrote.
    const event = record.event as CallEvent;
    if (await isKnown(queries, 'events', record)) return 'known';
    const callId = callIdOf(event);
    const dialled = event.kind === 'dial_result' ? event : undefined;
    await insert(queries, 'events', {
      received_at: event.receivedAt,
      call_id: callId,
      call_sid: event.callSid,
      dial_call_sid: dialled?.dialCallSid ?? null,
      kind: event.kind,
      digest: record.digest,
      event: JSON.stringify(event),
      body: bodyOf(record),
    });
    for (const sipCallId of [event.sbcCallId, dialled?.dialSbcCallId]) {
      if (sipCallId !== undefined) await insert(queries, 'sip_call_ids', { sip_call_id: sipCallId, call_id: callId });
    }
    const numbers = event.direction === 'outbound' ? numberKey(event.from, event.to) : undefined;
    if (this.#isShared && numbers !== undefined) {
      await insert(queries, 'legs_by_numbers', { numbers, call_id: callId, heard_at: event.receivedAt });
    }
    return 'added';
  }

  async #writeLiveKitEvent(queries: Queries, record: RecordOf<'livekit_event'>): Promise<Fate> {
    // The cast is as above.
    const event = record.event as LiveKitEvent;
    if (await isKnown(queries, 'livekit_events', record)) return 'known';
    const sip = event.participant?.sip;
    return insert(queries, 'livekit_events', {
      received_at: event.receivedAt,
      room: roomKeyOf(event) ?? null,
      name: event.name,
      sip_call_id: sip?.callIdFull ?? null,
      digest: record.digest,
      event: JSON.stringify(event),
      body: bodyOf(record),
      ...(this.#isShared && { numbers: numberKey(sip?.phoneNumber, sip?.trunkPhoneNumber) ?? null }),
    });
  }
}

async function writeAttempt(queries: Queries, record: RecordOf<'attempt'>): Promise<Fate> {
  const { call_sid, call_id, started_at, settled_at, incident } = record;
  const [id, kept] =
    'attempt' in record ? [record.id, record.attempt] : [await idOf(queries, record), record.explanation];
  const row = { id, call_sid, call_id, started_at, settled_at, record: JSON.stringify(kept) };
  const fate = await insert(queries, 'attempts', { ...row, incident: incident ?? null });
  if (fate === 'added') await saveKeys(queries, [toAttempt(row)]);
  return fate;
}

/** The id of an attempt whose export did not have it: of the first one of a call the call's, of others their leg's. */
async function idOf(
  queries: Queries,
  { call_sid, call_id }: Pick<RecordOf<'attempt'>, 'call_sid' | 'call_id'>,
): Promise<string> {
  const [first] = await queries.all<{ call_sid: string }>('SELECT call_sid FROM attempts WHERE id = $1', [call_id]);
  const isOther = first !== undefined && first.call_sid !== call_sid && call_sid !== call_id;
  return isOther ? call_sid : call_id;
}

async function isKnown(
  queries: Queries,
  table: string,
  { digest, event }: { readonly digest: string; readonly event: { readonly receivedAt: number } },
): Promise<boolean> {
  const sql = `SELECT 1 FROM ${table} WHERE digest = $1 AND received_at = $2 LIMIT 1`;
  return (await queries.all(sql, [digest, event.receivedAt])).length > 0;
}

/** A version is referred to by its number: where the store has another of that number, its own history stays. */
async function writeConfiguration(
  queries: Queries,
  { version, first_seen_at, last_seen_at, digest, follows }: RecordOf<'configuration'>,
  [snapshot, changes]: readonly [Uint8Array, Uint8Array],
): Promise<Fate> {
  const row = { version, first_seen_at, last_seen_at, snapshot, changes };
  const fate = await insert(queries, 'configurations', { ...row, digest: digest ?? null, follows: follows ?? null });
  if (fate === 'added') return fate;
  const same = 'SELECT 1 FROM configurations WHERE version = $1 AND first_seen_at = $2';
  return (await queries.all(same, [version, first_seen_at])).length > 0 ? 'known' : 'conflicting';
}

/** Lets the numbers of new versions begin after those that were written with theirs; SQLite does so by itself. */
async function passOver(queries: Queries): Promise<void> {
  const [row] = await queries.all<{ last: number | null }>('SELECT MAX(version) AS last FROM configurations');
  // A number of ours, not a text from outside; ALTER takes no parameters.
  await queries.script(`ALTER TABLE configurations ALTER COLUMN version RESTART WITH ${Number(row?.last ?? 0) + 1}`);
}

async function writeIncident(queries: Queries, { incident, changed_at }: RecordOf<'incident'>): Promise<Fate> {
  const { id, cause, trunk, openedAt, closed, last } = incident;
  const known = await queries.all('SELECT 1 FROM incidents WHERE id = $1', [id]);
  if (known.length > 0) return 'known';
  const opened = 'SELECT 1 FROM incidents WHERE cause = $1 AND trunk = $2 AND closed_at IS NULL';
  // Of each kind one is open. Where the store has one, that goes on, and this one ends with its last call.
  const isRival = closed === undefined && (await queries.all(opened, [cause, trunk])).length > 0;
  const ended = isRival ? { ...incident, closed: { at: last.at, because: 'no_calls' } } : incident;
  return insert(queries, 'incidents', {
    id,
    cause,
    trunk,
    opened_at: openedAt,
    closed_at: ended.closed?.at ?? null,
    changed_at,
    incident: JSON.stringify(ended),
  });
}

/** Has a call gone on with, unless the store has brought it further than it was when it was exported. */
async function openCall(queries: Queries, { call_id, attempts }: RecordOf<'open_call'>): Promise<Fate> {
  const [judged] = await queries.all<{ n: number }>('SELECT COUNT(*) AS n FROM attempts WHERE call_id = $1', [call_id]);
  if ((judged?.n ?? 0) > attempts) return 'known';
  return insert(queries, 'open_calls', { call_id });
}

async function insert(queries: Queries, table: string, row: Readonly<Record<string, Value>>): Promise<Fate> {
  const columns = Object.keys(row);
  const added = await queries.run(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${placeholders(1, columns.length)} ON CONFLICT DO NOTHING`,
    Object.values(row),
  );
  return added > 0 ? 'added' : 'known';
}

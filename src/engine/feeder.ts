import { isBefore, type JournalPosition, readRecord, withoutForward } from '../core/receive/webhook.ts';
import { JournalReader } from '../journal/journalReader.ts';
import { SetAside } from '../journal/setAside.ts';
import { WaitingSegments } from '../journal/waitingSegments.ts';
import { every, type Loop } from '../loop/every.ts';
import type { Backlog } from '../metrics/journalMetrics.ts';
import { type Delivery, deliver, positionOf, type ReadWebhook } from '../store/calls/delivery.ts';
import type { Store } from '../store/store.ts';
import type { StoreUnavailable } from '../store/storeUnavailable.ts';

/** How many webhooks one transaction stores. */
const BATCH = 1_000;
/** How often, in milliseconds, the store is verified. */
const CHECK_EVERY_MS = 500;
const BACK_OFF = { firstMs: 200, longestMs: 3_000 };
/** How long, in milliseconds, stopping waits for the rest of the journal to be stored. */
const STOPPING_MS = 5_000;
/**
 * How long, in milliseconds, a shared store must have been available before calls are judged, so that other replicas
 * can store their journals too.
 */
const OTHERS_CATCH_UP_MS = 2_000;
/** The longest wait, in milliseconds, for this journal to be stored before calls are judged anyway. */
const CATCH_UP_MS = 15_000;

export interface FeederEvents {
  /** After webhooks were stored, with the results. Called before any further ones are stored. */
  onFed(webhooks: readonly ReadWebhook[], delivery: Delivery): void;
  /** After each successful operation of the store. */
  onStoreWorked(): void;
  /** Once when the store stops working, and once when it works again. */
  onStoreDown(error: unknown): void;
  onStoreBack(downMs: number): void;
  /** When a record is set aside: the store refuses its content, or this version cannot read it. */
  onSetAside(reason: string): void;
  /** After reading bytes of the journal that are not a record. */
  onDamage(bytes: number): void;
  /** When somebody deleted segments of the journal with bytes that were not stored yet. */
  onSegmentsLost(bytes: number): void;
}

/** Another reader of the journal. */
interface OtherReader {
  /** It has read everything before this position. */
  readonly position: JournalPosition;
  /** Resolves once everything it has read is on disk. */
  sync(): Promise<void>;
}

/** Stores the webhooks of the journal in order and in batches. It retries while the store is unavailable. */
export class Feeder {
  readonly #journal: { readonly id: string; readonly reader: JournalReader };
  readonly #aside: SetAside;
  readonly #waiting: WaitingSegments;
  readonly #store: Store;
  readonly #events: FeederEvents;
  /** The journal is on disk up to here. */
  #end: JournalPosition;
  /** The position that the store has recorded; `undefined` until it was read. */
  #stored: { readonly position: JournalPosition | undefined } | undefined;
  #at: JournalPosition | undefined;
  #other: OtherReader | undefined;
  #oldestReceivedAt: number | undefined;
  #downSince: number | undefined;
  /** When, in `performance.now()` milliseconds, the store began to work; `undefined` while it does not. */
  #backSince: number | undefined;
  /** The end of the journal when the store began to work; `undefined` once all before it is stored. */
  #missing: JournalPosition | undefined;
  /** When the store was last verified, in `performance.now()` milliseconds. */
  #verifiedAt = Number.NEGATIVE_INFINITY;
  #loop: Loop | undefined;

  constructor(
    journal: { readonly directory: string; readonly id: string; readonly end: JournalPosition },
    store: Store,
    events: FeederEvents,
  ) {
    this.#journal = { id: journal.id, reader: new JournalReader(journal.directory) };
    this.#aside = new SetAside(journal.directory);
    this.#waiting = new WaitingSegments(journal.directory);
    this.#end = journal.end;
    this.#store = store;
    this.#events = events;
  }

  start(): void {
    this.#loop ??= every(() => this.#run(), {
      everyMs: CHECK_EVERY_MS,
      backOff: BACK_OFF,
      onError: (error) => this.#noteDown(error),
    });
  }

  /** Resolves once the journal up to `end` is stored, or could not be. */
  async feed(end: JournalPosition = this.#end): Promise<void> {
    if (isBefore(this.#end, end)) this.#end = end;
    if (this.#backSince !== undefined && this.#isAtEnd) return;
    // After a failure the back-off decides when to retry.
    if (!this.#loop?.isFailing) await this.#loop?.wake();
  }

  /** Keeps the segments that another reader has not read yet. */
  retainFor(other: OtherReader): void {
    this.#other = other;
  }

  /** The journal is stored up to here; `undefined` if that is not known yet. */
  get position(): JournalPosition | undefined {
    return this.#at;
  }

  /** Whether calls can be judged: the store works and has the webhooks that arrived while it did not. */
  get isCaughtUp(): boolean {
    if (this.#backSince === undefined) return false;
    const backForMs = performance.now() - this.#backSince;
    if (this.#store.isShared && backForMs < OTHERS_CATCH_UP_MS) return false;
    return this.#missing === undefined || backForMs >= CATCH_UP_MS;
  }

  get #isAtEnd(): boolean {
    return this.#at !== undefined && !isBefore(this.#at, this.#end);
  }

  get backlog(): Backlog {
    const from = this.#at ?? this.#journal.reader.start(undefined, this.#end);
    const bytes = this.#journal.reader.bytesBetween(from, this.#end);
    this.#oldestReceivedAt = bytes > 0 ? (this.#oldestReceivedAt ?? this.#receivedAt(from)) : undefined;
    return { bytes, oldestReceivedAt: this.#oldestReceivedAt, setAside: this.#aside.count };
  }

  /** Reports that another user of the store found it unavailable. */
  reportDown(error: StoreUnavailable): void {
    if (this.#downSince !== undefined) return;
    this.#noteDown(error);
    void this.#loop?.wake();
  }

  /** Resolves when everything is stored, after 5 s, or when the store fails. */
  async stop(): Promise<void> {
    const stopAt = performance.now() + STOPPING_MS;
    while (this.#loop && !this.#isAtEnd && performance.now() < stopAt) {
      await this.#loop.wake();
      if (this.#loop.isFailing) break;
    }
    await this.#loop?.stop();
  }

  /** Stores one batch. Resolves to how long to wait before the next one, in milliseconds. */
  async #run(): Promise<number | undefined> {
    const lostBytes = this.#waiting.lostBytes(this.#end, this.#at);
    if (lostBytes > 0) this.#events.onSegmentsLost(lostBytes);
    const now = performance.now();
    if (this.#backSince === undefined || !this.#stored || now - this.#verifiedAt >= CHECK_EVERY_MS) {
      await this.#store.ensureReady();
      this.#verifiedAt = now;
    }
    this.#stored ??= { position: await positionOf(this.#store.database, this.#journal.id) };
    const from = this.#journal.reader.start(this.#stored.position, this.#end);
    this.#at = from;
    const { records, end, damagedBytes } = this.#journal.reader.read(from, this.#end, BATCH);
    if (isBefore(from, end)) await this.#storeRecords(records, end);
    else await this.removeRead();
    // Not before: while the store fails, the same bytes are read again and again.
    if (damagedBytes > 0) this.#events.onDamage(damagedBytes);
    this.#noteBack();
    this.#events.onStoreWorked();
    if (this.#missing && !isBefore(this.#at, this.#missing)) this.#missing = undefined;
    return this.#isAtEnd ? undefined : 0;
  }

  /** Stores records with the position that follows them. Records that the store refuses are set aside. */
  async #storeRecords(
    records: readonly { readonly payload: Buffer; readonly end: JournalPosition }[],
    to: JournalPosition,
  ): Promise<void> {
    const read = records.map((record) => ({ ...record, webhook: readRecord(record.payload) }));
    const webhooks = read.flatMap(({ webhook }) => webhook ?? []);
    try {
      const slice = { journal: this.#journal.id, from: this.#stored?.position, to };
      const delivery = await deliver(this.#store.database, webhooks, slice);
      for (const { payload, webhook } of read) if (!webhook) this.#setAside(payload, 'this version cannot read it');
      if (delivery) {
        this.#stored = { position: to };
        this.#events.onFed(webhooks, delivery);
      } else {
        // The store is further: the answer to an earlier try was lost. Read its position again.
        this.#stored = undefined;
        this.#oldestReceivedAt = undefined;
        return;
      }
    } catch (error) {
      if (!this.#store.database.isDataError(error)) throw error;
      await this.#bisect(records, to, error);
    }
    this.#at = to;
    this.#oldestReceivedAt = undefined;
    await this.removeRead();
  }

  async #bisect(
    records: readonly { readonly payload: Buffer; readonly end: JournalPosition }[],
    to: JournalPosition,
    error: Error,
  ): Promise<void> {
    const [first] = records;
    if (records.length === 1 && first) {
      // What there is to forward was read from the journal too. The next try must not forward it again.
      this.#setAside(withoutForward(first.payload), error.message);
      return this.#storeRecords([], to);
    }
    const half = Math.ceil(records.length / 2);
    const middle = records[half - 1]?.end ?? to;
    await this.#storeRecords(records.slice(0, half), middle);
    await this.#storeRecords(records.slice(half), to);
  }

  /** Deletes the segments that no reader needs any more, once everything made from them is on disk. */
  async removeRead(): Promise<void> {
    const to = this.#at;
    if (!to) return;
    const position = this.#other && isBefore(this.#other.position, to) ? this.#other.position : to;
    if (!this.#journal.reader.hasSegmentsBefore(position)) return;
    await Promise.all([this.#store.database.sync(), this.#other?.sync()]);
    this.#journal.reader.removeSegmentsBefore(position);
  }

  /** When the first webhook after a position arrived, in epoch milliseconds; `undefined` if there is none. */
  #receivedAt(from: JournalPosition): number | undefined {
    const [first] = this.#journal.reader.read(from, this.#end, 1).records;
    return first && readRecord(first.payload)?.moment.receivedAt;
  }

  #setAside(payload: Buffer, reason: string): void {
    this.#aside.add(payload);
    this.#events.onSetAside(reason);
  }

  #noteBack(): void {
    if (this.#backSince === undefined) {
      this.#backSince = performance.now();
      this.#missing = this.#end;
    }
    if (this.#downSince === undefined) return;
    this.#events.onStoreBack(performance.now() - this.#downSince);
    this.#downSince = undefined;
  }

  #noteDown(error: unknown): void {
    this.#backSince = undefined;
    if (this.#downSince !== undefined) return;
    this.#downSince = performance.now();
    this.#events.onStoreDown(error);
  }
}

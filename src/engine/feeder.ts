import { isBefore, type JournalPosition, readRecord } from '../core/receive/webhook.ts';
import { JournalReader } from '../journal/journalReader.ts';
import { SetAside } from '../journal/setAside.ts';
import { every, type Loop } from '../loop/every.ts';
import type { Backlog } from '../metrics/journalMetrics.ts';
import { type Delivery, deliver, positionOf, type ReadWebhook } from '../store/calls/delivery.ts';
import type { StoreUnavailable } from '../store/postgres/postgresDatabase.ts';
import { isDataError, type Store } from '../store/store.ts';

/** As many webhooks as one transaction brings to the store. */
const BATCH = 500;
/** How often, in milliseconds, the store is asked whether it is there while there is nothing to bring. */
const ASK_EVERY_MS = 1_000;
const BACK_OFF = { firstMs: 200, longestMs: 3_000 };
/** As long, in milliseconds, the rest is tried to be brought over when the service stops. */
const LAST_MS = 5_000;
/** As long, in milliseconds, a shared store must have been there before calls are judged: others bring their logs too. */
const OTHERS_CATCH_UP_MS = 2_000;
/** And as long at most, for this log to be brought over. */
const CATCH_UP_MS = 15_000;

export interface FeederEvents {
  /** What was brought to the store, and what became of it. Called before anything else is fed. */
  onFed(webhooks: readonly ReadWebhook[], delivery: Delivery): void;
  /** Each time that the store did what was asked of it. */
  onStoreWorked(): void;
  /** When the store is away, and when it is back: each once. */
  onStoreDown(error: unknown): void;
  onStoreBack(downMs: number): void;
  /** When a record can never be taken: the store refuses it for what is in it, or this version cannot read it. */
  onSetAside(reason: string): void;
  /** Bytes of the log that are no record. */
  onDamage(bytes: number): void;
}

/** What else is made from the log, and up to where. */
interface OtherReader {
  readonly position: JournalPosition;
  /** Resolves once all up to there is on disk. */
  sync(): Promise<void>;
}

/** Brings the log to the store: in order, in batches, and, where the store is away, once it is back. */
export class Feeder {
  readonly #log: { readonly id: string; readonly reader: JournalReader };
  readonly #aside: SetAside;
  readonly #store: Store;
  readonly #events: FeederEvents;
  /** Up to where the log is on disk. */
  #end: JournalPosition;
  /** Up to where the store has it, as the store says; not known before it was asked. */
  #stored: { readonly position: JournalPosition | undefined } | undefined;
  #at: JournalPosition | undefined;
  #other: OtherReader | undefined;
  #oldestReceivedAt: number | undefined;
  #downSince: number | undefined;
  /** When, in milliseconds of `performance.now()`, the store was last found to be there after it was away. */
  #backSince: number | undefined;
  #isCaughtUp = false;
  #loop: Loop | undefined;

  constructor(
    log: { readonly directory: string; readonly id: string; readonly end: JournalPosition },
    store: Store,
    events: FeederEvents,
  ) {
    this.#log = { id: log.id, reader: new JournalReader(log.directory) };
    this.#aside = new SetAside(log.directory);
    this.#end = log.end;
    this.#store = store;
    this.#events = events;
  }

  start(): void {
    this.#loop ??= every(() => this.#run(), {
      everyMs: ASK_EVERY_MS,
      backOff: BACK_OFF,
      onError: (error) => this.#noteDown(error),
    });
  }

  /** Resolves once what is on disk up to `end` is with the store, or could not be brought there. */
  async feed(end: JournalPosition = this.#end): Promise<void> {
    if (isBefore(this.#end, end)) this.#end = end;
    if (this.#isCaughtUp && this.#at && !isBefore(this.#at, this.#end)) return;
    // After a failure the wait is kept to.
    if (!this.#loop?.isFailing) await this.#loop?.wake();
  }

  /** Another reader of the log: what it has not read yet is kept. */
  retainFor(other: OtherReader): void {
    this.#other = other;
  }

  /** Up to where the store has the log, as far as is known. */
  get position(): JournalPosition | undefined {
    return this.#at;
  }

  /** Whether calls can be judged: the store is there, with what came in while it was away. */
  get isCaughtUp(): boolean {
    if (this.#backSince === undefined) return false;
    const backForMs = performance.now() - this.#backSince;
    if (this.#store.isShared && backForMs < OTHERS_CATCH_UP_MS) return false;
    return this.#isCaughtUp || backForMs >= CATCH_UP_MS;
  }

  get backlog(): Backlog {
    const from = this.#at ?? this.#log.reader.start(undefined, this.#end);
    const bytes = this.#log.reader.bytesBetween(from, this.#end);
    this.#oldestReceivedAt = bytes > 0 ? (this.#oldestReceivedAt ?? this.#receivedAt(from)) : undefined;
    return { bytes, oldestReceivedAt: this.#oldestReceivedAt, setAside: this.#aside.count };
  }

  /** Another who uses the store found it away. */
  reportDown(error: StoreUnavailable): void {
    this.#noteDown(error);
    void this.#loop?.wake();
  }

  /** Resolves when all is brought over, or the time for it is over, or the store is away. */
  async stop(): Promise<void> {
    const stopAt = performance.now() + LAST_MS;
    while (this.#loop && !this.#isCaughtUp && performance.now() < stopAt) {
      await this.#loop.wake();
      if (this.#loop.isFailing) break;
    }
    await this.#loop?.stop();
  }

  /** One batch. Resolves to how long to wait for the next one. */
  async #run(): Promise<number | undefined> {
    if (this.#backSince === undefined || !this.#stored) await this.#store.ensureReady();
    this.#stored ??= { position: await positionOf(this.#store.database, this.#log.id) };
    const from = this.#log.reader.start(this.#stored.position, this.#end);
    this.#at = from;
    const { records, end, damagedBytes } = this.#log.reader.read(from, this.#end, BATCH);
    if (damagedBytes > 0) this.#events.onDamage(damagedBytes);
    const isEmpty = !isBefore(from, end);
    if (isEmpty) await this.#store.ensureReady();
    else await this.#bring(records, end);
    this.#noteBack();
    this.#events.onStoreWorked();
    this.#isCaughtUp = !isBefore(this.#at, this.#end);
    return this.#isCaughtUp ? undefined : 0;
  }

  /** Brings records to the store, and the position that follows them. What the store refuses is set aside. */
  async #bring(
    records: readonly { readonly payload: Buffer; readonly end: JournalPosition }[],
    to: JournalPosition,
  ): Promise<void> {
    const read = records.map((record) => ({ ...record, webhook: readRecord(record.payload) }));
    const webhooks = read.flatMap(({ webhook }) => webhook ?? []);
    try {
      const slice = { log: this.#log.id, from: this.#stored?.position, to };
      const delivery = await deliver(this.#store.database, webhooks, slice);
      for (const { payload, webhook } of read) if (!webhook) this.#setAside(payload, 'this version cannot read it');
      if (delivery) {
        this.#stored = { position: to };
        this.#events.onFed(webhooks, delivery);
      } else {
        // The answer to an earlier try was lost: what it stored is looked for anew.
        this.#stored = undefined;
        this.#oldestReceivedAt = undefined;
        return;
      }
    } catch (error) {
      if (!isDataError(error)) throw error;
      await this.#bisect(records, to, error);
    }
    this.#at = to;
    this.#oldestReceivedAt = undefined;
    await this.#removeBefore(to);
  }

  async #bisect(
    records: readonly { readonly payload: Buffer; readonly end: JournalPosition }[],
    to: JournalPosition,
    error: Error,
  ): Promise<void> {
    const [first] = records;
    if (records.length === 1 && first) {
      this.#setAside(first.payload, error.message);
      return this.#bring([], to);
    }
    const half = Math.ceil(records.length / 2);
    const middle = records[half - 1]?.end ?? to;
    await this.#bring(records.slice(0, half), middle);
    await this.#bring(records.slice(half), to);
  }

  /** Deletes the segments that nobody needs any more, once what was made from them is on disk. */
  async #removeBefore(to: JournalPosition): Promise<void> {
    const position = this.#other && isBefore(this.#other.position, to) ? this.#other.position : to;
    if (!this.#log.reader.hasBefore(position)) return;
    await Promise.all([this.#store.database.sync(), this.#other?.sync()]);
    this.#log.reader.removeBefore(position);
  }

  /** When the first webhook after a position arrived. */
  #receivedAt(from: JournalPosition): number | undefined {
    const [first] = this.#log.reader.read(from, this.#end, 1).records;
    return first && readRecord(first.payload)?.moment.receivedAt;
  }

  #setAside(payload: Buffer, reason: string): void {
    this.#aside.add(payload);
    this.#events.onSetAside(reason);
  }

  #noteBack(): void {
    this.#backSince ??= performance.now();
    if (this.#downSince === undefined) return;
    this.#events.onStoreBack(performance.now() - this.#downSince);
    this.#downSince = undefined;
  }

  #noteDown(error: unknown): void {
    this.#backSince = undefined;
    this.#isCaughtUp = false;
    if (this.#downSince !== undefined) return;
    this.#downSince = performance.now();
    this.#events.onStoreDown(error);
  }
}

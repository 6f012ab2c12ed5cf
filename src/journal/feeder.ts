import type { Delivered } from './delivery.ts';
import { codeOf } from './postgresDatabase.ts';
import type { Spool, SpooledEvent } from './spool.ts';
import { isOfSqlite } from './sqliteDatabase.ts';

/** As many events as one transaction brings over. */
const BATCH = 500;
/** How often, in milliseconds, PostgreSQL is asked whether it is there while there is nothing to bring. */
const ASK_EVERY_MS = 1_000;
/** How long, in milliseconds, to wait after a failure: longer each time, up to the second. */
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 3_000;
/** As long, in milliseconds, the rest is tried to be brought over when the service stops. */
const LAST_MS = 5_000;

export interface FeederEvents {
  /** When PostgreSQL is away, and when it is back: each once. */
  onAway(error: Error): void;
  onBack(awayMs: number): void;
  /** Each time that the spool itself, this machine's disk, fails; and each time that it does not. */
  onSpool(error?: Error): void;
  onDelivered(results: readonly Delivered[]): void;
  /** When PostgreSQL refuses an event for what is in it. It stays in the spool's file, and is not tried again. */
  onSetAside(event: SpooledEvent, error: Error): void;
}

/** What the feeder asks of PostgreSQL. */
export interface Destination {
  /** Rejects where PostgreSQL is away, or is not ready for events. */
  ask(): Promise<void>;
  deliver(events: readonly SpooledEvent[]): Promise<Delivered[]>;
}

/** Brings what is spooled to PostgreSQL: in order, in batches, and, where it is away, once it is back. */
export class Feeder {
  readonly #spool: Spool;
  readonly #destination: Destination;
  readonly #events: FeederEvents;
  #running: Promise<void> | undefined;
  #wake: () => void = () => {};
  #stopAt = Number.POSITIVE_INFINITY;
  #awaySince: number | undefined;
  #isSpoolFailing = false;
  /** When, in milliseconds of `performance.now()`, PostgreSQL was last found to be there after it was away. */
  #backSince: number | undefined;
  #isCaughtUp = false;
  /** Whether there may be more to bring over than was last looked at. */
  #isWoken = false;

  constructor(spool: Spool, destination: Destination, events: FeederEvents) {
    this.#spool = spool;
    this.#destination = destination;
    this.#events = events;
  }

  /** For how many milliseconds PostgreSQL has been there; `undefined` while it is away, or not asked yet. */
  get backForMs(): number | undefined {
    return this.#backSince === undefined ? undefined : performance.now() - this.#backSince;
  }

  /** Whether all that was spooled when that was last looked at is brought over. */
  get isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  /** Another who uses PostgreSQL found it away. */
  doubt(error: Error): void {
    this.#noteAway(error);
    this.#isWoken = true;
    this.#wake();
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** There is something to bring over. */
  wake(): void {
    this.#isWoken = true;
    // After a failure the wait is kept to.
    if (this.#awaySince === undefined && !this.#isSpoolFailing) this.#wake();
  }

  /** Resolves when all is brought over, or the time for it is over, or PostgreSQL is away. */
  async stop(): Promise<void> {
    this.#stopAt = performance.now() + LAST_MS;
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (true) {
      try {
        this.#isWoken = false;
        const batch = await this.#spool.oldest(BATCH);
        const isEmpty = batch.length === 0;
        if (isEmpty || this.#backSince === undefined) await this.#destination.ask();
        this.#noteBack();
        await this.#bring(batch);
        this.#noteSpool();
        failures = 0;
        this.#isCaughtUp = batch.length < BATCH;
        if (this.#isStopping && (isEmpty || performance.now() > this.#stopAt)) return;
        if (isEmpty && !this.#isWoken) await this.#wait(ASK_EVERY_MS);
      } catch (error) {
        if (isOfSqlite(error)) this.#noteSpool(error);
        else this.#noteAway(error instanceof Error ? error : new Error(String(error)));
        if (this.#isStopping) return;
        // Jitter keeps replicas apart.
        await this.#wait(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures) * (0.75 + Math.random() * 0.5));
        failures += 1;
      }
    }
  }

  async #bring(batch: readonly SpooledEvent[]): Promise<void> {
    const [first] = batch;
    if (!first) return;
    try {
      this.#events.onDelivered(await this.#destination.deliver(batch));
      await this.#spool.remove(batch);
    } catch (error) {
      if (!isOfTheEvents(error)) throw error;
      if (batch.length === 1) {
        await this.#spool.setAside(first, error.message);
        this.#events.onSetAside(first, error);
        return;
      }
      const half = Math.ceil(batch.length / 2);
      await this.#bring(batch.slice(0, half));
      await this.#bring(batch.slice(half));
    }
  }

  get #isStopping(): boolean {
    return Number.isFinite(this.#stopAt);
  }

  #noteBack(): void {
    this.#backSince ??= performance.now();
    if (this.#awaySince === undefined) return;
    this.#events.onBack(performance.now() - this.#awaySince);
    this.#awaySince = undefined;
  }

  #noteAway(error: Error): void {
    this.#backSince = undefined;
    this.#isCaughtUp = false;
    if (this.#awaySince !== undefined) return;
    this.#awaySince = performance.now();
    this.#events.onAway(error);
  }

  #noteSpool(error?: Error): void {
    this.#isSpoolFailing = error !== undefined;
    if (error) this.#isCaughtUp = false;
    this.#events.onSpool(error);
  }

  #wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Classes of SQLSTATE that speak of the data, not of the server: such an event would be refused for ever. */
const OF_THE_DATA = ['21', '22', '23', '54'];

function isOfTheEvents(error: unknown): error is Error {
  return OF_THE_DATA.includes(codeOf(error)?.slice(0, 2) ?? '');
}

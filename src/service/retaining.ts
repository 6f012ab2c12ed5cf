import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Condition } from '../condition.ts';
import type { Cutoffs, RetentionStore } from '../journal/retentionStore.ts';
import type { Position } from '../journal/searchStore.ts';
import type { StoreMetrics } from '../record/storeMetrics.ts';
import type { RetentionSettings } from '../settings/retentionSettings.ts';

const DAY_MS = 86_400_000;
/** How often, in milliseconds, the size is looked at, and what is old is deleted. */
const MEASURE_EVERY_MS = 10_000;
const LOOK_EVERY_MS = 10 * 60_000;
/** After each step webhooks have the store to themselves for so many times as long as the step took, and so long at least. */
const REST_FACTOR = 4;
const REST_AT_LEAST_MS = 10;
/** LiveKit's webhooks are kept so long, in milliseconds, whatever the size: their calls may be told of only now. */
const RECENT_MS = 15 * 60_000;

/** Deletes what is older than it is to be kept, or too much, a little at a time. */
export class Retaining {
  readonly #store: RetentionStore;
  readonly #settings: RetentionSettings;
  readonly #metrics: StoreMetrics;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  readonly #condition: Condition;
  #wasFull = false;

  constructor(
    store: RetentionStore,
    settings: RetentionSettings,
    metrics: StoreMetrics,
    logger: Logger,
    now: () => number,
  ) {
    this.#store = store;
    this.#settings = settings;
    this.#metrics = metrics;
    this.#logger = logger;
    this.#condition = new Condition(
      logger,
      'what is old cannot be deleted; it is tried again',
      'what is old is deleted again',
    );
    this.#now = now;
  }

  start(): void {
    this.#running = (async () => {
      while (!this.#stopping.signal.aborted) {
        try {
          await this.run();
          this.#condition.over();
        } catch (error) {
          if (this.#stopping.signal.aborted) return;
          this.#metrics.failed('retention');
          this.#condition.met(error);
        }
        await this.#pause(MEASURE_EVERY_MS);
      }
    })();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Measures the store, and deletes all that is to be deleted now. */
  async run(): Promise<void> {
    const now = this.#now();
    if (now - this.#lookedAt >= LOOK_EVERY_MS) {
      this.#lookedAt = now;
      await this.#deleteOld(now);
    }
    await this.#makeRoom(now);
    this.#metrics.measured(await this.#store.usedBytes());
  }

  async #deleteOld(now: number): Promise<void> {
    const cutoffs = {
      failuresBefore: now - this.#settings.failureDays * DAY_MS,
      othersBefore: now - this.#settings.days * DAY_MS,
    };
    await this.#deleteCalls(cutoffs, async () => true);
    let after: number | undefined = Number.MIN_SAFE_INTEGER;
    while (after !== undefined)
      after = await this.#step(() => this.#store.deleteLiveKitEvents(cutoffs.othersBefore, after));
    while (await this.#step(() => this.#store.deleteIncidents(cutoffs.failuresBefore)));
  }

  /** Deletes the oldest calls while the store is too large: first those that did not fail, then the others too. */
  async #makeRoom(now: number): Promise<void> {
    const { maxBytes } = this.#settings;
    if (maxBytes === undefined) return;
    const isFull = async () => (await this.#store.usedBytes()) > maxBytes;
    if (!(await isFull())) {
      this.#wasFull = false;
      return;
    }
    if (!this.#wasFull) {
      this.#logger.warn('the store is larger than RETENTION_MAX_MB: the oldest calls are deleted before their time');
    }
    this.#wasFull = true;
    for (const failuresBefore of [Number.MIN_SAFE_INTEGER, now]) {
      await this.#deleteCalls({ failuresBefore, othersBefore: now }, isFull);
    }
    // Their webhooks of LiveKit's take up room too, and have no call any more.
    let after: number | undefined = Number.MIN_SAFE_INTEGER;
    while (after !== undefined && (await isFull())) {
      after = await this.#step(() => this.#store.deleteLiveKitEvents(now - RECENT_MS, after));
    }
  }

  async #deleteCalls(cutoffs: Cutoffs, goesOn: () => Promise<boolean>): Promise<void> {
    let after: Position | undefined;
    while (await goesOn()) {
      const { deleted, next } = await this.#step(() => this.#store.deleteCalls(cutoffs, after));
      this.#metrics.deleted(deleted);
      if (!next) return;
      after = next;
    }
  }

  /** Does one step, and rests. */
  async #step<T>(work: () => Promise<T>): Promise<T> {
    this.#stopping.signal.throwIfAborted();
    const began = performance.now();
    const result = await work();
    await this.#pause(Math.max(REST_AT_LEAST_MS, REST_FACTOR * (performance.now() - began)));
    return result;
  }

  async #pause(milliseconds: number): Promise<void> {
    // Being stopped is no failure.
    await setTimeout(milliseconds, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }
}

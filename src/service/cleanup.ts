import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ROOM_KEPT_MS } from '../core/correlate/rooms.ts';
import { type Clock, hasPassed } from '../loop/clockWatch.ts';
import { Condition } from '../loop/condition.ts';
import { every, type Loop } from '../loop/every.ts';
import type { StoreMetrics } from '../metrics/storeMetrics.ts';
import type { RetentionSettings } from '../settings/retentionSettings.ts';
import type { Position } from '../store/calls/attemptSlices.ts';
import { DAY_MS, type Day } from '../store/days.ts';
import type { Cutoffs, OldestDeleted, Retention } from '../store/retention.ts';

/** How often, in milliseconds, the size is measured, and expired data is deleted. */
const MEASURE_EVERY_MS = 10_000;
const DELETE_EVERY_MS = 10 * 60_000;
/**
 * How much of what has expired one turn deletes: what is from within a day of the oldest. Usually that is ten minutes'
 * worth. It limits what a wrong clock does before somebody notices.
 */
const SPAN_MS = DAY_MS;
/** In how many steps one turn deletes incidents. */
const INCIDENT_STEPS = 4;
/**
 * How long, in milliseconds, a version of LiveKit's configuration is kept after it was last read, and a change that a
 * command made.
 */
const VERSIONS_KEPT_MS = 90 * DAY_MS;
/**
 * After each step the store is left to webhooks for this many times the duration of the step. With more than one, deleting
 * would be slower than storing, and the store would grow for ever.
 */
const REST_FACTOR = 1;
/** The shortest rest after a step, in milliseconds. */
const REST_AT_LEAST_MS = 10;

const NEVER = new AbortController().signal;
const ALWAYS = async () => true;

interface CleanupParts {
  readonly store: Retention;
  readonly settings: RetentionSettings;
  readonly metrics: StoreMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Deletes expired data, and the oldest calls while the store is too large, a little at a time. */
export class Cleanup {
  readonly #store: Retention;
  readonly #settings: RetentionSettings;
  readonly #metrics: StoreMetrics;
  readonly #logger: Logger;
  readonly #clock: Clock;
  #loop: Loop | undefined;
  #deletedAt = Number.NEGATIVE_INFINITY;
  readonly #condition: Condition;
  #wasFull = false;
  #hasWarned = false;

  constructor({ store, settings, metrics, logger, clock }: CleanupParts) {
    this.#store = store;
    this.#settings = settings;
    this.#metrics = metrics;
    this.#logger = logger;
    this.#condition = new Condition(logger, 'cannot delete expired data; retrying', 'expired data is deleted again');
    this.#clock = clock;
  }

  start(): void {
    this.#loop = every((signal) => this.run(signal), {
      everyMs: MEASURE_EVERY_MS,
      condition: this.#condition,
      onError: () => this.#metrics.failed('retention'),
    });
  }

  async stop(): Promise<void> {
    await this.#loop?.stop();
  }

  /** Deletes all that is due now and measures the store. The signal ends it early. */
  async run(signal: AbortSignal = NEVER): Promise<void> {
    const now = this.#clock.now();
    await this.#prepareDays(now);
    // Asked after the time was read, so that a jump before it counts.
    if (this.#clock.isSteady && hasPassed(DELETE_EVERY_MS, this.#deletedAt, now)) {
      this.#deletedAt = now;
      await this.#deleteOld(now, signal);
    }
    await this.#makeRoom(now, signal);
    this.#metrics.measured(await this.#store.usedBytes());
  }

  async #deleteOld(now: number, signal: AbortSignal): Promise<void> {
    const { days } = this.#store;
    const expiry = days.expiry(now - this.#settings.days * DAY_MS);
    const day = await days.oldestBefore(expiry);
    const cutoffs = {
      failuresBefore: now - this.#settings.failureDays * DAY_MS,
      othersBefore: day?.end ?? expiry,
    };
    const { calls, limits } = await this.#deleteCalls(cutoffs, ALWAYS, signal, { spanMs: SPAN_MS, dropped: day });
    if (calls > 0)
      this.#logger.info({ calls }, 'deleted calls that are older than RETENTION_DAYS or RETENTION_FAILURE_DAYS');
    // Before all calls of the day are deleted, most of it would have to be moved.
    if (day && limits.othersBefore >= day.end) await this.#drop(day, signal);
    let before = cutoffs.othersBefore;
    for (let after: number | undefined = Number.MIN_SAFE_INTEGER; after !== undefined; ) {
      const { oldest, next } = await step(signal, () => this.#store.deleteLiveKitEvents(before, after));
      before = Math.min(before, (oldest ?? before) + SPAN_MS);
      after = next;
    }
    for (let i = 0; i < INCIDENT_STEPS; i += 1) {
      if (!(await step(signal, () => this.#store.deleteIncidents(cutoffs.failuresBefore)))) break;
    }
    await this.#store.deletePredictions(cutoffs.failuresBefore);
    await this.#store.deleteConfigurations(now - VERSIONS_KEPT_MS);
    await this.#store.deleteAppliedChanges(now - VERSIONS_KEPT_MS);
    await this.#store.purge();
  }

  /** Deletes the oldest calls while the store is too large: first those that did not fail, then all. */
  async #makeRoom(now: number, signal: AbortSignal): Promise<void> {
    const { maxBytes } = this.#settings;
    if (maxBytes === undefined) return;
    const isFull = async () => (await this.#store.usedBytes()) > maxBytes;
    if (!(await isFull())) {
      this.#wasFull = false;
      return;
    }
    if (!this.#wasFull) {
      this.#logger.warn('the store is larger than RETENTION_MAX_MB: deleting the oldest calls early');
    }
    this.#wasFull = true;
    if (!(await this.#dropDays(now, isFull, signal))) return;
    for (const failuresBefore of [Number.MIN_SAFE_INTEGER, now]) {
      await this.#deleteCalls({ failuresBefore, othersBefore: now }, isFull, signal);
    }
    // LiveKit's webhooks of the deleted calls take up room too.
    let after: number | undefined = Number.MIN_SAFE_INTEGER;
    while (after !== undefined && (await isFull())) {
      after = (await step(signal, () => this.#store.deleteLiveKitEvents(now - ROOM_KEPT_MS, after))).next;
    }
    await this.#store.purge();
  }

  /**
   * Drops the oldest days before today while the store is too large. Calls that failed stay. Resolves to `false` if a day
   * could not be dropped: only that shows how large the store is without it.
   */
  async #dropDays(now: number, isFull: () => Promise<boolean>, signal: AbortSignal): Promise<boolean> {
    while (await isFull()) {
      const day = await this.#store.days.oldestBefore(now);
      if (!day) return true;
      const cutoffs = { failuresBefore: Number.MIN_SAFE_INTEGER, othersBefore: day.end };
      await this.#deleteCalls(cutoffs, ALWAYS, signal, { dropped: day });
      if (!(await this.#drop(day, signal))) return false;
    }
    return true;
  }

  async #prepareDays(now: number): Promise<void> {
    const areUsed = await this.#store.days.prepare(now);
    if (areUsed || !this.#store.isShared || this.#hasWarned) return;
    this.#hasWarned = true;
    this.#logger.warn(
      'the tables of PostgreSQL are not partitioned by day, so expired calls are deleted row by row: docs/upgrade.md says why and what to do',
    );
  }

  async #drop(day: Day, signal: AbortSignal): Promise<boolean> {
    const isDropped = await this.#store.days.drop(day, (work) => step(signal, work));
    const name = new Date(day.start).toISOString().slice(0, 10);
    if (isDropped) this.#logger.info({ day: name }, 'dropped the webhooks of an expired day');
    else this.#logger.info({ day: name }, 'an expired day is in use, and is dropped later');
    return isDropped;
  }

  /** Deletes calls that settled within `spanMs` of the oldest of their kind. `limits` are those that this led to. */
  async #deleteCalls(
    cutoffs: Cutoffs,
    shouldContinue: () => Promise<boolean>,
    signal: AbortSignal,
    {
      spanMs = Number.POSITIVE_INFINITY,
      dropped,
    }: { readonly spanMs?: number; readonly dropped?: Day | undefined } = {},
  ): Promise<{ readonly calls: number; readonly limits: Cutoffs }> {
    let after: Position | undefined;
    let limits = cutoffs;
    let calls = 0;
    while (await shouldContinue()) {
      const { deleted, oldest, next } = await step(signal, () => this.#store.deleteCalls(limits, after, dropped));
      this.#metrics.deleted(deleted);
      for (const count of Object.values(deleted)) calls += count;
      limits = limited(limits, oldest, spanMs);
      if (!next) break;
      after = next;
    }
    return { calls, limits };
  }
}

function limited(
  { failuresBefore, othersBefore }: Cutoffs,
  { failures, others }: OldestDeleted,
  spanMs: number,
): Cutoffs {
  return {
    failuresBefore: Math.min(failuresBefore, (failures ?? failuresBefore) + spanMs),
    othersBefore: Math.min(othersBefore, (others ?? othersBefore) + spanMs),
  };
}

/** Does one step, and rests. Rejects if the signal has ended the run. */
async function step<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const began = performance.now();
  const result = await work();
  const restMs = Math.max(REST_AT_LEAST_MS, REST_FACTOR * (performance.now() - began));
  // The step is done, so its result counts even if the rest is cut short.
  await setTimeout(restMs, undefined, { signal }).catch(() => {});
  return result;
}

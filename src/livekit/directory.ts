import type { KnownConfiguration } from '../core/diagnose/facts/facts.ts';
import type { ConfigurationVersion, SeenChange } from '../core/trunks/difference.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';
import { hasPassed } from '../loop/clockWatch.ts';
import { every, type Loop } from '../loop/every.ts';
import { inSlices } from '../loop/slices.ts';
import type { SnapshotSource } from './source.ts';
import type { History } from './versions.ts';
import { VERSIONS_IN_MEMORY, type VersionInMemory, Versions } from './versions.ts';

/** The shortest time between two forced refreshes, in milliseconds. */
const FORCED_EVERY_MS = 10_000;
/** A configuration older than this many refresh intervals is stale. */
const STALE_INTERVALS = 3;
/** The wait after the first failed reading, in milliseconds. It grows up to the refresh interval. */
const FIRST_WAIT_MS = 2_000;
/** Keeps replicas from reading at the same time. */
const JITTER = 0.1;
/** How often, in milliseconds, the history notes that a version is still the latest. */
const SEEN_EVERY_MS = 60_000;

export interface DirectoryEvents {
  /** After each try to read the configuration, with its duration. */
  onRefresh(error: Error | undefined, seconds: number): void;
  /**
   * When the configuration has changed. `since` is the last reading of the one before, in epoch milliseconds;
   * `undefined` if there was none. The reading ends after it.
   */
  onChange(snapshot: Snapshot, since: number | undefined): Promise<void> | void;
  /** When the history cannot be read or written. Writing is tried again after the next reading. */
  onHistoryError(error: Error): void;
}

interface DirectoryParts {
  readonly source: SnapshotSource;
  readonly refreshSeconds: number;
  /** Epoch milliseconds. */
  now(): number;
  readonly events: DirectoryEvents;
  /** Keeps versions across restarts. Without it they are only in memory. */
  readonly history?: History;
}

/** LiveKit's configuration as last read, also during an outage, with the earlier versions that open calls need. */
export class Directory {
  readonly #source: SnapshotSource;
  readonly #intervalMs: number;
  readonly #now: () => number;
  readonly #events: DirectoryEvents;
  readonly #history: History | undefined;
  readonly #versions = new Versions();
  #lastTriedAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  #keeping: Promise<void> = Promise.resolve();
  #loop: Loop | undefined;
  #isStopped = false;

  constructor({ source, refreshSeconds, now, events, history }: DirectoryParts) {
    this.#history = history;
    this.#source = source;
    this.#intervalMs = refreshSeconds * 1000;
    this.#now = now;
    this.#events = events;
  }

  /** Loads the history, reads the configuration once, and continues at its interval. Resolves even if a step fails. */
  async start(): Promise<void> {
    await this.#restore();
    this.#loop = every(() => this.#readOnce(), {
      everyMs: this.#intervalMs,
      jitter: JITTER,
      backOff: { firstMs: FIRST_WAIT_MS, longestMs: this.#intervalMs },
      // #read has reported it already.
      onError() {},
    });
    await this.#loop.wake();
  }

  /** Stops reading. Resolves once the history has the last reading of the latest version. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    // Does not wait for a reading under way, because LiveKit may be slow.
    void this.#loop?.stop();
    await this.#keep(0);
  }

  /** The latest configuration; `undefined` before the first reading. */
  get current(): Snapshot | undefined {
    return this.#versions.latest?.snapshot;
  }

  /** The latest version, with its changes and times; `undefined` before the first reading. */
  get latest(): ConfigurationVersion | undefined {
    return this.#versions.latest;
  }

  /** Seconds since the configuration was last read; `undefined` before the first reading. */
  get ageSeconds(): number | undefined {
    const { latest } = this.#versions;
    return latest && (this.#now() - latest.lastSeenAt) / 1000;
  }

  /**
   * The configuration at a time in epoch milliseconds. Between two readings that differ it is the nearer one, with the
   * other one as `other`. `undefined` if no version of that time is in memory.
   */
  at(time: number): KnownConfiguration | undefined {
    const nearest = this.#versions.at(time);
    if (!nearest) return undefined;
    const other = this.#versions.alternativeTo(nearest, time);
    return { ...this.#known(nearest, time), ...(other && { other: this.#known(other, time) }) };
  }

  /** The changes that led to a version, from the hour before a time in epoch milliseconds, the latest first. */
  changesUpTo(snapshot: Snapshot, time: number): SeenChange[] {
    return this.#versions.changesUpTo(snapshot, time);
  }

  /** Reads the configuration now, unless a try began less than 10 s ago. For calls that suggest it has changed. */
  refreshSoon(): void {
    if (hasPassed(FORCED_EVERY_MS, this.#lastTriedAt, this.#now())) void this.#loop?.wake();
  }

  /** Reads the configuration now. Never rejects: a failure is reported, and the last version stays in use. */
  async refresh(): Promise<void> {
    await this.#readOnce().catch(() => {});
  }

  /** Reads the configuration, or waits for the reading under way. Rejects if it failed; the failure is then reported. */
  #readOnce(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    this.#lastTriedAt = this.#now();
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1000;
    try {
      const snapshot = await this.#source();
      const tookSeconds = seconds();
      const since = this.#versions.latest?.lastSeenAt;
      const isNew = await inSlices(this.#versions.note(snapshot, this.#now()));
      if (isNew && this.current) await this.#events.onChange(this.current, since);
      this.#events.onRefresh(undefined, tookSeconds);
    } catch (error) {
      this.#events.onRefresh(error instanceof Error ? error : new Error(String(error)), seconds());
      throw error;
    }
    if (!this.#isStopped) await this.#keep(SEEN_EVERY_MS);
  }

  #known({ snapshot, lastSeenAt }: VersionInMemory, time: number): KnownConfiguration {
    const ageSeconds = Math.max(0, time - lastSeenAt) / 1000;
    return { snapshot, ageSeconds, isStale: ageSeconds * 1000 > STALE_INTERVALS * this.#intervalMs };
  }

  async #restore(): Promise<void> {
    try {
      this.#versions.restore((await this.#history?.latest(VERSIONS_IN_MEMORY)) ?? []);
      // During an outage of LiveKit the last known configuration is used.
      if (this.current) await this.#events.onChange(this.current, undefined);
    } catch (error) {
      this.#events.onHistoryError(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Writes new versions and times to the history. The time of the latest version is written only now and then. */
  #keep(seenEveryMs: number): Promise<void> {
    this.#keeping = this.#keeping.then(() => this.#keepNow(seenEveryMs));
    return this.#keeping;
  }

  async #keepNow(seenEveryMs: number): Promise<void> {
    if (!this.#history) return;
    try {
      for (const version of [...this.#versions]) {
        const { number, keptSeenAt = 0, lastSeenAt } = version;
        if (number === undefined) {
          version.number = await this.#history.add(version);
        } else {
          const isDue = version !== this.#versions.latest || lastSeenAt - keptSeenAt >= seenEveryMs;
          if (!isDue || lastSeenAt === keptSeenAt) continue;
          await this.#history.seen(number, lastSeenAt);
        }
        version.keptSeenAt = lastSeenAt;
      }
    } catch (error) {
      this.#events.onHistoryError(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

import type { KnownConfiguration } from '../core/diagnose/facts/facts.ts';
import type { ConfigurationVersion, SeenChange } from '../core/trunks/difference.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';
import { every, type Loop } from '../loop/every.ts';
import type { SnapshotSource } from './source.ts';
import type { History } from './versions.ts';
import { VERSIONS_IN_MEMORY, type VersionInMemory, Versions } from './versions.ts';

/** Least time between two forced refreshes, in milliseconds. */
const FORCED_EVERY_MS = 10_000;
/** A configuration older than this many refresh intervals is stale. */
const STALE_INTERVALS = 3;
/** The wait after a failed reading, in milliseconds: it grows up to the refresh interval. */
const FIRST_WAIT_MS = 2_000;
/** Keeps the readings of replicas apart. */
const JITTER = 0.1;
/** How often, in milliseconds, the history is told that a version is still the latest. */
const SEEN_EVERY_MS = 60_000;

export interface DirectoryEvents {
  /** After each try to read the configuration, with how long it took. */
  onRefresh(error: Error | undefined, seconds: number): void;
  /**
   * When the configuration is another one than before. `since`: the last reading of the one before, in epoch
   * milliseconds; `undefined` when there was none.
   */
  onChange(snapshot: Snapshot, since: number | undefined): void;
  /** When the history cannot be read or written; it is tried again after the next reading. */
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

  /** Takes up the history, reads the configuration once, whatever comes of it, and goes on on its interval. */
  async start(): Promise<void> {
    await this.#restore();
    this.#loop = every(() => this.#readOnce(), {
      everyMs: this.#intervalMs,
      jitter: JITTER,
      backOff: { firstMs: FIRST_WAIT_MS, longestMs: this.#intervalMs },
      // The reading has reported it already.
      onError() {},
    });
    await this.#loop.wake();
  }

  /** Resolves once the history knows how long the latest version was there. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    // A reading under way is not waited for: LiveKit may be slow.
    void this.#loop?.stop();
    await this.#keep(0);
  }

  /** The latest version; `undefined` before the first was read. */
  get current(): Snapshot | undefined {
    return this.#versions.latest?.snapshot;
  }

  /** The latest version, with what changed in it and when it was first read; `undefined` before the first was read. */
  get latest(): ConfigurationVersion | undefined {
    return this.#versions.latest;
  }

  /** Seconds since the configuration was last read; `undefined` before the first time. */
  get ageSeconds(): number | undefined {
    const { latest } = this.#versions;
    return latest && (this.#now() - latest.lastSeenAt) / 1000;
  }

  /**
   * The configuration as it was at a time in epoch milliseconds. Between two readings it is the one read nearer to it,
   * with the other beside it.
   */
  at(time: number): KnownConfiguration | undefined {
    const nearest = this.#versions.at(time);
    if (!nearest) return undefined;
    const other = this.#versions.alternativeTo(nearest, time);
    return { ...this.#known(nearest, time), ...(other && { other: this.#known(other, time) }) };
  }

  /** The changes that led to a version, seen within the hour before a time in epoch milliseconds, the latest first. */
  changesUpTo(snapshot: Snapshot, time: number): SeenChange[] {
    return this.#versions.changesUpTo(snapshot, time);
  }

  /** Reads the configuration now, unless it was tried a moment ago: for a call that names what is not known yet. */
  refreshSoon(): void {
    if (this.#now() - this.#lastTriedAt >= FORCED_EVERY_MS) void this.#loop?.wake();
  }

  /** Reads the configuration now. Never rejects: a failure is reported, and the last version stays. */
  async refresh(): Promise<void> {
    await this.#readOnce().catch(() => {});
  }

  /** Reads the configuration, or joins the reading under way. Rejects where it failed, which is reported then. */
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
      const isNew = this.#versions.note(snapshot, this.#now());
      if (isNew && this.current) this.#events.onChange(this.current, since);
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
      // Through an outage of LiveKit the last known configuration has to do.
      if (this.current) this.#events.onChange(this.current, undefined);
    } catch (error) {
      this.#events.onHistoryError(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Brings into the history what it does not have yet; the latest version's time only every so often. */
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

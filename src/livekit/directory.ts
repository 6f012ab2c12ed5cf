import type { KnownConfiguration } from '../diagnose/facts.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import type { SnapshotSource } from './source.ts';

/** Least time between two forced refreshes, in milliseconds. */
const FORCED_EVERY_MS = 10_000;
/** A configuration older than this many refresh intervals is stale. */
const STALE_INTERVALS = 3;
/** How many versions are kept for calls that began before the latest change. */
const VERSIONS_KEPT = 100;

interface Version {
  readonly snapshot: Snapshot;
  readonly text: string;
  /** Epoch milliseconds at which this version was first and last read. */
  readonly firstSeenAt: number;
  lastSeenAt: number;
}

export interface DirectoryEvents {
  /** After each try to read the configuration. */
  onRefresh(error: Error | undefined): void;
  /** When the configuration is another one than before. */
  onChange(snapshot: Snapshot): void;
}

/** LiveKit's configuration as last read, kept through outages, with the versions that calls of their time need. */
export class Directory {
  readonly #source: SnapshotSource;
  readonly #intervalMs: number;
  readonly #now: () => number;
  readonly #events: DirectoryEvents;
  readonly #versions: Version[] = [];
  #failures = 0;
  #lastTriedAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(source: SnapshotSource, refreshSeconds: number, now: () => number, events: DirectoryEvents) {
    this.#source = source;
    this.#intervalMs = refreshSeconds * 1000;
    this.#now = now;
    this.#events = events;
  }

  /** Reads the configuration once, whatever comes of it, and goes on reading it on its interval. */
  async start(): Promise<void> {
    await this.refresh();
    this.#plan();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** The latest version; `undefined` before the first was read. */
  get current(): Snapshot | undefined {
    return this.#versions.at(-1)?.snapshot;
  }

  /** Seconds since the configuration was last read; `undefined` before the first time. */
  get ageSeconds(): number | undefined {
    const latest = this.#versions.at(-1);
    return latest && (this.#now() - latest.lastSeenAt) / 1000;
  }

  /**
   * The configuration as it was at a time in epoch milliseconds. Between two readings it is the one read nearer to it.
   */
  at(time: number): KnownConfiguration | undefined {
    let nearest: Version | undefined;
    for (const version of this.#versions) {
      if (!nearest || distance(version, time) <= distance(nearest, time)) nearest = version;
    }
    if (!nearest) return undefined;
    const ageSeconds = Math.max(0, time - nearest.lastSeenAt) / 1000;
    return {
      snapshot: nearest.snapshot,
      ageSeconds,
      isStale: ageSeconds * 1000 > STALE_INTERVALS * this.#intervalMs,
    };
  }

  /** Reads the configuration now, unless it was tried a moment ago: for a call that names what is not known yet. */
  refreshSoon(): void {
    if (this.#now() - this.#lastTriedAt >= FORCED_EVERY_MS) void this.refresh();
  }

  /** Reads the configuration now. Never rejects: a failure is reported, and the last version stays. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    this.#lastTriedAt = this.#now();
    try {
      this.#keep(await this.#source());
      this.#failures = 0;
      this.#events.onRefresh(undefined);
    } catch (error) {
      this.#failures += 1;
      this.#events.onRefresh(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #keep(snapshot: Snapshot): void {
    const now = this.#now();
    const text = JSON.stringify(snapshot);
    const latest = this.#versions.at(-1);
    if (latest?.text === text) {
      latest.lastSeenAt = now;
      return;
    }
    this.#versions.push({ snapshot, text, firstSeenAt: now, lastSeenAt: now });
    if (this.#versions.length > VERSIONS_KEPT) this.#versions.shift();
    this.#events.onChange(snapshot);
  }

  #plan(): void {
    if (this.#isStopped) return;
    // After a failure soon again, then less and less often up to the interval; jitter keeps replicas apart.
    const wait = this.#failures === 0 ? this.#intervalMs : Math.min(this.#intervalMs, 1_000 * 2 ** this.#failures);
    this.#timer = setTimeout(() => void this.refresh().then(() => this.#plan()), wait * (0.9 + Math.random() * 0.2));
    this.#timer.unref();
  }
}

function distance({ firstSeenAt, lastSeenAt }: Version, time: number): number {
  return Math.max(firstSeenAt - time, time - lastSeenAt, 0);
}

import {
  type ConfigurationVersion,
  differenceInSteps,
  isEqualInSteps,
  type KeptVersion,
  type SeenChange,
} from '../core/trunks/difference.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';
import { Pins } from './pins.ts';

/** How many versions are in memory, for calls that began before the latest change. */
export const VERSIONS_IN_MEMORY = 20;
/** How long before a call, in milliseconds, a change may have broken it. */
const RECENT_MS = 3_600_000;

/** A version in memory. */
export interface VersionInMemory extends ConfigurationVersion {
  snapshot: Snapshot;
  firstSeenAt: number;
  lastSeenAt: number;
  /** Its number in the history, once it is stored there. */
  number?: number;
  /** The `lastSeenAt` in the history. */
  keptSeenAt?: number;
}

/** The latest versions of LiveKit's configuration, each with the times of its first and last reading. */
export class Versions {
  readonly #versions: VersionInMemory[] = [];
  readonly #pins = new Pins();
  /** Whether there were versions before those in memory. */
  #hasOlder = false;
  /** The latest version of an earlier process, until the first reading of this one. */
  #restored: Snapshot | undefined;

  get latest(): VersionInMemory | undefined {
    return this.#versions.at(-1);
  }

  [Symbol.iterator](): Iterator<VersionInMemory> {
    return this.#versions[Symbol.iterator]();
  }

  /** Restores the versions of an earlier process, oldest first. */
  restore(kept: readonly KeptVersion[]): void {
    for (const { version, ...rest } of kept) {
      this.#versions.push({ ...rest, number: version, keptSeenAt: rest.lastSeenAt });
    }
    this.#hasOlder = kept.length >= VERSIONS_IN_MEMORY;
    this.#restored = this.latest?.snapshot;
  }

  /** Adds a reading at a time in epoch milliseconds, in short steps. Returns whether the configuration has changed. */
  *note(read: Snapshot, now: number): Generator<void, boolean> {
    if (this.#restored) this.#pins.restore(this.#restored, read);
    this.#restored = undefined;
    const snapshot = this.#pins.hide(read);
    const { latest } = this;
    const isEqual = latest !== undefined && (yield* isEqualInSteps(latest.snapshot, snapshot));
    const changes = latest && !isEqual ? yield* differenceInSteps(latest.snapshot, snapshot) : [];
    // The clock was set back. The versions in memory were read before now, whatever it said then.
    for (const version of this.#versions) {
      version.firstSeenAt = Math.min(version.firstSeenAt, now);
      version.lastSeenAt = Math.min(version.lastSeenAt, now);
    }
    if (latest && changes.length === 0) {
      // Only the order differs, which LiveKit does not guarantee.
      if (!isEqual) latest.snapshot = snapshot;
      latest.lastSeenAt = now;
    } else {
      this.#versions.push({ snapshot, firstSeenAt: now, lastSeenAt: now, changes });
      if (this.#versions.length > VERSIONS_IN_MEMORY) this.#hasOlder = Boolean(this.#versions.shift());
    }
    return latest !== this.latest;
  }

  /** The version at a time: between two readings the nearer one; `undefined` if it is not in memory. */
  at(time: number): VersionInMemory | undefined {
    let nearest: VersionInMemory | undefined;
    for (const version of this.#versions) {
      if (!nearest || distance(version, time) <= distance(nearest, time)) nearest = version;
    }
    const isBeforeAll = nearest === this.#versions[0] && nearest !== undefined && time < nearest.firstSeenAt;
    return isBeforeAll && this.#hasOlder ? undefined : nearest;
  }

  /** The other version that may have been in force at a time; `undefined` if the time is not between two versions. */
  alternativeTo(version: VersionInMemory, time: number): VersionInMemory | undefined {
    const index = this.#versions.indexOf(version);
    if (time < version.firstSeenAt) return this.#versions[index - 1];
    return time > version.lastSeenAt ? this.#versions[index + 1] : undefined;
  }

  /** The changes that led to a version, from the hour before a time or later, the latest first. */
  changesUpTo(snapshot: Snapshot, time: number): SeenChange[] {
    const last = this.#versions.findIndex((version) => version.snapshot === snapshot);
    const changes: SeenChange[] = [];
    for (let i = last; i > 0; i -= 1) {
      const [before, after] = [this.#versions[i - 1], this.#versions[i]];
      if (!before || !after || time - after.firstSeenAt > RECENT_MS) break;
      changes.push({
        since: before.lastSeenAt,
        at: after.firstSeenAt,
        before: before.snapshot,
        after: after.snapshot,
        changes: after.changes,
      });
    }
    return changes;
  }
}

function distance({ firstSeenAt, lastSeenAt }: VersionInMemory, time: number): number {
  return Math.max(firstSeenAt - time, time - lastSeenAt, 0);
}

/** The stored versions of the configuration. Rejections are failures of the environment. */
export interface History {
  /** The latest versions, oldest first. */
  latest(limit: number): Promise<KeptVersion[]>;
  /** Stores a version, and resolves to its number. */
  add(version: ConfigurationVersion): Promise<number>;
  /** Notes when, in epoch milliseconds, a version was last read. */
  seen(version: number, at: number): Promise<void>;
}

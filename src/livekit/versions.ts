import { type ConfigurationVersion, difference, type KeptVersion, type SeenChange } from '../core/trunks/difference.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';
import { Pins } from './pins.ts';

/** How many versions are at hand for calls that began before the latest change. */
export const VERSIONS_IN_MEMORY = 20;
/** How long, in milliseconds, a change may have come before a call that it is said to have broken. */
const RECENT_MS = 3_600_000;

/** A version at hand. */
export interface VersionInMemory extends ConfigurationVersion {
  snapshot: Snapshot;
  lastSeenAt: number;
  /** Its number in the history, once it is kept there. */
  number?: number;
  /** The `lastSeenAt` that the history knows. */
  keptSeenAt?: number;
}

/** The latest versions of LiveKit's configuration, each with the time in which it was read. */
export class Versions {
  readonly #versions: VersionInMemory[] = [];
  readonly #pins = new Pins();
  /** The latest version as text. */
  #text: string | undefined;
  /** Whether there were versions before those at hand. */
  #hasOlder = false;
  /** The latest version of an earlier process, until it is compared with what this one reads. */
  #adopted: Snapshot | undefined;

  get latest(): VersionInMemory | undefined {
    return this.#versions.at(-1);
  }

  [Symbol.iterator](): Iterator<VersionInMemory> {
    return this.#versions[Symbol.iterator]();
  }

  /** Takes up the versions of an earlier process, oldest first. */
  restore(kept: readonly KeptVersion[]): void {
    for (const { version, ...rest } of kept) {
      this.#versions.push({ ...rest, number: version, keptSeenAt: rest.lastSeenAt });
    }
    this.#hasOlder = kept.length >= VERSIONS_IN_MEMORY;
    this.#adopted = this.latest?.snapshot;
    this.#text = this.#adopted && JSON.stringify(this.#adopted);
  }

  /** Notes what was read at a time in epoch milliseconds. Whether it is another configuration than before. */
  note(read: Snapshot, now: number): boolean {
    if (this.#adopted) this.#pins.adopt(this.#adopted, read);
    this.#adopted = undefined;
    const snapshot = this.#pins.hide(read);
    const text = JSON.stringify(snapshot);
    const { latest } = this;
    const changes = latest && text !== this.#text ? difference(latest.snapshot, snapshot) : [];
    if (latest && changes.length === 0) {
      // LiveKit promises no order of trunks and rules.
      if (text !== this.#text) latest.snapshot = snapshot;
      latest.lastSeenAt = now;
    } else {
      this.#versions.push({ snapshot, firstSeenAt: now, lastSeenAt: now, changes });
      if (this.#versions.length > VERSIONS_IN_MEMORY) this.#hasOlder = Boolean(this.#versions.shift());
    }
    this.#text = text;
    return latest !== this.latest;
  }

  /** The version of a time: between two readings the one that was read nearer to it; `undefined` when not at hand. */
  at(time: number): VersionInMemory | undefined {
    let nearest: VersionInMemory | undefined;
    for (const version of this.#versions) {
      if (!nearest || distance(version, time) <= distance(nearest, time)) nearest = version;
    }
    const isBeforeAll = nearest === this.#versions[0] && nearest !== undefined && time < nearest.firstSeenAt;
    return isBeforeAll && this.#hasOlder ? undefined : nearest;
  }

  /** The other version that may have been in force at a time, where it lies between two readings that differ. */
  alternativeTo(version: VersionInMemory, time: number): VersionInMemory | undefined {
    const index = this.#versions.indexOf(version);
    if (time < version.firstSeenAt) return this.#versions[index - 1];
    return time > version.lastSeenAt ? this.#versions[index + 1] : undefined;
  }

  /** The changes that led to a version, seen within the hour before a time and later, the latest first. */
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

/** Where versions of the configuration outlast the process. Rejections are failures of the environment. */
export interface History {
  /** The latest versions, oldest first. */
  latest(limit: number): Promise<KeptVersion[]>;
  /** Keeps a version, and resolves to its number. */
  add(version: ConfigurationVersion): Promise<number>;
  /** Notes when, in epoch milliseconds, a version was last read. */
  seen(version: number, at: number): Promise<void>;
}

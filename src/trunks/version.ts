import type { ConfigurationChange } from './difference.ts';
import type { Snapshot } from './snapshot.ts';

/** LiveKit's configuration as it was from one reading to another. Times in epoch milliseconds. */
export interface ConfigurationVersion {
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  /** Holds no secret: a pin is a stand-in. */
  readonly snapshot: Snapshot;
  /** Against the version before; empty for the first. */
  readonly changes: readonly ConfigurationChange[];
}

/** A version as it is kept. */
export interface KeptVersion extends ConfigurationVersion {
  /** Grows with each version; not every number need be there. */
  readonly version: number;
}

/** A change that was seen at a time, with the configuration on either side of it. */
export interface SeenChange {
  /** Epoch milliseconds of the last reading without it, and of the first with it. */
  readonly since: number;
  readonly at: number;
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly changes: readonly ConfigurationChange[];
}

import type { ConfigurationVersion, KeptVersion } from '../trunks/version.ts';

/** A version of LiveKit's configuration without the configuration. */
export type ListedVersion = Omit<KeptVersion, 'snapshot'>;

/** The versions of LiveKit's configuration, up to a bounded number and age. */
export interface ConfigurationStore {
  /** The latest versions, oldest first. */
  latest(limit: number): Promise<KeptVersion[]>;
  /** Keeps a version, and resolves to its number, which is greater than every one before. */
  add(version: ConfigurationVersion): Promise<number>;
  /** Notes when, in epoch milliseconds, a version was last read. */
  seen(version: number, at: number): Promise<void>;
  /** The latest versions, newest first. */
  list(limit: number): Promise<ListedVersion[]>;
  /** The version in force at a time in epoch milliseconds, and the one that came after it; one or both may not be kept. */
  around(time: number): Promise<KeptVersion[]>;
  /** `undefined` for a version that is not kept, or not any more. */
  find(version: number): Promise<KeptVersion | undefined>;
}

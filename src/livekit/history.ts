import type { ConfigurationVersion, KeptVersion } from '../trunks/version.ts';

/** Where versions of the configuration outlast the process. Rejections are failures of the environment. */
export interface History {
  /** The latest versions, oldest first. */
  latest(limit: number): Promise<KeptVersion[]>;
  /** Keeps a version, and resolves to its number. */
  add(version: ConfigurationVersion): Promise<number>;
  /** Notes when, in epoch milliseconds, a version was last read. */
  seen(version: number, at: number): Promise<void>;
}

import type { Site } from '../diagnose/site.ts';
import type { Snapshot } from '../trunks/snapshot.ts';

/** LiveKit's configuration, and what the operator has set about the surroundings. */
export interface Configuration {
  readonly snapshot: Snapshot;
  readonly site: Site;
}

/** Reads LiveKit's configuration, from a file where one is given. Rejects with WrongUse where it cannot be had. */
export type ReadConfiguration = (file: string | undefined) => Promise<Configuration>;

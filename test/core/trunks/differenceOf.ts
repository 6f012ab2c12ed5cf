import { atOnce } from '../../../src/core/atOnce.ts';
import { type ConfigurationChange, differenceInSteps } from '../../../src/core/trunks/difference.ts';
import type { SnapshotFields } from '../../../src/core/trunks/snapshot.ts';

/** The changes from one configuration to another. */
export function difference(before: SnapshotFields, after: SnapshotFields): ConfigurationChange[] {
  return atOnce(differenceInSteps(before, after));
}

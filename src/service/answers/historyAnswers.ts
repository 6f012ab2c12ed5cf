import { describeApplied } from '../../core/edits/appliedChange.ts';
import { describeDifference, describeVersion } from '../../core/explain/versionHistory.ts';
import { differenceInSteps } from '../../core/trunks/difference.ts';
import { inSlices } from '../../loop/slices.ts';
import type { Configurations } from '../../store/configurations.ts';
import type { Store } from '../../store/store.ts';

/** The latest versions of LiveKit's configuration, and the changes that commands made in it, newest first. */
export async function historyIn({ configurations, applied }: Pick<Store, 'configurations' | 'applied'>, limit: number) {
  const [versions, changes] = await Promise.all([configurations.list(limit), applied.list(limit)]);
  return { versions: versions.map(describeVersion), applied: changes.map(describeApplied) };
}

/** The changes between two versions; `undefined` if one of them is not stored. */
export async function differenceIn(configurations: Configurations, from: number, to: number) {
  const [earlier, later] = await Promise.all([configurations.find(from), configurations.find(to)]);
  if (!earlier || !later) return undefined;
  return describeDifference(earlier, later, await inSlices(differenceInSteps(earlier.snapshot, later.snapshot)));
}

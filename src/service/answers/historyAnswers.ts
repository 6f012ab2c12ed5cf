import { describeDifference, describeVersion } from '../../core/explain/versionHistory.ts';
import { differenceInSteps } from '../../core/trunks/difference.ts';
import { inSlices } from '../../loop/slices.ts';
import type { Configurations } from '../../store/configurations.ts';

/** The latest versions of LiveKit's configuration, newest first. */
export async function versionsIn(configurations: Configurations, limit: number) {
  return (await configurations.list(limit)).map(describeVersion);
}

/** The changes between two versions; `undefined` if one of them is not stored. */
export async function differenceIn(configurations: Configurations, from: number, to: number) {
  const [earlier, later] = await Promise.all([configurations.find(from), configurations.find(to)]);
  if (!earlier || !later) return undefined;
  return describeDifference(earlier, later, await inSlices(differenceInSteps(earlier.snapshot, later.snapshot)));
}

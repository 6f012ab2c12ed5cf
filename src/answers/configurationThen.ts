import type { KnownConfiguration } from '../diagnose/facts.ts';
import type { Configurations } from '../journal/configurations.ts';
import type { KeptVersion } from '../trunks/version.ts';

/**
 * LiveKit's configuration as it was at a time (epoch milliseconds), from the history in the store: between two readings
 * that differ the nearer one, with the other beside it. `undefined` where no version of about that time is kept.
 */
export async function configurationThen(
  configurations: Configurations,
  time: number,
): Promise<KnownConfiguration | undefined> {
  const [first, second] = (await configurations.around(time)).toSorted((a, b) => distance(a, time) - distance(b, time));
  // Before the first version that is kept there was another one, unless it is the first of all.
  if (!first || (!second && first.firstSeenAt > time && first.version > 1)) return undefined;
  const isBetween = second !== undefined && distance(first, time) > 0;
  return { ...known(first, time), ...(isBetween && { other: known(second, time) }) };
}

/** How far, in milliseconds, a time lies outside of that in which a version was read. */
function distance({ firstSeenAt, lastSeenAt }: KeptVersion, time: number): number {
  return Math.max(firstSeenAt - time, time - lastSeenAt, 0);
}

function known({ snapshot, lastSeenAt }: KeptVersion, time: number): KnownConfiguration {
  const ageSeconds = Math.max(0, time - lastSeenAt) / 1000;
  // How old it was plays no part in the match.
  return { snapshot, ageSeconds, isStale: false };
}

import type { KeptVersion } from '../trunks/difference.ts';
import { type ConfigurationChange, difference } from '../trunks/difference.ts';

/** More changes than these of one version are counted, not listed. */
const CHANGES_LISTED = 100;

export type DescribedVersion = ReturnType<typeof describeVersion>;
export type DescribedDifference = ReturnType<typeof describeDifference>;

/** One version of LiveKit's configuration as JSON, with what changed in it. Keys are public. */
export function describeVersion({ version, firstSeenAt, lastSeenAt, changes }: Omit<KeptVersion, 'snapshot'>) {
  return {
    version,
    /** Of the first reading that had it. */
    at: iso(firstSeenAt),
    last_seen_at: iso(lastSeenAt),
    changes_total: changes.length,
    changes: changes.slice(0, CHANGES_LISTED),
  };
}

/** What changed between any two versions, as JSON. Keys are public. */
export function describeDifference(from: KeptVersion, to: KeptVersion) {
  return {
    from: { version: from.version, at: iso(from.firstSeenAt), last_seen_at: iso(from.lastSeenAt) },
    to: { version: to.version, at: iso(to.firstSeenAt), last_seen_at: iso(to.lastSeenAt) },
    changes: difference(from.snapshot, to.snapshot),
  };
}

/** The history for a terminal, newest first. */
export function historyText(versions: readonly DescribedVersion[]): string {
  if (versions.length === 0) return 'sipwhy has not read LiveKit’s configuration yet.\n';
  return versions
    .map(({ version, at, last_seen_at, changes, changes_total }) =>
      [
        `Version ${version}, first read ${at}, last read ${last_seen_at}`,
        ...(changes_total === 0 ? ['  (first version: nothing to compare with)'] : linesOf(changes)),
        ...(changes_total > changes.length ? [`  and ${changes_total - changes.length} more changes`] : []),
        '',
      ].join('\n'),
    )
    .join('\n');
}

/** A difference for a terminal. */
export function differenceText({ from, to, changes }: DescribedDifference): string {
  const heading = `From version ${from.version} (${from.at}) to version ${to.version} (${to.at})`;
  return `${[heading, ...(changes.length === 0 ? ['  no difference'] : linesOf(changes))].join('\n')}\n`;
}

function linesOf(changes: readonly ConfigurationChange[]): string[] {
  return changes.map(({ text }) => `  - ${text}`);
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

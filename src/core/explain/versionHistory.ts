import { appliedText, type DescribedApplied } from '../edits/appliedChange.ts';
import type { ConfigurationChange, KeptVersion } from '../trunks/difference.ts';

/** More changes than these are counted, not listed: of one version, and between any two. */
const CHANGES_LISTED = 100;
const DIFFERENCES_LISTED = 1_000;

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
export function describeDifference(from: KeptVersion, to: KeptVersion, changes: readonly ConfigurationChange[]) {
  return {
    from: { version: from.version, at: iso(from.firstSeenAt), last_seen_at: iso(from.lastSeenAt) },
    to: { version: to.version, at: iso(to.firstSeenAt), last_seen_at: iso(to.lastSeenAt) },
    changes_total: changes.length,
    changes: changes.slice(0, DIFFERENCES_LISTED),
  };
}

/** The history for a terminal, newest first, with the changes that commands made. */
export function historyText(versions: readonly DescribedVersion[], applied: readonly DescribedApplied[] = []): string {
  if (versions.length === 0 && applied.length === 0) return 'sipwhy has not read LiveKit’s configuration yet.\n';
  const entries = [
    ...versions.map((version) => ({ at: version.at, text: versionText(version) })),
    ...applied.map((change) => ({ at: change.at, text: appliedText(change) })),
  ];
  return entries
    .sort((a, b) => (a.at < b.at ? 1 : -1))
    .map(({ text }) => text)
    .join('\n');
}

function versionText({ version, at, last_seen_at, changes, changes_total }: DescribedVersion): string {
  return [
    `Version ${version}, first read ${at}, last read ${last_seen_at}`,
    ...(changes_total === 0 ? ['  (first version: nothing to compare with)'] : linesOf(changes)),
    ...leftOut(changes_total - changes.length),
    '',
  ].join('\n');
}

/** A difference for a terminal. */
export function differenceText({ from, to, changes, changes_total }: DescribedDifference): string {
  const heading = `From version ${from.version} (${from.at}) to version ${to.version} (${to.at})`;
  const lines = changes.length === 0 ? ['  no difference'] : linesOf(changes);
  return `${[heading, ...lines, ...leftOut(changes_total - changes.length)].join('\n')}\n`;
}

function leftOut(count: number): string[] {
  return count > 0 ? [`  and ${count} more changes`] : [];
}

function linesOf(changes: readonly ConfigurationChange[]): string[] {
  return changes.map(({ text }) => `  - ${text}`);
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

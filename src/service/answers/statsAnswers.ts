import type { TimeRange } from '../../core/incidents/incidentWindow.ts';
import type { SeriesOutcome, StatsBucket, StatsCount } from '../../http/api/statsRoute.ts';
import type { AttemptCounts, CountedInPart } from '../../store/calls/attemptCounts.ts';
import type { AttemptFilter } from '../../store/calls/attemptFilter.ts';

/** Numbers of attempts in a time, the most frequent first; with `stepMs` also by outcome in equal buckets. */
export async function statsFrom(
  counts: AttemptCounts,
  filter: AttemptFilter,
  range: TimeRange,
  stepMs: number | undefined,
): Promise<{ readonly counts: readonly StatsCount[]; readonly series?: readonly StatsBucket[] }> {
  const { since, until } = range;
  const counted = await counts.count({ ...filter, ...range }, stepMs ?? Math.max(1, until - since));
  return { counts: byKind(counted), ...(stepMs !== undefined && { series: seriesOf(counted, range, stepMs) }) };
}

function byKind(counted: readonly CountedInPart[]): StatsCount[] {
  const kinds = Map.groupBy(counted, ({ outcome, cause, trunk }) => JSON.stringify([outcome, cause, trunk]));
  return [...kinds.values()]
    .flatMap(([first, ...more]) => {
      if (!first) return [];
      const { part: _, ...kind } = first;
      // The cast: the store has what the diagnosis wrote.
      return [{ ...kind, attempts: more.reduce((sum, { attempts }) => sum + attempts, first.attempts) } as StatsCount];
    })
    .sort((a, b) => b.attempts - a.attempts);
}

function seriesOf(counted: readonly CountedInPart[], { since, until }: TimeRange, stepMs: number): StatsBucket[] {
  const buckets = Array.from({ length: Math.max(0, Math.ceil((until - since) / stepMs)) }, (_, i) => ({
    at: new Date(since + i * stepMs).toISOString(),
    connected: 0,
    failed: 0,
    dropped: 0,
    not_counted: 0,
  }));
  for (const { part, outcome, attempts } of counted) {
    const bucket = buckets[part];
    // The cast is checked by the keys.
    if (bucket && outcome in bucket) bucket[outcome as SeriesOutcome] += attempts;
  }
  return buckets;
}

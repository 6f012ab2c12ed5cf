import type { OneIncident } from '../api/types.ts';
import { ChangeLine } from '../parts/changeLine.tsx';
import { BarChart, type Bucket } from '../parts/charts.tsx';
import { age, clock } from '../text/time.ts';
import { counted } from '../text/words.ts';

/** So many buckets at least, so that a young incident does not fill its chart with one bar. */
const BUCKETS_AT_LEAST = 40;
/** Of the time before the first call, as a share of the time since. */
const LEAD = 0.15;

/** The calls of an incident over time, with the change before them. */
export function IncidentChart({ incident }: { incident: OneIncident }) {
  const { series, change, calls } = incident;
  const buckets = withTimeBefore(series.buckets, series.step_seconds, change?.at);
  const first = buckets[0];
  // One bar says no more than its row among the calls.
  if (!first || (calls === 1 && !change)) return null;
  const span = age(first.at);
  return (
    <section class="card" aria-labelledby="chart">
      <h2 id="chart">Its failed calls, last {span}</h2>
      <BarChart
        buckets={buckets}
        stepSeconds={series.step_seconds}
        label={`${counted(calls, 'failed call')} in the last ${span}`}
        height={72}
        mark={change ? { at: change.at, text: `${clock(change.at)} change` } : undefined}
      />
      {change && <ChangeLine change={change} />}
    </section>
  );
}

/** The buckets with empty ones before them: at least back to the change, so that it is seen where it was. */
function withTimeBefore(buckets: readonly Bucket[], stepSeconds: number, changedAt: string | undefined): Bucket[] {
  const [first] = buckets;
  if (!first) return [];
  const stepMs = stepSeconds * 1000;
  const firstAt = Date.parse(first.at);
  const sinceChange = changedAt === undefined ? 0 : Math.ceil((firstAt - Date.parse(changedAt)) / stepMs) + 1;
  const lead = Math.max(BUCKETS_AT_LEAST - buckets.length, Math.ceil(buckets.length * LEAD));
  // A change of long ago would press the calls into a corner.
  const before = sinceChange <= buckets.length + BUCKETS_AT_LEAST ? Math.max(lead, sinceChange) : lead;
  const empty = Array.from({ length: before }, (_, i) => {
    return { at: new Date(firstAt - (before - i) * stepMs).toISOString(), failed: 0 };
  });
  return [...empty, ...buckets];
}

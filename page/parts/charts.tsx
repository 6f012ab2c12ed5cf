import { useState } from 'preact/hooks';
import { clock, now } from '../text/time.ts';

/** What ended in one bucket of time; a kind that a chart doesn't have is left out. */
export interface Bucket {
  readonly at: string;
  readonly failed: number;
  readonly dropped?: number;
  readonly connected?: number;
  readonly not_counted?: number;
}

/** From the ground up: failures first, so that they can be compared with each other. */
const KINDS = ['failed', 'dropped', 'connected', 'not_counted'] as const;

/** A bucket's width, and the part of it that is drawn. */
const WIDTH = 10;
const BAR = 8;

/** Bars as one path, in a coordinate system of `WIDTH` a bucket and `height`. Less than a pixel would not be seen. */
function barsPath(bars: readonly { readonly from: number; readonly size: number }[], most: number, height: number) {
  const scale = height / Math.max(1, most);
  return bars
    .map(({ from, size }, i) => {
      if (size === 0) return '';
      const drawn = Math.max(1, size * scale);
      const top = Math.max(0, height - from * scale - drawn);
      return `M${i * WIDTH} ${round(top + drawn)}v${-round(drawn)}h${BAR}v${round(drawn)}z`;
    })
    .join('');
}

const round = (pixels: number) => Math.round(pixels * 10) / 10;

/** Failed calls as bars without axes, for a row. What it shows, the row says in numbers. */
export function Sparkline({
  values,
  width = 84,
  height = 20,
}: {
  values: readonly number[];
  width?: number;
  height?: number;
}) {
  const bars = values.map((size) => ({ from: 0, size }));
  return (
    <svg
      class="spark"
      width={width}
      height={height}
      viewBox={`0 0 ${values.length * WIDTH} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path class="bars-failed" d={barsPath(bars, Math.max(...values, 0), height)} />
    </svg>
  );
}

/**
 * Calls over time as stacked bars by outcome, as wide as its place. Under it the time that is shown; the pointer reads
 * a bucket out there. `mark` is a moment, such as a change, with its words.
 */
export function BarChart({ buckets, stepSeconds, label, height = 48, mark }: BarChartProps) {
  const [pointed, setPointed] = useState<number>();
  const total = (bucket: Bucket) => KINDS.reduce((sum, kind) => sum + (bucket[kind] ?? 0), 0);
  const most = Math.max(...buckets.map(total), 0);
  const first = buckets[0];
  const last = buckets.at(-1);
  if (!first || !last) return null;
  const stepMs = stepSeconds * 1000;
  const until = new Date(
    Math.min(Date.parse(last.at) + stepMs, Math.max(now.value, Date.parse(last.at))),
  ).toISOString();
  const ground = buckets.map(() => 0);
  const paths = KINDS.map((kind) => {
    const bars = buckets.map((bucket, i) => {
      const size = bucket[kind] ?? 0;
      const from = ground[i] ?? 0;
      ground[i] = from + size;
      return { from, size };
    });
    return <path key={kind} class={`bars-${kind}`} d={barsPath(bars, most, height)} />;
  });
  const markAt = mark && ((Date.parse(mark.at) - Date.parse(first.at)) / stepMs) * WIDTH;
  const bucket = pointed === undefined ? undefined : buckets[pointed];
  return (
    <div class="chart">
      <svg
        width="100%"
        height={height}
        viewBox={`0 0 ${buckets.length * WIDTH} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
        onPointerMove={(event) => {
          const { left, width } = event.currentTarget.getBoundingClientRect();
          setPointed(Math.floor(((event.clientX - left) / width) * buckets.length));
        }}
        onPointerLeave={() => setPointed(undefined)}
      >
        {paths}
        {markAt !== undefined && markAt >= 0 && (
          <line class="mark" x1={markAt} x2={markAt} y1="0" y2={height} vector-effect="non-scaling-stroke" />
        )}
      </svg>
      <div class="under-chart" aria-hidden="true">
        {bucket ? (
          <span>
            {clock(bucket.at, 'minute')}: {readOut(bucket)}
          </span>
        ) : (
          <>
            <span>{clock(first.at, 'minute')}</span>
            {mark && <span>┆ {mark.text}</span>}
            <span>{clock(until, 'minute')}</span>
          </>
        )}
      </div>
    </div>
  );
}

interface BarChartProps {
  readonly buckets: readonly Bucket[];
  readonly stepSeconds: number;
  /** Says in words what the chart shows. */
  readonly label: string;
  /** In pixels. */
  readonly height?: number;
  readonly mark?: { readonly at: string; readonly text: string } | undefined;
}

function readOut(bucket: Bucket): string {
  const parts = KINDS.filter((kind) => bucket[kind] !== undefined && (bucket[kind] > 0 || kind === 'failed'));
  return parts.map((kind) => `${bucket[kind]} ${kind.replace('_', ' ')}`).join(', ');
}

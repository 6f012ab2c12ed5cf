import { Counter, Gauge, Histogram, type Metric, Registry } from 'prom-client';
import { combinations, type LabelSet } from './labels.ts';

/** How many series of a metric are written in one step. */
const SERIES_AT_ONCE = 200;
const HEAD = /^# HELP .*\n# TYPE .*\n/;
/** prom-client caches the text of shared labels by object, and makes a new object for each series that has none. */
const SHARED_LABELS = {};

/** What docs/metrics.md says about a metric. */
export interface Described {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** The possible series: one set for each group of label values that go together. */
  readonly sets: readonly LabelSet<string>[];
  /** Upper bounds of a histogram's buckets, without `+Inf`. */
  readonly buckets?: readonly number[];
}

/** prom-client's registry, which also keeps the declaration of each metric. */
export class MetricRegistry extends Registry {
  readonly described: Described[] = [];

  /** The exposition in Prometheus' text format, in parts of few series each. */
  async *parts(): AsyncGenerator<string> {
    for (const { name } of this.getMetricsAsArray()) {
      const metric = this.getSingleMetric(name);
      if (!metric) continue;
      const { values, ...rest } = await metric.get();
      for (let i = 0; i === 0 || i < values.length; i += SERIES_AT_ONCE) {
        const part = new Registry();
        const series = values.slice(i, i + SERIES_AT_ONCE).map((one) => ({ ...one, sharedLabels: SHARED_LABELS }));
        const get = async () => ({ ...rest, values: series });
        // The cast: a registry reads no more of a metric.
        part.registerMetric({ name, get } as unknown as Metric);
        const text = await part.getSingleMetricAsString(name);
        // Only the first part has the lines HELP and TYPE.
        yield i === 0 ? text : text.slice(HEAD.exec(text)?.[0].length);
      }
    }
  }
}

/** No labels: one series. The cast is safe because L is `never` when no set is given. */
function plain<L extends string>(): readonly LabelSet<L>[] {
  return [{} as LabelSet<L>];
}

/** A counter. Series whose label values are all known in advance start at zero. */
export function counter<L extends string = never>(
  registry: MetricRegistry,
  name: string,
  help: string,
  sets: readonly LabelSet<L>[] = plain(),
): Counter<L> {
  registry.described.push({ name, type: 'counter', help, sets });
  const made = new Counter({ name, help, labelNames: namesOf(sets), registers: [registry] });
  for (const labels of sets.flatMap((set) => combinations(set))) made.inc(labels, 0);
  return made;
}

/** A gauge. It has no series before it is set. */
export function gauge<L extends string = never>(
  registry: MetricRegistry,
  name: string,
  help: string,
  sets: readonly LabelSet<L>[] = plain(),
): Gauge<L> {
  registry.described.push({ name, type: 'gauge', help, sets });
  return new Gauge({ name, help, labelNames: namesOf(sets), registers: [registry] });
}

/** A histogram. Series whose label values are all known in advance start at zero. */
export function histogram<L extends string = never>(
  registry: MetricRegistry,
  name: string,
  help: string,
  buckets: readonly number[],
  sets: readonly LabelSet<L>[] = plain(),
): Histogram<L> {
  registry.described.push({ name, type: 'histogram', help, sets, buckets });
  const made = new Histogram({ name, help, buckets: [...buckets], labelNames: namesOf(sets), registers: [registry] });
  for (const labels of sets.flatMap((set) => combinations(set))) made.zero(labels);
  return made;
}

/** A gauge without labels. `observe` gives its value at each scrape; `undefined` removes the series. */
export function observed(
  registry: MetricRegistry,
  name: string,
  help: string,
  observe: () => number | undefined,
): void {
  registry.described.push({ name, type: 'gauge', help, sets: plain() });
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      const value = observe();
      if (value === undefined) this.remove();
      else this.set(value);
    },
  });
}

/** A counter without labels. `observe` gives its total at each scrape. */
export function observedTotal(registry: MetricRegistry, name: string, help: string, observe: () => number): void {
  registry.described.push({ name, type: 'counter', help, sets: plain() });
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(observe());
    },
  });
}

function namesOf<L extends string>([first]: readonly LabelSet<L>[]): L[] {
  // The cast is safe: the keys of a set are its labels.
  return Object.keys(first ?? {}) as L[];
}

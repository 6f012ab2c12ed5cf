import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { combinations, type LabelSet } from './labels.ts';

/** What docs/metrics.md says of a metric. */
export interface Described {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** The series that there can be: one set for each group of label values that go together. */
  readonly sets: readonly LabelSet<string>[];
  /** Upper bounds of a histogram's buckets, without the infinite one. */
  readonly buckets?: readonly number[];
}

/** prom-client's registry, with what is declared of each metric. */
export class MetricRegistry extends Registry {
  readonly described: Described[] = [];
}

/** No labels: one series. The cast is that of `never`, which is what L is where no set is given. */
function plain<L extends string>(): readonly LabelSet<L>[] {
  return [{} as LabelSet<L>];
}

/** A counter. Series whose label values are all known beforehand are there from the start, at zero. */
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

/** A gauge. It has no series until it is set. */
export function gauge<L extends string = never>(
  registry: MetricRegistry,
  name: string,
  help: string,
  sets: readonly LabelSet<L>[] = plain(),
): Gauge<L> {
  registry.described.push({ name, type: 'gauge', help, sets });
  return new Gauge({ name, help, labelNames: namesOf(sets), registers: [registry] });
}

/** A histogram. Series whose label values are all known beforehand are there from the start, at zero. */
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

/** A gauge without labels that is asked for its value at each scrape; it is left out while there is none. */
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

/** A counter without labels whose total is kept elsewhere, and asked for at each scrape. */
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
  // The cast is the type's own: a set holds its labels and nothing else.
  return Object.keys(first ?? {}) as L[];
}

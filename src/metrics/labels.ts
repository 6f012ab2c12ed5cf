/** Values of a label: a closed list, or a limited number of values from the configuration. */
export type LabelValues = readonly string[] | OpenValues;

interface OpenValues {
  /** What the values are, in words. */
  readonly what: string;
  readonly atMost: number;
}

/** The labels of a group of series, with their values. */
export type LabelSet<L extends string> = Readonly<Record<L, LabelValues>>;

export function isClosed(values: LabelValues): values is readonly string[] {
  return Array.isArray(values);
}

/** Every combination of a set's values; none if any label has open values. */
export function combinations<L extends string>(set: LabelSet<L>): Record<L, string>[] {
  // The casts are safe: the keys of a set are its labels.
  let found = [{}] as Record<L, string>[];
  for (const [label, values] of Object.entries(set) as [L, LabelValues][]) {
    if (!isClosed(values)) return [];
    found = found.flatMap((labels) => values.map((value) => ({ ...labels, [label]: value })));
  }
  return found;
}

/** The most series that a set can have, for a metric without buckets. */
export function atMost(set: LabelSet<string>): number {
  return Object.values(set).reduce(
    (product, values) => product * (isClosed(values) ? values.length : values.atMost),
    1,
  );
}

/** The label value for all values beyond the limit. */
export const OTHER = 'other';

/**
 * Limits the number of values of a label: the first ones keep their own series, all others are counted as `other`. All
 * metrics with the label share one instance, so that a value is `other` in all of them or in none.
 */
export class BoundedLabel<Metric extends string> implements OpenValues {
  readonly what: string;
  readonly atMost: number;
  readonly #limit: number;
  readonly #reserved: ReadonlySet<string>;
  readonly #admitted = new Set<string>();
  readonly #onOverflow: (metric: Metric) => void;

  /**
   * `reserved` values always keep their series and don't use up the limit. `onOverflow` is called for each sample that
   * is counted as `other`.
   */
  constructor(what: string, limit: number, reserved: readonly string[], onOverflow: (metric: Metric) => void) {
    this.#limit = limit;
    this.#reserved = new Set([...reserved, OTHER]);
    this.#onOverflow = onOverflow;
    const always = [...this.#reserved].map((value) => `\`${value}\``).join(', ');
    this.what = `${what}; ${always}`;
    this.atMost = limit + this.#reserved.size;
  }

  /** The label value to count `value` under: itself, or `other`. */
  in(metric: Metric, value: string): string {
    if (this.admits(value)) return value;
    this.#onOverflow(metric);
    return OTHER;
  }

  /** Whether a value has series of its own. The first values asked for do, and keep them. */
  admits(value: string): boolean {
    if (this.#reserved.has(value) || this.#admitted.has(value)) return true;
    if (this.#admitted.size >= this.#limit) return false;
    this.#admitted.add(value);
    return true;
  }
}

/** Values of a label: a closed list, or what the configuration holds, up to a number of them. */
export type LabelValues = readonly string[] | OpenValues;

export interface OpenValues {
  /** What the values are, in words. */
  readonly what: string;
  readonly atMost: number;
}

/** The labels of a group of series, with their values. */
export type LabelSet<L extends string> = Readonly<Record<L, LabelValues>>;

export function isClosed(values: LabelValues): values is readonly string[] {
  return Array.isArray(values);
}

/** Every combination of the values of a set; none where a label's values are not known beforehand. */
export function combinations<L extends string>(set: LabelSet<L>): Record<L, string>[] {
  // The casts are the types' own: a set holds its labels and nothing else.
  let found = [{}] as Record<L, string>[];
  for (const [label, values] of Object.entries(set) as [L, LabelValues][]) {
    if (!isClosed(values)) return [];
    found = found.flatMap((labels) => values.map((value) => ({ ...labels, [label]: value })));
  }
  return found;
}

/** How many series a set can have, of a metric without buckets. */
export function atMost(set: LabelSet<string>): number {
  return Object.values(set).reduce(
    (product, values) => product * (isClosed(values) ? values.length : values.atMost),
    1,
  );
}

/** Where values beyond the limit are counted. */
export const OTHER = 'other';

/**
 * Keeps the number of a label's values bounded: the first so many are shown, all others are counted together as
 * `other`. One of these is shared by all metrics with the label, so that they agree on who is who.
 */
export class BoundedLabel<Metric extends string> implements OpenValues {
  readonly what: string;
  readonly atMost: number;
  readonly #limit: number;
  readonly #reserved: ReadonlySet<string>;
  readonly #admitted = new Set<string>();
  readonly #onOverflow: (metric: Metric) => void;

  /** `reserved` values are always shown and do not count. `onOverflow` is told each time that a value is folded. */
  constructor(what: string, limit: number, reserved: readonly string[], onOverflow: (metric: Metric) => void) {
    this.#limit = limit;
    this.#reserved = new Set([...reserved, OTHER]);
    this.#onOverflow = onOverflow;
    const always = [...this.#reserved].map((value) => `\`${value}\``).join(', ');
    this.what = `${what}; ${always}`;
    this.atMost = limit + this.#reserved.size;
  }

  /** The value under which something is counted in a metric: itself, or `other`. */
  in(metric: Metric, value: string): string {
    if (this.admits(value)) return value;
    this.#onOverflow(metric);
    return OTHER;
  }

  /** Whether a value is shown as itself. The first ones that are asked for are, for good. */
  admits(value: string): boolean {
    if (this.#reserved.has(value) || this.#admitted.has(value)) return true;
    if (this.#admitted.size >= this.#limit) return false;
    this.#admitted.add(value);
    return true;
  }
}

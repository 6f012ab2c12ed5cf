/** What was measured: a number with its unit, and the limit that it must keep. */
export interface Figure {
  readonly part: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The figure is missed beyond it. */
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** A run as docs/performance.json keeps it. */
export interface Run {
  /** RFC 3339. */
  readonly at: string;
  readonly machine: string;
  readonly node: string;
  /** The parts of a run may have been measured one by one: `at` is the day of a figure, if not that of the run. */
  readonly figures: readonly (Figure & { readonly at?: string })[];
}

export function isMissed({ value, atMost, atLeast }: Figure): boolean {
  // A figure that could not be measured is missed too.
  return !(value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? Number.NEGATIVE_INFINITY));
}

/** A table of the figures in Markdown, beside those of the run before. */
export function tableOf(figures: readonly Figure[], before: Run | undefined): string {
  const rows = figures.map((figure) => {
    const { part, name, unit } = figure;
    const earlier = before?.figures.find((one) => one.part === part && one.name === name && one.unit === unit);
    const cells = [part, name, `${written(figure.value)} ${unit}`, limitOf(figure), changeOf(figure, earlier)];
    return `| ${cells.join(' | ')} |`;
  });
  return ['| part | figure | value | limit | change |', '| --- | --- | ---: | ---: | ---: |', ...rows].join('\n');
}

function limitOf({ atMost, atLeast }: Figure): string {
  return [
    ...(atMost === undefined ? [] : [`≤ ${written(atMost)}`]),
    ...(atLeast === undefined ? [] : [`≥ ${written(atLeast)}`]),
  ].join(', ');
}

function changeOf({ value }: Figure, before: Figure | undefined): string {
  if (!before || before.value === 0) return '';
  const percent = Math.round((value / before.value - 1) * 100);
  return `${percent > 0 ? '+' : ''}${percent} %`;
}

/** Three digits, which is more than the machine's noise leaves. */
function written(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : 'none';
}

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { TOP } from './committed.ts';

/** A metric as docs/metrics.md has it, which is generated from the registry. */
export interface Documented {
  readonly type: string;
  readonly labels: readonly string[];
}

const PAGE = readFileSync(`${TOP}docs/metrics.md`, 'utf8');

export const METRICS: ReadonlyMap<string, Documented> = new Map(
  [...PAGE.matchAll(/^\| `(sipwhy_\w+)` \| (counter|gauge|histogram) \| [^|]* \| ([^|]*) \|/gm)].map(
    ([, name = '', type = '', labels = '']) => [name, { type, labels: labels.match(/\w+/g) ?? [] }],
  ),
);

/** What a label's values are in the words of the page, by `metric label`. */
const VALUES = new Map(
  [...PAGE.matchAll(/^\| `(sipwhy_\w+)` \| `(\w+)` \| (.*) \|$/gm)].map(([, metric, label, text = '']) => [
    `${metric} ${label}`,
    text,
  ]),
);

/** Whether a label can have a value; what is not a closed list is not judged. */
export function canHave(metric: string, label: string, value: string): boolean {
  const text = VALUES.get(`${metric} ${label}`) ?? '';
  return !text.startsWith('`') || text.includes(`\`${value}\``);
}

/** The metric of a series: of a histogram's, without their ending. */
export function metricOf(series: string): string {
  const whole = series.replace(/_(bucket|sum|count)$/, '');
  return METRICS.get(whole)?.type === 'histogram' ? whole : series;
}

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly record?: string }[] }[];
}

/** What the recording rules record. */
export const RECORDS: ReadonlySet<string> = new Set(
  // The file is this repository's own, and promtool has checked its shape.
  (parse(readFileSync(`${TOP}alerts/sipwhy.rules.yml`, 'utf8')) as Rules).groups.flatMap(({ rules }) =>
    rules.flatMap(({ record }) => record ?? []),
  ),
);

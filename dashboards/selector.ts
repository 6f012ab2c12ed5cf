import { summedIncrease } from '../alerts/rules/rule.ts';

/** Matchers for the selected jobs and instances. Grafana fills in the variables. */
export const ALL = 'job=~"$job", instance=~"$instance"';

/** The same, for the selected trunks. */
export const TRUNK = `${ALL}, trunk=~"$trunk"`;

/** A recorded series. It is summed over instances, so it has no instance label. */
export function recorded(record: string, more = ''): string {
  return `${record}{job=~"$job"${more && `, ${more}`}}`;
}

/** The increase of a counter in each step of the graph. */
export function grown(selector: string, by: string): string {
  return `sum by (${by}) (increase(${selector}[$__rate_interval]))`;
}

/** The same for a counter whose series don't start at zero, such as those of a rare SIP status. */
export function grownFromNothing(selector: string, by: string): string {
  return summedIncrease(selector, [by], '$__rate_interval');
}

/** Changes of trunks in each step of the graph. Every replica counts every change, hence the maximum. */
export function configurationChanges(matcher: string): string {
  const series = `sipwhy_livekit_changes_total{${ALL}${matcher && `, ${matcher}`}}`;
  return `max by (trunk) (${grownFromNothing(series, 'instance, trunk')})`;
}

/** The increase of a counter in the time range. Without `by`, it is zero rather than empty if nothing happened. */
export function grownInAll(selector: string, by?: string): string {
  return by ? `sum by (${by}) (${overRange(selector)})` : `sum (${overRange(selector)}) or vector(0)`;
}

/** A ratio over the time range. No data without traffic, instead of a division by zero. */
export function ratioInAll(part: string, whole: string): string {
  return `sum (${overRange(part)}) / (sum (${overRange(whole)}) > 0)`;
}

/** A ratio in each step of the graph, with gaps where there is no traffic. */
export function ratio(part: string, whole: string, by: string): string {
  return `${grown(part, by)} / (${grown(whole, by)} > 0)`;
}

/** A quantile of a histogram in each step of the graph; none if nothing was observed. */
export function quantile(q: number, histogram: string, by = '', more = ''): string {
  return quantileOf(q, `rate(${buckets(histogram, more)}[$__rate_interval])`, by);
}

/** A quantile of a histogram over the time range. */
export function quantileInAll(q: number, histogram: string, more = ''): string {
  return quantileOf(q, overRange(buckets(histogram, more)));
}

/** The increase of each bucket of a histogram. */
export function bucketsGrown(histogram: string): string {
  return grown(buckets(histogram), 'le');
}

function buckets(histogram: string, more = ''): string {
  return `${histogram}_bucket{${ALL}${more && `, ${more}`}}`;
}

/** Without values the quantile is NaN, which `>= 0` removes. */
function quantileOf(q: number, counts: string, by = ''): string {
  return `histogram_quantile(${q}, sum by (le${by && `, ${by}`}) (${counts})) >= 0`;
}

function overRange(selector: string): string {
  return `increase(${selector}[$__range])`;
}

import { summedIncrease } from '../alerts/rules/rule.ts';

/** Which series of a job and its instances a panel reads; Grafana fills in the variables. */
export const ALL = 'job=~"$job", instance=~"$instance"';

/** The same, of the trunks chosen. */
export const TRUNK = `${ALL}, trunk=~"$trunk"`;

/** A series that a rule has recorded: summed over the instances, which it therefore does not know. */
export function recorded(record: string, more = ''): string {
  return `${record}{job=~"$job"${more && `, ${more}`}}`;
}

/** How much a counter grew in each step of the graph. */
export function grown(selector: string, by: string): string {
  return `sum by (${by}) (increase(${selector}[$__rate_interval]))`;
}

/** The same of a counter whose series begin with what they first count, such as those of a rare SIP status. */
export function grownFromNothing(selector: string, by: string): string {
  return summedIncrease(selector, [by], '$__rate_interval');
}

/** How often the configuration of trunks changed in each step of the graph; each replica sees each change. */
export function configurationChanges(matcher: string): string {
  const series = `sipwhy_livekit_changes_total{${ALL}${matcher && `, ${matcher}`}}`;
  return `max by (trunk) (${grownFromNothing(series, 'instance, trunk')})`;
}

/** How much a counter grew in the whole time shown; nothing having happened is a zero, not an empty panel. */
export function grownInAll(selector: string, by?: string): string {
  return by ? `sum by (${by}) (${overRange(selector)})` : `sum (${overRange(selector)}) or vector(0)`;
}

/** A part of a whole, in the time shown. No traffic at night is no data, not a division by zero. */
export function ratioInAll(part: string, whole: string): string {
  return `sum (${overRange(part)}) / (sum (${overRange(whole)}) > 0)`;
}

/** A part of a whole in each step of the graph; gaps are times without traffic. */
export function ratio(part: string, whole: string, by: string): string {
  return `${grown(part, by)} / (${grown(whole, by)} > 0)`;
}

/** A quantile of a histogram over each step of the graph; where nothing was observed there is none. */
export function quantile(q: number, histogram: string, by = '', more = ''): string {
  return quantileOf(q, `rate(${buckets(histogram, more)}[$__rate_interval])`, by);
}

/** A quantile of a histogram over the whole time shown. */
export function quantileInAll(q: number, histogram: string, more = ''): string {
  return quantileOf(q, overRange(buckets(histogram, more)));
}

/** How many values fell into each bucket of a histogram. */
export function bucketsGrown(histogram: string): string {
  return grown(buckets(histogram), 'le');
}

function buckets(histogram: string, more = ''): string {
  return `${histogram}_bucket{${ALL}${more && `, ${more}`}}`;
}

/** Of no values there is no quantile: NaN, which is not above zero. */
function quantileOf(q: number, counts: string, by = ''): string {
  return `histogram_quantile(${q}, sum by (le${by && `, ${by}`}) (${counts})) >= 0`;
}

function overRange(selector: string): string {
  return `increase(${selector}[$__range])`;
}

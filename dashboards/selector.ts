/** Which series of a job and its instances a panel reads; Grafana fills in the variables. */
export const ALL = 'job=~"$job", instance=~"$instance"';

/** The same, of the trunks chosen. */
export const TRUNK = `${ALL}, trunk=~"$trunk"`;

/** How much a counter grew in each step of the graph. */
export function grown(selector: string, by?: string): string {
  return `${sum(by)} (increase(${selector}[$__rate_interval]))`;
}

/** How much a counter grew in the whole time shown; nothing having happened is a zero, not an empty panel. */
export function grownInAll(selector: string, by?: string): string {
  const total = `${sum(by)} (increase(${selector}[$__range]))`;
  return by ? total : `${total} or vector(0)`;
}

/** A part of a whole. No traffic at night is no data, not a division by zero. */
export function ratio(part: string, whole: string): string {
  return `(${part}) / (${whole} > 0)`;
}

/** A quantile of a histogram over each step of the graph. */
export function quantile(q: number, metric: string, labels = ALL): string {
  return `histogram_quantile(${q}, sum by (le) (rate(${metric}_bucket{${labels}}[$__rate_interval])))`;
}

function sum(by?: string): string {
  return by ? `sum by (${by})` : 'sum';
}

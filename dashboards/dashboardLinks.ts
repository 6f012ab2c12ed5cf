import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';
import { filledIn } from './variables.ts';

/** Filters of sipwhy's page and API, such as cause, party, trunk, status and outcome. */
export type CallFilters = Readonly<Record<string, string>>;

/** Filters with the values of the line's labels of the same name. */
export function ofLine(...labels: readonly string[]): CallFilters {
  return Object.fromEntries(labels.map((label) => [label, filledIn(`__field.labels.${label}`)]));
}

/** Filters with the values of the row's columns of the same name. */
export function ofRow(...columns: readonly string[]): CallFilters {
  return Object.fromEntries(columns.map((column) => [column, filledIn(`__data.fields.${column}`)]));
}

const PAGE = filledIn('sipwhy_url:raw');
const SHOWN = { since: filledIn('__from:date:iso'), until: filledIn('__to:date:iso') };

/** A link from a number, line or row to its calls on sipwhy's page, in the dashboard's time range. */
export function callsLink(filters: CallFilters) {
  const query = Object.entries({ tab: 'calls', ...filters, ...SHOWN }).map(([name, value]) => `${name}=${value}`);
  return link('These calls, explained', `${PAGE}/?${query.join('&')}`);
}

/** A link to the page that lists incidents and failed calls. */
export function pageLink() {
  return link('Calls explained', `${PAGE}/`).tooltip('Failed calls with cause, evidence and fix');
}

/** A link to the runbook of an alert, which sipwhy's page serves. */
export function runbookLink(alert: string) {
  return link(`Runbook of ${alert}`, `${PAGE}/runbooks/${alert}`);
}

function link(title: string, url: string) {
  return new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(url).targetBlank(true);
}

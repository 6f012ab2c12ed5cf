import { DEFAULT_LINKS } from '../../src/cli/rulesCommand.ts';

export type DashboardUid = 'sipwhy-overview' | 'sipwhy-trunk' | 'sipwhy-quality' | 'sipwhy-sidecar';

/** The page that says what an alert means and what to do. */
export function runbookUrl(alert: string): string {
  return `${DEFAULT_LINKS.runbooks}/${alert}.md`;
}

/** A link to a dashboard, narrowed to what the alert is about; the braces are filled in by Prometheus. */
export function dashboardUrl(uid: DashboardUid, labels: readonly string[] = ['job']): string {
  const variables = labels.map((label) => `var-${label}=${fromLabel(label)}`);
  return `${DEFAULT_LINKS.grafana}/d/${uid}?${variables.join('&')}`;
}

/** A link to the calls on sipwhy's own page, with its filters: cause, trunk, party, status, outcome. */
export function callsUrl(filters: Readonly<Record<string, string>>): string {
  const query = Object.entries(filters).map(([name, value]) => `${name}=${value}`);
  return `${DEFAULT_LINKS.page}/?${query.join('&')}`;
}

/** The value of an alert's label, for use in an address. */
export function fromLabel(label: string): string {
  return `{{ $labels.${label} | urlquery }}`;
}

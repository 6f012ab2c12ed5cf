import { DEFAULT_LINKS } from '../../src/cli/rulesCommand.ts';

export type DashboardUid = 'sipwhy-overview' | 'sipwhy-trunk' | 'sipwhy-quality' | 'sipwhy-sidecar';

/** A runbook on sipwhy's page: an alert's or a cause's. */
export function runbookUrl(name: string): string {
  return `${DEFAULT_LINKS.runbooks}/${name}`;
}

/** A link to a dashboard with the alert's labels as variables. Prometheus fills in the braces. */
export function dashboardUrl(uid: DashboardUid, labels: readonly string[] = ['job']): string {
  const variables = labels.map((label) => `var-${label}=${fromLabel(label)}`);
  return `${DEFAULT_LINKS.grafana}/d/${uid}?${variables.join('&')}`;
}

/** A link to the calls on sipwhy's page, with filters such as cause, trunk, party, status or outcome. */
export function callsUrl(filters: Readonly<Record<string, string>>): string {
  const query = Object.entries(filters).map(([name, value]) => `${name}=${value}`);
  return `${DEFAULT_LINKS.page}/?${query.join('&')}`;
}

/** The value of an alert's label, escaped for a URL. */
export function fromLabel(label: string): string {
  return `{{ $labels.${label} | urlquery }}`;
}

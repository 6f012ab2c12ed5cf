/** Where the runbooks are read. Change it here, and run `npm run generate`. */
const RUNBOOKS_URL = 'https://github.com/sipwhy/sipwhy/blob/main/docs/runbooks';

/** Where Grafana is reached by whoever reads a page. Change it here, and run `npm run generate`. */
const GRAFANA_URL = 'http://localhost:3000';

export type DashboardUid = 'sipwhy-overview' | 'sipwhy-trunk' | 'sipwhy-sidecar';

/** The page that says what an alert means and what to do. */
export function runbookUrl(alert: string): string {
  return `${RUNBOOKS_URL}/${alert}.md`;
}

/** A link to a dashboard, narrowed to what the alert is about; the braces are filled in by Prometheus. */
export function dashboardUrl(uid: DashboardUid, labels: readonly string[] = ['job']): string {
  const variables = labels.map((label) => `var-${label}={{ $labels.${label} | urlquery }}`);
  return `${GRAFANA_URL}/d/${uid}?${variables.join('&')}`;
}

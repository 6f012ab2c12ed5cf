import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { OVERVIEW } from './overview/overview.ts';
import { QUALITY } from './quality.ts';
import { SIDECAR } from './sidecar/sidecarDashboard.ts';
import { TRUNK_DASHBOARD } from './trunk.ts';

/** Every dashboard that Grafana loads. */
const DASHBOARDS: readonly Dashboard[] = [OVERVIEW, TRUNK_DASHBOARD, QUALITY, SIDECAR];

/** The dashboards' files, with paths relative to the repository. */
export function generatedFiles(): { path: string; content: string }[] {
  return DASHBOARDS.map((dashboard) => ({
    path: `dashboards/${dashboard.uid}.json`,
    content: `${JSON.stringify(dashboard, undefined, 2)}\n`,
  }));
}

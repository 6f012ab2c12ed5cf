import { generatedFiles as alertFiles } from '../alerts/rules/alertFiles.ts';
import { generatedFiles as dashboardFiles } from '../dashboards/dashboardFiles.ts';
import { causePages } from './causePages.ts';
import { findingPages } from './findingPages.ts';
import { metricsPage } from './metricsPage.ts';
import { licencesPage } from './packages/licencesPage.ts';
import { readmeWithDemo, settingsPage } from './readme.ts';

/** Files derived from the registries and the code, with paths relative to the repository. */
export async function derivedFiles(readme: string): Promise<{ path: string; content: string }[]> {
  return [
    ...alertFiles(),
    ...dashboardFiles(),
    ...causePages('docs/causes'),
    ...findingPages('docs/findings'),
    { path: 'docs/metrics.md', content: await metricsPage() },
    { path: 'docs/licences.md', content: licencesPage() },
    { path: 'docs/settings.md', content: settingsPage() },
    { path: 'README.md', content: readmeWithDemo(readme) },
  ];
}

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { parse, stringify } from 'yaml';
import { WrongUse } from '../settings/commandSettings.ts';
import { requireBaseUrls, withoutSlash } from './baseUrls.ts';
import { DEFAULT_LINKS } from './rulesCommand.ts';

interface DashboardsOptions {
  readonly pageUrl: string;
  readonly grafanaUrl: string;
  readonly datasource?: string;
  readonly out?: string;
  readonly json: boolean;
}

const DASHBOARD_PROVISIONING = 'provisioning/dashboards/sipwhy.yml';
const DATASOURCE_PROVISIONING = 'provisioning/datasources/prometheus.yml';

/** `shipped` is the folder of the dashboards that come with sipwhy. */
export function dashboardsCommand(shipped: string): Command {
  return new Command('dashboards')
    .description('print the dashboards for Grafana, with your addresses, or write them with their provisioning')
    .option('--page-url <url>', 'URL of sipwhy’s page, to which numbers, lines and rows link', DEFAULT_LINKS.page)
    .option('--datasource <name>', 'uid or name of Grafana’s data source for Prometheus (default: Grafana’s default)')
    .option('--grafana-url <url>', 'URL of Grafana, to print where each dashboard will be', DEFAULT_LINKS.grafana)
    .option('--out <folder>', 'write a file for each dashboard, and the folder `provisioning` for Grafana')
    .option('--json', 'print JSON with the addresses', false)
    .addHelpText(
      'after',
      '\nWithout --datasource, the written provisioning also has a data source for a Prometheus on the same machine.\n\nExamples:\n  sipwhy dashboards --page-url https://sipwhy.example.com --datasource prometheus --out /etc/sipwhy/dashboards\n  sipwhy dashboards --page-url https://sipwhy.example.com | jq .[0]',
    )
    .action(({ pageUrl, grafanaUrl, datasource, out, json }: DashboardsOptions) => {
      requireBaseUrls({ '--page-url': pageUrl, '--grafana-url': grafanaUrl });
      if (datasource?.trim() === '') throw new WrongUse('--datasource must be the uid or name of a data source');
      const page = withoutSlash(pageUrl);
      const dashboards = readdirSync(shipped)
        .filter((file) => file.endsWith('.json'))
        .sort()
        .map((file) => withAddresses(JSON.parse(readFileSync(join(shipped, file), 'utf8')), page, datasource));
      const addresses = { page_url: page, grafana_url: grafanaUrl, datasource: datasource ?? null };
      if (out === undefined) {
        print(json ? { ...addresses, dashboards } : dashboards);
        return;
      }
      const folder = resolve(out);
      for (const dashboard of dashboards) write(folder, `${dashboard.uid}.json`, textOf(dashboard));
      provision(shipped, folder, page, datasource);
      const written = dashboards.map(({ uid }) => ({
        file: join(folder, `${uid}.json`),
        url: `${withoutSlash(grafanaUrl)}/d/${uid}`,
      }));
      if (json) print({ ...addresses, written, provisioning: join(folder, 'provisioning') });
      else {
        const lines = written.map(({ file, url }) => `${file}  ${url}`);
        process.stdout.write(`${lines.join('\n')}\nStart Grafana with GF_PATHS_PROVISIONING=${folder}/provisioning\n`);
      }
    });
}

/** What the command changes in a dashboard. */
interface Dashboard {
  readonly uid: string;
  readonly templating: { readonly list: readonly { readonly name: string; query?: string; current?: object }[] };
}

function withAddresses(dashboard: Dashboard, page: string, datasource: string | undefined): Dashboard {
  for (const variable of dashboard.templating.list) {
    if (variable.name === 'sipwhy_url') {
      variable.query = page;
      variable.current = chosen(page);
    }
    // Grafana takes the data source whose uid is the value, or else the one whose name is the text.
    if (variable.name === 'datasource' && datasource !== undefined) variable.current = chosen(datasource);
  }
  return dashboard;
}

function chosen(value: string): object {
  return { text: value, value, selected: true };
}

/** Writes the provisioning that comes with sipwhy, for dashboards in `folder`. */
function provision(shipped: string, folder: string, page: string, datasource: string | undefined): void {
  const provisioningOf = (file: string) => parse(readFileSync(join(shipped, file), 'utf8'));
  const dashboards = provisioningOf(DASHBOARD_PROVISIONING);
  dashboards.providers[0].options.path = escaped(folder);
  write(folder, DASHBOARD_PROVISIONING, stringify(dashboards));
  if (datasource !== undefined) return;
  const datasources = provisioningOf(DATASOURCE_PROVISIONING);
  const [exemplars] = datasources.datasources[0].jsonData.exemplarTraceIdDestinations;
  exemplars.url = exemplars.url.replace(DEFAULT_LINKS.page, () => escaped(page));
  write(folder, DATASOURCE_PROVISIONING, stringify(datasources));
}

/** Grafana puts environment variables into provisioning. A doubled dollar is a dollar. */
function escaped(text: string): string {
  return text.replaceAll('$', () => '$$');
}

function write(folder: string, name: string, text: string): void {
  const path = join(folder, name);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (error) {
    throw new WrongUse(`${path} cannot be written: ${(error as Error).message}`);
  }
}

function print(value: object): void {
  process.stdout.write(textOf(value));
}

function textOf(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

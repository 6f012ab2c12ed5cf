import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  RowBuilder,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { DashboardUid } from '../alerts/links.ts';
import { DATASOURCE, datasourceVariable, instanceVariable, jobVariable, pageVariable } from './variables.ts';

/** What is particular to a dashboard; the rest is the same for all. */
export interface DashboardDefinition {
  readonly uid: DashboardUid;
  readonly title: string;
  readonly description: string;
  readonly variables?: readonly Builder<VariableModel>[];
  readonly rows: readonly { readonly title: string; readonly panels: readonly Builder<Panel>[] }[];
}

/** Builds a dashboard that links to the others and to sipwhy's own page. */
export function buildDashboard({ uid, title, description, variables = [], rows }: DashboardDefinition): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['sipwhy'])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .variables([datasourceVariable(), jobVariable(), instanceVariable(), ...variables, pageVariable()])
    .link(
      new DashboardLinkBuilder('sipwhy')
        .type(DashboardLinkType.Dashboards)
        .tags(['sipwhy'])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .link(
      new DashboardLinkBuilder('Calls explained')
        .type(DashboardLinkType.Link)
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills in its own variables, written like JavaScript’s.
        .url('${sipwhy_url:raw}/')
        .tooltip('The failed calls, each with its cause, its evidence and its fix')
        .targetBlank(true),
    );
  builder.annotation(alertsFired());
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title));
    for (const panel of row.panels) builder.withPanel(panel);
  }
  return numbered(builder.build());
}

/** When sipwhy's alerts fired, marked on every graph. */
function alertsFired() {
  return new AnnotationQueryBuilder()
    .name('Alerts')
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor('red')
    .expr('ALERTS{alertname=~"Sipwhy.+", alertstate="firing", job=~"$job"}')
    .titleFormat('{{alertname}}')
    .textFormat('{{cause}} {{trunk}}');
}

/** The library sets no ids, and Grafana needs them to link to a panel. */
function numbered(dashboard: Dashboard): Dashboard {
  for (const [index, panel] of (dashboard.panels ?? []).entries()) panel.id = index + 1;
  return dashboard;
}

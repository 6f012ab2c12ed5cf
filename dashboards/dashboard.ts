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
import type { DashboardUid } from '../alerts/rules/runbookLinks.ts';
import { pageLink } from './dashboardLinks.ts';
import { configurationChanges } from './selector.ts';
import { DATASOURCE, datasourceVariable, instanceVariable, jobVariable, pageVariable } from './variables.ts';

export interface Row {
  readonly title: string;
  readonly panels: readonly Builder<Panel>[];
}

/** The parts of a dashboard that differ between dashboards. */
interface DashboardDefinition {
  readonly uid: DashboardUid;
  readonly title: string;
  readonly description: string;
  readonly variables?: readonly Builder<VariableModel>[];
  /** A matcher of the trunk label: limits the marks on the graphs to these trunks. */
  readonly trunk?: string;
  readonly rows: readonly Row[];
}

/** Builds a dashboard with links to the others and to sipwhy's page. */
export function buildDashboard({
  uid,
  title,
  description,
  variables = [],
  trunk,
  rows,
}: DashboardDefinition): Dashboard {
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
    .link(pageLink())
    .annotations([alertsFired(trunk), changes(trunk)]);
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title));
    for (const panel of row.panels) builder.withPanel(panel);
  }
  return completed(builder.build());
}

/** Marks on every graph when sipwhy's alerts fired. */
function alertsFired(trunk?: string) {
  const of = trunk ? `, trunk=~"|${trunk}"` : '';
  return annotation('Alerts', 'red', `ALERTS{alertname=~"Sipwhy.+", alertstate="firing", job=~"$job"${of}}`)
    .titleFormat('{{alertname}}')
    .textFormat('{{cause}} {{trunk}} {{target}}');
}

/** Marks on every graph when a trunk or its dispatch rules changed in LiveKit. */
function changes(trunk?: string) {
  const of = trunk ? `trunk=~"none|${trunk}"` : '';
  return annotation('LiveKit’s configuration', 'blue', `${configurationChanges(of)} > 0`)
    .titleFormat('LiveKit’s configuration changed')
    .textFormat('trunk {{trunk}}');
}

function annotation(name: string, color: string, expr: string) {
  return new AnnotationQueryBuilder().name(name).datasource(DATASOURCE).enable(true).iconColor(color).expr(expr);
}

/**
 * Adds panel ids, which the library doesn't set and Grafana needs for links to a panel. Removes the library's placement
 * of links and marks in a menu, so that they are shown above the panels.
 */
function completed(dashboard: Dashboard): Dashboard {
  for (const [index, panel] of (dashboard.panels ?? []).entries()) panel.id = index + 1;
  for (const shown of [...(dashboard.links ?? []), ...(dashboard.annotations?.list ?? [])]) delete shown.placement;
  return dashboard;
}

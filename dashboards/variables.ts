import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DEFAULT_LINKS } from '../src/cli/rulesCommand.ts';

/** A Grafana variable, `${name}`. */
export function filledIn(name: string): string {
  return `$\{${name}}`;
}

export const DATASOURCE = { type: 'prometheus', uid: filledIn('datasource') };

export function datasourceVariable() {
  return new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus');
}

export function jobVariable() {
  return labelVariable('job', 'Job', 'label_values(sipwhy_build_info, job)', '.+');
}

export function instanceVariable() {
  return labelVariable('instance', 'Instance', 'label_values(sipwhy_build_info{job=~"$job"}, instance)', '.+');
}

export function trunkVariable() {
  return labelVariable('trunk', 'Trunk', 'label_values(sipwhy_call_attempts_total{job=~"$job"}, trunk)', '.*');
}

/** The URL of sipwhy's page. Users can change it on the dashboard. */
export function pageVariable() {
  const { page } = DEFAULT_LINKS;
  return new TextBoxVariableBuilder('sipwhy_url')
    .label('sipwhy’s page')
    .defaultValue(page)
    .current({ text: page, value: page, selected: true });
}

function labelVariable(name: string, label: string, query: string, allValue: string) {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(allValue)
    .current({ text: 'All', value: '$__all', selected: true });
}

import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills in its own variables, written like JavaScript’s.
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** Where sipwhy's own page is reached, until somebody writes another address into the variable. */
const SIPWHY_URL = 'http://localhost:8080';

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

export function pageVariable() {
  return new TextBoxVariableBuilder('sipwhy_url')
    .label('sipwhy’s page')
    .defaultValue(SIPWHY_URL)
    .current({ text: SIPWHY_URL, value: SIPWHY_URL, selected: true });
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

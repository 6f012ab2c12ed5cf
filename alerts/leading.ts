/**
 * A template that lists the three causes that fail most calls within five minutes, each with its fix. Prometheus
 * evaluates the query when the alert is evaluated, so the page says what is wrong and not only that something is.
 */
export function leadingCauses(by: 'job' | 'trunk'): string {
  const matcher = by === 'trunk' ? '{job=%q,trunk=%q}' : '{job=%q}';
  const values = by === 'trunk' ? '$labels.job $labels.trunk' : '$labels.job';
  const query =
    `topk(3, sum by (job, cause) (job_cause_party_trunk:sipwhy_call_failures:increase5m${matcher} > 0)` +
    ' * on (job, cause) group_left (title, fix) job_cause:sipwhy_cause:info)';
  return (
    `{{ range query (printf "${query}" ${values}) }}` +
    ' {{ .Value | printf "%.0f" }} × {{ .Labels.cause }}: {{ .Labels.title }}. Fix: {{ .Labels.fix }}' +
    '{{ else }} No cause is known yet.{{ end }}'
  );
}

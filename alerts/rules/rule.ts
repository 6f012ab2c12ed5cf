import { callsUrl, type DashboardUid, dashboardUrl, runbookUrl } from './runbookLinks.ts';

/** A page wakes somebody; a ticket waits for working hours. */
export type Severity = 'page' | 'ticket';

/** What an alert is about. A LiveKit outage silences everything of scope `trunk`. */
export type Scope = 'job' | 'trunk' | 'sidecar';

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export type Rule = RecordingRule | AlertRule;

export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly Rule[];
}

/** What is particular to an alert; the rest is the same for all. */
export interface AlertDefinition {
  readonly alert: string;
  readonly expr: string;
  readonly severity: Severity;
  readonly scope: Scope;
  readonly for?: string;
  readonly keepFiringFor?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly summary: string;
  /** What happened, the cause and the fix, as far as they are known. */
  readonly description: string;
  /** What Prometheus knows beside: which part of the calls, since when, where. */
  readonly evidence?: string;
  /** Filters of sipwhy's page that show the calls that the alert is about. */
  readonly calls?: Readonly<Record<string, string>>;
  readonly dashboard: DashboardUid;
  /** The labels of the alert that the dashboard is narrowed to. */
  readonly dashboardLabels?: readonly string[];
}

/** What an alert about sipwhy itself, or about what it looks at, has in common with the others. */
export const OF_SIDECAR = { scope: 'sidecar', dashboard: 'sipwhy-sidecar' } as const;

/** Makes a rule that has everything an on-call engineer needs: severity, texts, dashboard and runbook. */
export function alertRule(definition: AlertDefinition): AlertRule {
  const { alert, expr, severity, scope, labels, summary, description, dashboard, dashboardLabels } = definition;
  const { evidence, calls } = definition;
  return {
    alert,
    expr: expr.trim(),
    ...(definition.for ? { for: definition.for } : {}),
    ...(definition.keepFiringFor ? { keep_firing_for: definition.keepFiringFor } : {}),
    labels: { severity, scope, ...labels },
    annotations: {
      summary,
      description,
      ...(evidence ? { evidence } : {}),
      ...(calls ? { calls: callsUrl(calls) } : {}),
      dashboard: dashboardUrl(dashboard, dashboardLabels),
      runbook_url: runbookUrl(alert),
    },
  };
}

/**
 * How much a counter grew within a window, new series included.
 *
 * `increase()` needs two samples: of a series that is first seen at 8 it says 0, and the first eight failures of a trunk
 * would be lost. Here such a series counts from zero, if its instance was already being scraped when the window began.
 * (An instance that Prometheus has only just found may bring counts that are days old.)
 */
export function increaseExpression(series: string, window: string): string {
  return [
    `${series} unless ${series} offset ${window} and on (job, instance) sipwhy_build_info offset ${window}`,
    'or',
    `increase(${series}[${window}])`,
  ].join('\n');
}

/** The same, summed over the instances: each attempt is counted by one replica only. */
export function summedIncrease(series: string, labels: readonly string[], window: string): string {
  const inner = increaseExpression(series, window).replaceAll(/^/gm, '  ');
  return `sum by (${labels.join(', ')}) (\n${inner}\n)`;
}

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

import { callsUrl, type DashboardUid, dashboardUrl, runbookUrl } from './runbookLinks.ts';

/** A page wakes someone; a ticket waits for working hours. */
export type Severity = 'page' | 'ticket';

/** What an alert is about. */
type Scope = 'job' | 'trunk' | 'sidecar';

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

/** The parts of an alert that differ between alerts. */
interface AlertDefinition {
  readonly alert: string;
  readonly expr: string;
  readonly severity: Severity;
  readonly scope: Scope;
  readonly for?: string;
  readonly keepFiringFor?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly summary: string;
  /** What happened, the cause, its owner and the fix, as far as known. */
  readonly description: string;
  /** Further facts from Prometheus: the share of calls, since when, on which trunks. */
  readonly evidence?: string;
  /** Filters of sipwhy's page that show the alert's calls. */
  readonly calls?: Readonly<Record<string, string>>;
  readonly dashboard: DashboardUid;
  /** Labels of the alert that become variables of the dashboard. */
  readonly dashboardLabels?: readonly string[];
}

/** Common fields of alerts about sipwhy itself and what it monitors. */
export const OF_SIDECAR = { scope: 'sidecar', dashboard: 'sipwhy-sidecar' } as const;

/** Makes a rule with everything an on-call engineer needs: severity, texts, dashboard and runbook. */
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

/** A PromQL query in a template. Each `%q` takes the next of `labels` from the alert. */
export function asked(query: string, labels: readonly string[]): string {
  return `query (printf \`${query}\` ${labels.map((label) => `$labels.${label}`).join(' ')})`;
}

/**
 * The increase of a counter within a window, including new series.
 *
 * `increase()` needs two samples: for a series first seen at 8 it returns 0, so the first eight failures of a trunk
 * would be lost. Here a new series counts from zero if its instance was already scraped when the window began, or has
 * started since. (A newly found instance may have counts that are days old.)
 */
function increaseExpression(series: string, window: string): string {
  return [
    `${series} unless ${series} offset ${window} and on (job, instance) ${knownFor(window)}`,
    'or',
    `increase(${series}[${window}])`,
  ].join('\n');
}

/** Instances whose counts of a window of minutes are known: scraped before it, or started within it at zero. */
export function knownFor(window: string): string {
  const [, minutes] = /^(\d+)m$/.exec(window) ?? [];
  const scraped = `sipwhy_build_info offset ${window}`;
  // Grafana's windows have no length yet.
  if (minutes === undefined) return scraped;
  return `(${scraped} or sipwhy_process_start_time_seconds > time() - ${Number(minutes) * 60})`;
}

/** The same, summed over instances: only one replica counts each attempt. */
export function summedIncrease(series: string, labels: readonly string[], window: string): string {
  const inner = increaseExpression(series, window).replaceAll(/^/gm, '  ');
  return `sum by (${labels.join(', ')}) (\n${inner}\n)`;
}

/** A query for the most frequent causes of failed calls in a window, with their titles, owners and fixes. */
function topCauses(limit: number, by: 'job' | 'trunk', window: string): string {
  const matcher = by === 'trunk' ? '{job=%q, trunk=%q}' : '{job=%q}';
  // Recorded windows count new series from zero. Longer ones need no such care.
  const increase = /^[25]m$/.test(window)
    ? `job_cause_party_trunk:sipwhy_call_failures:increase${window}${matcher}`
    : `increase(sipwhy_call_failures_total${matcher}[${window}])`;
  return asked(
    `topk(${limit}, sum by (job, cause) (${increase}) > 0) * on (job, cause) group_left (title, party, fix) job_cause:sipwhy_cause:info`,
    by === 'trunk' ? ['job', 'trunk'] : ['job'],
  );
}

/** A template for the most frequent cause of a window, for the first line of a page. */
export function leadingCause(by: 'job' | 'trunk', window: string): string {
  return `{{ with ${topCauses(1, by, window)} }}mostly {{ . | first | label "title" }}{{ else }}cause unknown{{ end }}`;
}

/**
 * A template that lists the three most frequent causes of a window, each with its owner and fix. Prometheus runs the
 * query with the alert, so the page says what is wrong and not only that something is.
 */
export function leadingCauses(by: 'job' | 'trunk', window: string): string {
  return (
    `{{ range ${topCauses(3, by, window)} }}` +
    ' {{ .Value | printf "%.0f" }} × {{ .Labels.cause }}: {{ .Labels.title }}. Owner: {{ .Labels.party }}. Fix: {{ .Labels.fix }}' +
    '{{ else }} unknown.{{ end }}'
  );
}

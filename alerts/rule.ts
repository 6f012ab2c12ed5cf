import { callsUrl, type DashboardUid, dashboardUrl, runbookUrl } from './links.ts';

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

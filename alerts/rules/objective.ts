import {
  type AlertRule,
  alertRule,
  leadingCause,
  leadingCauses,
  type RecordingRule,
  type RuleGroup,
  type Severity,
} from './rule.ts';

/** Share of the calls that connect or fail which must connect, over 30 days. */
export const SUCCESS_OBJECTIVE = 0.99;

/** Share of calls that may fail. Rounded, because the subtraction gives 0.010000000000000009. */
export const ERROR_BUDGET = Number((1 - SUCCESS_OBJECTIVE).toFixed(6));

/** A burn rate of the error budget over a long and a short window, as in kubernetes-mixin. */
interface Burn {
  readonly severity: Severity;
  readonly factor: number;
  readonly long: string;
  readonly short: string;
  readonly for: string;
  /** Fewer failed calls in the long window don't fire the alert. */
  readonly floor: number;
  /** Without a failed call in this time, the alert is quiet. */
  readonly failing: string;
}

export const BURNS: readonly Burn[] = [
  { severity: 'page', factor: 14.4, long: '1h', short: '5m', for: '2m', floor: 10, failing: '5m' },
  { severity: 'page', factor: 6, long: '6h', short: '30m', for: '2m', floor: 10, failing: '5m' },
  { severity: 'ticket', factor: 3, long: '1d', short: '2h', for: '15m', floor: 5, failing: '30m' },
  { severity: 'ticket', factor: 1, long: '3d', short: '6h', for: '15m', floor: 5, failing: '30m' },
];

const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;

/** The record of the share of failed calls in a window. */
export function failureRatioRecord(window: string): string {
  return `job:sipwhy_call_failures:ratio_rate${window}`;
}

function failureRatio(window: string): RecordingRule {
  const rate = (outcomes: string) =>
    `sum by (job) (rate(sipwhy_call_attempts_total{outcome=~"${outcomes}"}[${window}]))`;
  return {
    record: failureRatioRecord(window),
    expr: `${rate('failed')}\n/\n${rate('connected|failed')}`,
  };
}

/**
 * Quiet if an incident paged within the same window, because that page told of these calls already; and without failed
 * calls now, because then nothing burns.
 */
function burnAlert({ severity, factor, long, short, for: pending, floor, failing }: Burn): AlertRule {
  const threshold = `${factor} * ${ERROR_BUDGET}`;
  return alertRule({
    alert: severity === 'page' ? 'SipwhyCallSuccessBurnFast' : 'SipwhyCallSuccessBurnSlow',
    severity,
    scope: 'job',
    labels: { long, short },
    expr: `
${failureRatioRecord(long)} > ${threshold}
and
${failureRatioRecord(short)} > ${threshold}
and
sum by (job) (increase(sipwhy_call_attempts_total{outcome="failed"}[${long}])) >= ${floor}
and
sum by (job) (increase(sipwhy_call_attempts_total{outcome="failed"}[${failing}])) > 0
unless on (job)
max_over_time(ALERTS{alertname="SipwhyIncident", severity="page", alertstate="firing"}[${long}])
`,
    for: pending,
    summary: `{{ $value | humanizePercentage }} of calls failed in ${long}, ${leadingCause('job', long)}`,
    description:
      `The objective is that ${percent(SUCCESS_OBJECTIVE)} of calls connect. ` +
      `Failures use up the 30-day error budget at ${factor} times the allowed rate. ` +
      `Causes in ${long}:${leadingCauses('job', long)}`,
    calls: { outcome: 'failed' },
    dashboard: 'sipwhy-overview',
  });
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(3))} %`;
}

export const OBJECTIVE: RuleGroup = {
  name: 'sipwhy.objective',
  interval: '30s',
  rules: [...WINDOWS.map(failureRatio), ...BURNS.map(burnAlert)],
};

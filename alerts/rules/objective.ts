import { type AlertRule, alertRule, leadingCauses, type RecordingRule, type RuleGroup, type Severity } from './rule.ts';

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
}

export const BURNS: readonly Burn[] = [
  { severity: 'page', factor: 14.4, long: '1h', short: '5m', for: '2m', floor: 10 },
  { severity: 'page', factor: 6, long: '6h', short: '30m', for: '15m', floor: 10 },
  { severity: 'ticket', factor: 3, long: '1d', short: '2h', for: '1h', floor: 5 },
  { severity: 'ticket', factor: 1, long: '3d', short: '6h', for: '3h', floor: 5 },
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

function burnAlert({ severity, factor, long, short, for: pending, floor }: Burn): AlertRule {
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
`,
    for: pending,
    summary: `{{ $value | humanizePercentage }} of calls failed in the last ${long}`,
    description:
      `The objective is that ${percent(SUCCESS_OBJECTIVE)} of calls connect. ` +
      `Failures use up the 30-day error budget at ${factor} times the allowed rate. ` +
      `Current causes:${leadingCauses('job')}`,
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

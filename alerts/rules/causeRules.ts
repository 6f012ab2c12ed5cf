import type { Cause, Party } from '../../src/core/diagnose/cause.ts';
import { CAUSES } from '../../src/core/diagnose/causes.ts';
import { callEvidence } from './evidence.ts';
import { attemptsIncrease, failuresIncrease, failuresShare } from './recordings.ts';
import { type AlertRule, alertRule, type RuleGroup, type Severity } from './rule.ts';
import { fromLabel } from './runbookLinks.ts';

/**
 * When a cause is worth an alert: this many failed calls on a trunk within 30 minutes, and this share of its attempts.
 */
interface Threshold {
  readonly severity: Severity;
  readonly calls: number;
  readonly share: number;
  readonly for: string;
}

const PAGE: Threshold = { severity: 'page', calls: 5, share: 0.2, for: '1m' };
const TICKET: Threshold = { severity: 'ticket', calls: 3, share: 0.05, for: '5m' };

/**
 * What breaks by itself pages. A wrong configuration becomes a ticket: it has been wrong since it was set up, and if
 * it stops most calls on a trunk, SipwhyTrunkFailing pages anyway.
 */
const THRESHOLDS: Readonly<Record<Exclude<Party, 'nobody'>, Threshold>> = {
  application: TICKET,
  livekit_config: TICKET,
  livekit: PAGE,
  agent: PAGE,
  media: TICKET,
  jambonz: PAGE,
  network: PAGE,
  carrier: TICKET,
  unknown: TICKET,
};

/** A cause that counts as a failure, with its alert and threshold. */
export interface AlertedCause {
  readonly cause: Cause;
  readonly alert: string;
  readonly threshold: Threshold;
}

/** A recording rule of the alert group for calls. */
const RECENT = failuresIncrease('5m').record;

/** Every cause except those of party nobody, which don't count as failures. */
export const ALERTED_CAUSES: readonly AlertedCause[] = (CAUSES as readonly Cause[]).flatMap((cause) => {
  const { party } = cause;
  return party === 'nobody' ? [] : [{ cause, alert: alertName(cause.id), threshold: THRESHOLDS[party] }];
});

/** `auth_missing` alerts as SipwhyCauseAuthMissing. */
function alertName(id: string): string {
  const words = id.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `SipwhyCause${words.join('')}`;
}

const OF_CAUSE = { labels: ['job', 'trunk', 'cause'] };

const CAUSE_EVIDENCE = callEvidence({
  share: { query: `sum(${failuresShare('30m').record}{job=%q, trunk=%q, cause=%q})`, ...OF_CAUSE },
  failing: { query: `sum(${RECENT}{job=%q, trunk=%q, cause=%q})`, ...OF_CAUSE },
  of: 'the attempts of the trunk within 30 minutes',
});

function causeAlert({ cause, alert, threshold }: AlertedCause): AlertRule {
  const selector = `{cause="${cause.id}"}`;
  return alertRule({
    alert,
    severity: threshold.severity,
    scope: 'trunk',
    expr: `
(
  ${failuresIncrease('30m').record}${selector} >= ${threshold.calls}
  and
  ${failuresShare('30m').record}${selector} >= ${threshold.share}
)
* on (job, cause) group_left (title, fix)
job_cause:sipwhy_cause:info${selector}
`,
    for: threshold.for,
    keepFiringFor: '10m',
    summary: `Calls on trunk {{ $labels.trunk }} are failing: {{ $labels.title }}`,
    description:
      '{{ $value | printf "%.0f" }} calls on trunk {{ $labels.trunk }} failed within 30 minutes. ' +
      'Cause: {{ $labels.title }} ({{ $labels.cause }}). Owner: {{ $labels.party }}. Fix: {{ $labels.fix }}',
    evidence: CAUSE_EVIDENCE,
    calls: { cause: fromLabel('cause'), trunk: fromLabel('trunk') },
    dashboard: 'sipwhy-trunk',
    dashboardLabels: ['job', 'trunk'],
  });
}

/**
 * Compares with the previous week, in which the cause did not occur at all. On a job's first day every cause would be
 * new, so the rule skips jobs that have no samples from a day ago.
 */
const newCause = alertRule({
  alert: 'SipwhyNewCause',
  severity: 'ticket',
  scope: 'job',
  expr: `
(
  max by (job, cause, party) (max_over_time(${RECENT}[1h])) > 0
  unless on (job, cause)
  max by (job, cause) (max_over_time(${RECENT}[7d] offset 1h)) > 0
  and on (job)
  sipwhy_build_info offset 1d
)
* on (job, cause) group_left (title, fix)
job_cause:sipwhy_cause:info
`,
  summary: 'Calls are failing for a cause not seen for a week: {{ $labels.title }}',
  description:
    'Cause: {{ $labels.title }} ({{ $labels.cause }}). Owner: {{ $labels.party }}. Fix: {{ $labels.fix }} ' +
    'It may be a single call. Check what changed in the last hour.',
  calls: { cause: fromLabel('cause') },
  dashboard: 'sipwhy-overview',
});

/** One alert per cause, from the registry. Title and fix come from the running service, through `sipwhy_cause_info`. */
export const CAUSE_ALERTS: RuleGroup = {
  name: 'sipwhy.causes',
  interval: '30s',
  rules: [attemptsIncrease('30m'), failuresIncrease('30m'), failuresShare('30m'), ...ALERTED_CAUSES.map(causeAlert)],
};

/** The rule reads a week of samples, so it is evaluated less often. */
export const NEW_CAUSE: RuleGroup = { name: 'sipwhy.new_cause', interval: '1m', rules: [newCause] };

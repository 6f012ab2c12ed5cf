import type { Cause, Party } from '../../src/core/diagnose/cause.ts';
import { CAUSES } from '../../src/core/diagnose/causes.ts';
import { callEvidence } from './evidence.ts';
import { attemptsIncrease, failuresIncrease, failuresShare } from './recordings.ts';
import { type AlertRule, alertRule, type RuleGroup, type Severity } from './rule.ts';
import { fromLabel } from './runbookLinks.ts';

/** When a cause is worth an alert: so many calls of a trunk within 30 minutes, being such a part of its attempts. */
interface Threshold {
  readonly severity: Severity;
  readonly calls: number;
  readonly share: number;
  readonly for: string;
}

const PAGE: Threshold = { severity: 'page', calls: 5, share: 0.2, for: '1m' };
const TICKET: Threshold = { severity: 'ticket', calls: 3, share: 0.05, for: '5m' };

/**
 * What breaks by itself pages. What somebody set up wrongly becomes a ticket: it has been so since it was set up, and
 * where it stops most calls of a trunk SipwhyTrunkFailing pages anyway.
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

/** A cause that counts as a failure, with what it takes to alert. */
export interface AlertedCause {
  readonly cause: Cause;
  readonly alert: string;
  readonly threshold: Threshold;
}

/** Recorded by the group of alerts on calls. */
const RECENT = failuresIncrease('5m').record;

/** Every cause but those of party nobody, which are no failures. */
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
    summary: `Calls of trunk {{ $labels.trunk }} fail: {{ $labels.title }}`,
    description:
      '{{ $value | printf "%.0f" }} calls of trunk {{ $labels.trunk }} failed within 30 minutes. ' +
      'Cause: {{ $labels.title }} ({{ $labels.cause }}). Who must act: {{ $labels.party }}. Fix: {{ $labels.fix }}',
    evidence: CAUSE_EVIDENCE,
    calls: { cause: fromLabel('cause'), trunk: fromLabel('trunk') },
    dashboard: 'sipwhy-trunk',
    dashboardLabels: ['job', 'trunk'],
  });
}

/**
 * Compares with the week before, in which the cause was not seen at all. Where a job has been watched for less than a
 * day every cause would be new, so it is not asked.
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
  summary: 'Calls fail for a cause not seen for a week: {{ $labels.title }}',
  description:
    'Cause: {{ $labels.title }} ({{ $labels.cause }}). Who must act: {{ $labels.party }}. Fix: {{ $labels.fix }} ' +
    'It may be one call; it is worth a look at what was changed in the last hour.',
  calls: { cause: fromLabel('cause') },
  dashboard: 'sipwhy-overview',
});

/** One alert a cause, from the registry. Title and fix come from the running service, through `sipwhy_cause_info`. */
export const CAUSE_ALERTS: RuleGroup = {
  name: 'sipwhy.causes',
  interval: '30s',
  rules: [attemptsIncrease('30m'), failuresIncrease('30m'), failuresShare('30m'), ...ALERTED_CAUSES.map(causeAlert)],
};

/** It reads a week of samples, so it is asked less often. */
export const NEW_CAUSE: RuleGroup = { name: 'sipwhy.new_cause', interval: '1m', rules: [newCause] };

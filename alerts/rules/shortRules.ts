import { alertRule, asked, type RecordingRule, type RuleGroup, summedIncrease } from './rule.ts';
import { fromLabel } from './runbookLinks.ts';

const BY = ['job', 'trunk'] as const;
const IN_A_WEEK = 7 * 24 * 2;

/** Ended calls, and those of them that hardly lasted, within half an hour. */
const ended: RecordingRule = {
  record: 'job_trunk:sipwhy_call_ends:increase30m',
  expr: summedIncrease('sipwhy_call_ends_total', BY, '30m'),
};
const short: RecordingRule = {
  record: 'job_trunk:sipwhy_short_calls:increase30m',
  expr: summedIncrease('sipwhy_short_calls_total', BY, '30m'),
};
const share: RecordingRule = {
  record: 'job_trunk:sipwhy_short_calls:share30m',
  expr: `${short.record}\n/\n(${ended.record} > 0)`,
};
/** The share of the last week, from the recorded half hours: a week of the counters is too much to read. */
const usual: RecordingRule = {
  record: 'job_trunk:sipwhy_short_calls:share1w',
  expr: `avg_over_time(${short.record}[1w])\n/\n(avg_over_time(${ended.record}[1w]) > 0)`,
};

/** Fewer calls have no share worth a comparison. */
const CALLS_NOW = 20;
const CALLS_IN_WEEK = 100;
/** A smaller share is usual anywhere: wrong numbers, and callers who think better of it. */
const FLOOR = 0.2;
const TIMES_USUAL = 2;

/** A recorded share of the alert's trunk in whole percent. */
function percentOf({ record }: RecordingRule, otherwise: string): string {
  const query = asked(`100 * ${record}{job=%q, trunk=%q}`, BY);
  return `{{ with ${query} }}{{ . | first | value | printf "%.0f" }} %{{ else }}${otherwise}{{ end }}`;
}

const NOW = percentOf(share, 'many');
const USUALLY = percentOf(usual, 'less');

const shortCalls = alertRule({
  alert: 'SipwhyShortCalls',
  severity: 'ticket',
  scope: 'trunk',
  // `none` is everybody whom Jambonz dials besides LiveKit, and `other` many trunks at once.
  expr: `
${share.record}{trunk!~"none|other"} >= ${FLOOR}
and
${share.record} >= ${TIMES_USUAL} * ${usual.record}
and
${ended.record} >= ${CALLS_NOW}
and
${IN_A_WEEK} * avg_over_time(${ended.record}[1w]) >= ${CALLS_IN_WEEK}
and
present_over_time(${ended.record}[1d] offset 1w)
`,
  for: '10m',
  summary: `Trunk {{ $labels.trunk }}: ${NOW} of calls last less than 10 s, usually ${USUALLY}`,
  description:
    `Within 30 minutes, ${NOW} of the answered calls of trunk {{ $labels.trunk }} ended within 10 s, and ${USUALLY} over the last week. ` +
    'Cause: most likely callers hear nothing, or not what they expect, and hang up. Owner: agent, unless an incident of the trunk says more. ' +
    'Fix: call the number yourself, and look at what the agent says first, and when.',
  calls: { outcome: 'all', trunk: fromLabel('trunk') },
  dashboard: 'sipwhy-trunk',
  dashboardLabels: ['job', 'trunk'],
});

/** An alert on calls that are answered and end at once. A week is read at each evaluation, so it is alone. */
export const SHORT_ALERTS: RuleGroup = {
  name: 'sipwhy.short',
  interval: '5m',
  rules: [ended, short, share, usual, shortCalls],
};

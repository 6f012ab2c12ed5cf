import type { Awaited } from '../../src/core/call/waits.ts';
import { type AlertRule, alertRule, asked, type RecordingRule, type RuleGroup, summedIncrease } from './rule.ts';
import { fromLabel } from './runbookLinks.ts';

const BY = ['job', 'trunk', 'until'] as const;
const IN_A_WEEK = 7 * 24 * 2;

/** Seconds waited, and how many waits, within half an hour. */
const seconds: RecordingRule = {
  record: 'job_trunk_until:sipwhy_call_wait_seconds:increase30m',
  expr: summedIncrease('sipwhy_call_wait_seconds_total', BY, '30m'),
};
const waits: RecordingRule = {
  record: 'job_trunk_until:sipwhy_call_waits:increase30m',
  expr: summedIncrease('sipwhy_call_waits_total', BY, '30m'),
};
const mean: RecordingRule = {
  record: 'job_trunk_until:sipwhy_call_wait_seconds:mean30m',
  expr: `${seconds.record}\n/\n(${waits.record} > 0)`,
};
/** The mean of the last week, from the recorded half hours: a week of the counters is too much to read. */
const usual: RecordingRule = {
  record: 'job_trunk_until:sipwhy_call_wait_seconds:mean1w',
  expr: `avg_over_time(${seconds.record}[1w])\n/\n(avg_over_time(${waits.record}[1w]) > 0)`,
};

/** Fewer calls have no mean worth a comparison. */
const CALLS_NOW = 20;
const CALLS_IN_WEEK = 100;
/** How many times the usual time is slow, if it is also so many seconds longer. */
const TIMES_USUAL = 2;

function slow(alert: string, until: Awaited, floorSeconds: number, words: { verb: string; cause: string }): AlertRule {
  // `none` is everybody whom Jambonz dials besides LiveKit, and `other` many trunks at once.
  const series = `{until="${until}", trunk!~"none|other"}`;
  const usually = asked(`${usual.record}{job=%q, trunk=%q, until="${until}"}`, ['job', 'trunk']);
  const usualSeconds = `{{ with ${usually} }}{{ . | first | value | printf "%.1f" }} s{{ else }}less{{ end }}`;
  return alertRule({
    alert,
    severity: 'ticket',
    scope: 'trunk',
    expr: `
${mean.record}${series} >= ${TIMES_USUAL} * ${usual.record}
and
${mean.record} - ${usual.record} >= ${floorSeconds}
and
${waits.record} >= ${CALLS_NOW}
and
${IN_A_WEEK} * avg_over_time(${waits.record}[1w]) >= ${CALLS_IN_WEEK}
and
present_over_time(${waits.record}[1d] offset 1w)
`,
    for: '10m',
    summary: `Trunk {{ $labels.trunk }}: calls ${words.verb} after {{ $value | printf "%.1f" }} s, usually ${usualSeconds}`,
    description:
      `Within 30 minutes, the calls of trunk {{ $labels.trunk }} took {{ $value | printf "%.1f" }} s on average until they ${words.verb}, ` +
      `and ${usualSeconds} over the last week. ${words.cause}`,
    calls: { outcome: 'all', trunk: fromLabel('trunk') },
    dashboard: 'sipwhy-trunk',
    dashboardLabels: ['job', 'trunk'],
  });
}

const slowToRing = slow('SipwhySlowToRing', 'ringing', 1, {
  verb: 'ring',
  cause:
    'Cause: most likely LiveKit’s SIP service, or the way to it, is slow. Owner: LiveKit or the network. ' +
    'Fix: compare it with the probe and with other trunks, then look at the load of livekit-sip and at the network to it.',
});

const slowToAnswer = slow('SipwhySlowToAnswer', 'answer', 2, {
  verb: 'are answered',
  cause:
    'Cause: if they also ring late, see SipwhySlowToRing; if not, agents most likely take longer to join and to publish audio. Owner: agent. ' +
    'Fix: start more workers, or keep idle ones ready, and look at what the agent does before it publishes audio.',
});

/** Alerts on calls that connect, but late. A week is read at each evaluation, so there are few. */
export const SLOW_ALERTS: RuleGroup = {
  name: 'sipwhy.slow',
  interval: '5m',
  rules: [seconds, waits, mean, usual, slowToRing, slowToAnswer],
};

import { REFUSALS } from '../../src/core/receive/verifyJambonz.ts';
import { alertRule, OF_SIDECAR, type RuleGroup, summedIncrease } from './rule.ts';
import { webhooksSilent } from './silence.ts';

/** A caller whose words do not prove who it is; `bad_signature` alone may be a forger or a wrong secret. */
const UNPROVEN = REFUSALS.join('|');

const down = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyDown',
  severity: 'page',
  // Neither `up` nor absent() serves: a target that is gone has no `up`, and absent() cannot say which job it was.
  expr: `
group by (job) (last_over_time(sipwhy_build_info[6h]))
unless
group by (job) (sipwhy_build_info)
`,
  for: '1m',
  summary: 'No instance of {{ $labels.job }} can be scraped',
  description:
    'No instance answers Prometheus. Jambonz does not repeat a webhook unless its URL asks for it, so calls of this time ' +
    'may stay unexplained; and a dial hook that is not answered leaves a caller in silence. Cause: the process has ended, ' +
    'hangs, or cannot be reached from Prometheus. Fix: its last log lines say why it ended; start it again.',
});

const REFUSED = `sum by (job, source) (increase(sipwhy_webhooks_total{result=~"${UNPROVEN}"}[5m]))`;

const webhooksRefused = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyWebhooksRefused',
  severity: 'page',
  expr: `
${REFUSED} >= 10
and
${REFUSED} / sum by (job, source) (increase(sipwhy_webhooks_total[5m])) >= 0.5
`,
  for: '2m',
  summary: 'Most webhooks of {{ $labels.source }} are refused',
  description:
    '{{ $value | printf "%.0f" }} webhooks of {{ $labels.source }} within 5 minutes had no valid signature or ' +
    'credentials, half of all or more, and nothing is seen of its calls. Cause: most likely the secret here is not the ' +
    'sender’s. Fix: JAMBONZ_WEBHOOK_SECRET or JAMBONZ_BASIC_AUTH (LIVEKIT_API_KEY and LIVEKIT_API_SECRET for LiveKit) ' +
    'must be what the sender has; several secrets may be set while one is being replaced.',
});

const forgedWebhooks = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyForgedWebhooks',
  // Anybody who can reach the port can cause it, so it must not be able to wake anybody.
  severity: 'ticket',
  expr: `${summedIncrease('sipwhy_webhooks_total{result="bad_signature"}', ['job', 'source'], '15m')} >= 5`,
  for: '1m',
  keepFiringFor: '30m',
  summary: 'Webhooks as if from {{ $labels.source }} carry a false signature',
  description:
    '{{ $value | printf "%.0f" }} webhooks within 15 minutes carried a signature that the secret does not confirm. They ' +
    'were refused and change nothing. Cause: somebody forges them, or one sender has another secret. Fix: let only the ' +
    'senders reach the port, or set that sender’s secret beside the other.',
});

const auditFindingCritical = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyAuditFindingCritical',
  severity: 'ticket',
  scope: 'trunk',
  dashboard: 'sipwhy-trunk',
  dashboardLabels: ['job', 'trunk'],
  expr: 'max by (job, finding, trunk) (sipwhy_audit_findings{severity="critical"}) > 0',
  for: '5m',
  summary: 'The audit of trunk {{ $labels.trunk }} found {{ $labels.finding }}',
  description:
    'LiveKit’s configuration has a critical fault. Cause: {{ $labels.finding }} on trunk {{ $labels.trunk }}. It stops ' +
    'calls, or lets in calls that it should refuse, whether or not one has come yet. Fix: `sipwhy audit`, or the audit on sipwhy’s ' +
    'page, has the change that removes it.',
});

const ruleErrors = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyRuleErrors',
  severity: 'ticket',
  expr: `${summedIncrease('sipwhy_rule_errors_total', ['job', 'cause'], '15m')} > 0`,
  for: '1m',
  keepFiringFor: '1h',
  summary: 'The rule of {{ $labels.cause }} throws',
  description:
    'The rule for {{ $labels.cause }} threw {{ $value | printf "%.0f" }} times within 15 minutes. Calls are diagnosed ' +
    'without it, so that cause may go unnamed. Cause: a defect of sipwhy. Fix: report it with the log line.',
});

const requestsShed = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyRequestsShed',
  severity: 'ticket',
  expr: `${summedIncrease('sipwhy_requests_shed_total', ['job', 'route'], '5m')} > 0`,
  for: '5m',
  keepFiringFor: '15m',
  summary: 'sipwhy sheds requests for {{ $labels.route }}',
  description:
    '{{ $value | printf "%.0f" }} requests for {{ $labels.route }} were answered 503 within 5 minutes. Page and API are ' +
    'shed first, so that webhooks are still taken. Cause: more work than one process can do, or a slow disk. Fix: find ' +
    'out who asks so much, or run another replica on PostgreSQL.',
});

const seriesOverflow = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhySeriesOverflow',
  severity: 'ticket',
  expr: `${summedIncrease('sipwhy_series_overflow_total', ['job', 'metric'], '1h')} > 0`,
  for: '5m',
  keepFiringFor: '1h',
  summary: '{{ $labels.metric }} has no room for every trunk or status',
  description:
    '{{ $value | printf "%.0f" }} samples of {{ $labels.metric }} within an hour were counted as `other`: their trunks have ' +
    'no alerts and no dashboard of their own. Cause: more trunks than METRICS_TRUNK_LIMIT, or rare SIP statuses. Fix: ' +
    'raise METRICS_TRUNK_LIMIT, if Prometheus can bear 35 series more for each trunk.',
});

/** Can what sipwhy says be trusted: does it run, hear everything, and believe only what is true? */
export const SIDECAR_ALERTS: RuleGroup = {
  name: 'sipwhy.sidecar',
  interval: '30s',
  rules: [
    down,
    webhooksSilent,
    webhooksRefused,
    forgedWebhooks,
    auditFindingCritical,
    ruleErrors,
    requestsShed,
    seriesOverflow,
  ],
};

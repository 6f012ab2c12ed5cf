import { REFUSALS } from '../../src/core/receive/verifyJambonz.ts';
import { LIVEKIT_REFUSALS } from '../../src/core/receive/verifyLiveKit.ts';
import { alertRule, OF_SIDECAR, type RuleGroup, summedIncrease } from './rule.ts';
import { webhooksSilent } from './silence.ts';

/** Results of a webhook that failed verification. `bad_signature` is a forged webhook or a wrong secret. */
const UNPROVEN = [...new Set([...REFUSALS, ...LIVEKIT_REFUSALS])].join('|');

const down = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyDown',
  severity: 'page',
  // `up` and absent() don't work here: a removed target has no `up`, and absent() doesn't know the job.
  expr: `
group by (job) (last_over_time(sipwhy_build_info[6h]))
unless
group by (job) (sipwhy_build_info)
`,
  for: '1m',
  summary: 'No instance of {{ $labels.job }} can be scraped',
  description:
    'No instance answers Prometheus. Jambonz resends a webhook only if the hook’s URL asks for it, ' +
    'so calls made meanwhile may stay unexplained. An unanswered dial hook leaves the caller in silence. ' +
    'Cause: the process has stopped, hangs, or can’t be reached from Prometheus. Owner: sipwhy’s operator. ' +
    'Fix: check its last log lines, then start it again.',
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
  summary: 'Most webhooks from {{ $labels.source }} are refused',
  description:
    '{{ $value | printf "%.0f" }} webhooks from {{ $labels.source }} within 5 minutes, at least half of all, had no valid ' +
    'signature or credentials, so sipwhy does not see their calls. ' +
    'Cause: most likely the secret here differs from the sender’s. Owner: sipwhy’s operator. ' +
    'Fix: set JAMBONZ_WEBHOOK_SECRET or JAMBONZ_BASIC_AUTH (for LiveKit: LIVEKIT_API_KEY and LIVEKIT_API_SECRET) ' +
    'to the sender’s values. During rotation, list both secrets.',
});

const forgedWebhooks = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyForgedWebhooks',
  // Anyone who reaches the port can cause it, so it must not page.
  severity: 'ticket',
  expr: `${summedIncrease('sipwhy_webhooks_total{result="bad_signature"}', ['job', 'source'], '15m')} >= 5`,
  for: '1m',
  keepFiringFor: '30m',
  summary: 'Webhooks claiming to be from {{ $labels.source }} have a wrong signature',
  description:
    '{{ $value | printf "%.0f" }} webhooks within 15 minutes had a signature that does not match the secret. ' +
    'They were refused and changed nothing. ' +
    'Cause: someone forges webhooks, or a sender has another secret. Owner: sipwhy’s operator. ' +
    'Fix: let only the senders reach the port, or add that sender’s secret.',
});

const auditFindingCritical = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyAuditFindingCritical',
  severity: 'ticket',
  scope: 'trunk',
  dashboard: 'sipwhy-trunk',
  dashboardLabels: ['job', 'trunk'],
  // An incident of the configuration tells of it already, with calls. The page about it links to the audit.
  expr: `
max by (job, finding, trunk) (sipwhy_audit_findings{severity="critical"}) > 0
unless on (job)
job_cause_trunk:sipwhy_incident:info{party=~"livekit_config|application"}
`,
  for: '10m',
  summary: 'The audit of trunk {{ $labels.trunk }} found {{ $labels.finding }}',
  description:
    'LiveKit’s configuration has a critical fault. ' +
    'It stops calls, or admits calls that it should refuse, even if none has come yet. ' +
    'Cause: {{ $labels.finding }} on trunk {{ $labels.trunk }}. Owner: livekit_config. ' +
    'Fix: `sipwhy audit`, or the audit on sipwhy’s page, shows the change that removes it.',
});

const ruleErrors = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyRuleErrors',
  severity: 'ticket',
  expr: `${summedIncrease('sipwhy_rule_errors_total', ['job', 'cause'], '15m')} > 0`,
  for: '1m',
  keepFiringFor: '1h',
  summary: 'The rule for {{ $labels.cause }} fails',
  description:
    'The rule for {{ $labels.cause }} threw an error {{ $value | printf "%.0f" }} times within 15 minutes. ' +
    'Calls are diagnosed without it, so the cause may be missed. ' +
    'Cause: a bug in sipwhy. Owner: sipwhy’s maintainers. Fix: report it with the log line.',
});

const requestsShed = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyRequestsShed',
  severity: 'ticket',
  expr: `${summedIncrease('sipwhy_requests_shed_total', ['job', 'route'], '5m')} > 0`,
  for: '5m',
  keepFiringFor: '15m',
  summary: 'sipwhy refuses requests to {{ $labels.route }}',
  description:
    '{{ $value | printf "%.0f" }} requests to {{ $labels.route }} were answered with 503 within 5 minutes. ' +
    'Page and API are refused first, so that webhooks are still accepted. ' +
    'Cause: more work than one process can do, or a slow disk. Owner: sipwhy’s operator. ' +
    'Fix: find the client that sends the most requests, or add a replica on PostgreSQL.',
});

const wrongTokens = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyWrongTokens',
  // Anyone who reaches the port can cause it, so it must not page. A person who mistypes a token stays below it.
  severity: 'ticket',
  expr: `${summedIncrease('sipwhy_auth_failures_total{reason="wrong"}', ['job', 'door'], '15m')} >= 20`,
  for: '1m',
  keepFiringFor: '30m',
  summary: 'Requests to {{ $labels.door }} have a wrong token',
  description:
    '{{ $value | printf "%.0f" }} requests to {{ $labels.door }} within 15 minutes had a wrong token. ' +
    'They were answered with 401 and saw nothing. ' +
    'Cause: a client has an old token, or someone guesses. Owner: sipwhy’s operator. ' +
    'Fix: find the address in the log. Give that client the token of today, or close the port to it.',
});

const requestsRefused = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyRequestsRefused',
  severity: 'ticket',
  expr: `${summedIncrease('sipwhy_requests_refused_total', ['job', 'reason'], '5m')} >= 10`,
  // Longer than the window, so that one burst does not fire.
  for: '10m',
  keepFiringFor: '15m',
  summary: 'sipwhy refuses requests: {{ $labels.reason }}',
  description:
    '{{ $value | printf "%.0f" }} requests within 5 minutes were refused before they were read ({{ $labels.reason }}). ' +
    'Cause: foreign_host: a name that sipwhy doesn’t know; foreign_origin: a page of another website; ' +
    'rate, streams, sockets: too many from an address, or at once. ' +
    'Owner: sipwhy’s operator. ' +
    'Fix: add a name of your own to ALLOWED_HOSTS. Slow a client down that asks too often. ' +
    'With sockets, new WebSockets of Jambonz are refused: look for who holds them.',
});

const internalErrors = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyInternalErrors',
  severity: 'ticket',
  expr: `${summedIncrease('sipwhy_internal_errors_total', ['job', 'where'], '15m')} > 0`,
  for: '1m',
  keepFiringFor: '1h',
  summary: 'sipwhy met an error that nothing expected ({{ $labels.where }})',
  description:
    'Errors within 15 minutes in {{ $labels.where }}: {{ $value | printf "%.0f" }}. The service goes on. ' +
    'The work that failed, such as one answer, may be missing. ' +
    'Cause: a bug in sipwhy. Owner: sipwhy’s maintainers. Fix: report it with the log line.',
});

const seriesOverflow = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhySeriesOverflow',
  severity: 'ticket',
  expr: `${summedIncrease('sipwhy_series_overflow_total', ['job', 'metric'], '1h')} > 0`,
  for: '5m',
  keepFiringFor: '1h',
  summary: '{{ $labels.metric }} has reached its limit of trunks or statuses',
  description:
    '{{ $value | printf "%.0f" }} samples of {{ $labels.metric }} within an hour were counted as `other`. ' +
    'Their trunks have no alerts and no dashboard of their own. ' +
    'Cause: more trunks than METRICS_TRUNK_LIMIT, or rare SIP statuses. Owner: sipwhy’s operator. ' +
    'Fix: raise METRICS_TRUNK_LIMIT, if Prometheus can handle about 35 more series per trunk.',
});

/** Alerts on sipwhy itself: whether it runs, gets all webhooks and works without errors. */
export const SIDECAR_ALERTS: RuleGroup = {
  name: 'sipwhy.sidecar',
  interval: '30s',
  rules: [
    down,
    ...webhooksSilent,
    webhooksRefused,
    forgedWebhooks,
    auditFindingCritical,
    ruleErrors,
    requestsShed,
    wrongTokens,
    requestsRefused,
    internalErrors,
    seriesOverflow,
  ],
};

import { alertRule, OF_SIDECAR, type RuleGroup, summedIncrease } from './rule.ts';

function requests(target: 'dial_action' | 'call_status', more = ''): string {
  return summedIncrease(`sipwhy_forward_requests_total{target="${target}"${more}}`, ['job'], '5m');
}

/** The most frequent result of failed requests, for use in a sentence. */
function reasonOf(target: 'dial_action' | 'call_status'): string {
  return (
    '{{ with query (printf `topk(1, sum by (result) (increase(sipwhy_forward_requests_total' +
    `{job=%q, target="${target}", result!="ok"}[5m])) > 0)\` $labels.job) }}` +
    '{{ . | first | label "result" }}{{ else }}unknown{{ end }}'
  );
}

const dialForwardFailing = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyDialForwardFailing',
  severity: 'page',
  expr: `
${requests('dial_action', ', result!="ok"')} >= 3
and
${requests('dial_action', ', result!="ok"')}
/
${requests('dial_action')} >= 0.2
`,
  for: '1m',
  keepFiringFor: '5m',
  summary: 'The application doesn’t answer dial hooks',
  description:
    '{{ $value | printf "%.0f" }} dial hooks within 5 minutes, at least a fifth of all, got no verbs from ' +
    'DIAL_ACTION_FORWARD_URL. Their calls got the fallback. ' +
    `Cause: ${reasonOf('dial_action')}. Owner: the application. ` +
    'Fix: check that the application behind DIAL_ACTION_FORWARD_URL runs, is fast enough and answers with verbs.',
});

const statusForwardFailing = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyStatusForwardFailing',
  severity: 'ticket',
  expr: `
${requests('call_status', ', result!="ok"')} >= 10
and
${requests('call_status', ', result!="ok"')}
/
${requests('call_status')} >= 0.5
`,
  for: '5m',
  keepFiringFor: '5m',
  summary: 'The application doesn’t accept call statuses',
  description:
    '{{ $value | printf "%.0f" }} requests to forward call statuses failed within 5 minutes, at least half of all. ' +
    'The statuses are kept and retried. ' +
    `Cause: ${reasonOf('call_status')}. Owner: the application. ` +
    'Fix: check the handler behind CALL_STATUS_FORWARD_URL.',
});

const forwardBehind = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyForwardBehind',
  severity: 'ticket',
  expr: 'max by (job, instance) (sipwhy_forward_backlog_events) > 1000',
  for: '10m',
  keepFiringFor: '5m',
  summary: '{{ $value | printf "%.0f" }} call statuses are waiting for the application',
  description:
    'They are forwarded in order, but late. ' +
    'Cause: the handler behind CALL_STATUS_FORWARD_URL is too slow, or was down. Owner: the application. ' +
    'Fix: let the handler answer first and do its work afterwards, or run more instances of it.',
});

const forwardGivenUp = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyForwardGivenUp',
  severity: 'ticket',
  expr: `${summedIncrease('sipwhy_forward_given_up_events_total', ['job', 'reason'], '15m')} > 0`,
  for: '1m',
  keepFiringFor: '1h',
  summary: 'Call statuses will not reach the application: {{ $labels.reason }}',
  description:
    '{{ $value | printf "%.0f" }} call statuses within 15 minutes will not be forwarded. ' +
    'Cause: {{ $labels.reason }} (rejected: the handler answered 4xx; expired: they waited for a day). ' +
    'Owner: the application. Fix: check the answers of the handler behind CALL_STATUS_FORWARD_URL. ' +
    'The events are still in sipwhy’s store.',
});

/** Alerts on webhooks forwarded to the operator's application. */
export const FORWARD_ALERTS: RuleGroup = {
  name: 'sipwhy.forward',
  interval: '30s',
  rules: [dialForwardFailing, statusForwardFailing, forwardBehind, forwardGivenUp],
};

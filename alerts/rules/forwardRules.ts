import { alertRule, OF_SIDECAR, type RuleGroup, summedIncrease } from './rule.ts';

function requests(target: 'dial_action' | 'call_status', more = ''): string {
  return summedIncrease(`sipwhy_forward_requests_total{target="${target}"${more}}`, ['job'], '5m');
}

/** What became of most requests that failed, as a part of a sentence. */
function reasonOf(target: 'dial_action' | 'call_status'): string {
  return (
    '{{ with query (printf `topk(1, sum by (result) (increase(sipwhy_forward_requests_total' +
    `{job=%q, target="${target}", result!="ok"}[5m])) > 0)\` $labels.job) }}` +
    '{{ . | first | label "result" }}{{ else }}not known any more{{ end }}'
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
  summary: 'The application does not answer dial hooks',
  description:
    '{{ $value | printf "%.0f" }} dial hooks within 5 minutes got no verbs from DIAL_ACTION_FORWARD_URL, a fifth of all or ' +
    'more; those calls went on with the fallback. Cause: ' +
    `${reasonOf('dial_action')}. Fix: look at the application behind DIAL_ACTION_FORWARD_URL: does it run, is it fast ` +
    'enough, what does it answer?',
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
  summary: 'The application does not take call statuses',
  description:
    '{{ $value | printf "%.0f" }} tries to pass call statuses on failed within 5 minutes, half of all or more. They are kept ' +
    `and tried again. Cause: ${reasonOf('call_status')}. Fix: look at the handler behind CALL_STATUS_FORWARD_URL.`,
});

const forwardBehind = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyForwardBehind',
  severity: 'ticket',
  expr: 'max by (job, instance) (sipwhy_forward_backlog_events) > 1000',
  for: '10m',
  keepFiringFor: '5m',
  summary: '{{ $value | printf "%.0f" }} call statuses wait for the application',
  description:
    'They are passed on in order, later than the application expects. Cause: the handler behind CALL_STATUS_FORWARD_URL ' +
    'is slower than the calls come, or was away. Fix: make it answer at once and work afterwards, or run more of it.',
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
    '{{ $value | printf "%.0f" }} call statuses within 15 minutes will not be passed on any more. Cause: {{ $labels.reason }} ' +
    '(rejected: the handler answered 4xx; expired: they waited for a day). Fix: look at what the handler behind ' +
    'CALL_STATUS_FORWARD_URL answers; the events themselves are in sipwhy’s store.',
});

/** Does the operator’s own application get what Jambonz sends it through sipwhy? */
export const FORWARD_ALERTS: RuleGroup = {
  name: 'sipwhy.forward',
  interval: '30s',
  rules: [dialForwardFailing, statusForwardFailing, forwardBehind, forwardGivenUp],
};

import { alertRule, OF_SIDECAR } from './rule.ts';

function accepted(window: string, offset = ''): string {
  const selector = 'sipwhy_webhooks_total{result=~"accepted|repeated"}';
  return `sum by (job, source) (increase(${selector}[${window}]${offset}))`;
}

const FIRING = 'group by (job, source) (ALERTS{alertname="SipwhyWebhooksSilent", alertstate="firing"})';

/** Webhooks per hour that make silence suspicious: about fifty calls, so that 15 quiet minutes aren't chance. */
const BUSY_HOUR = 300;

/**
 * Silence after a busy hour, unless the same half hour a week ago was silent too (offices close). A missing counter, as
 * after a restart, counts as silence. Once it fires, it keeps firing until webhooks arrive again, although the busy
 * hour has left its window by then. If no instance runs at all, SipwhyDown fires instead.
 */
export const webhooksSilent = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyWebhooksSilent',
  severity: 'page',
  expr: `
(
  ${accepted('15m')}
  or
  0 * ${accepted('1h', ' offset 15m')}
  or
  0 * ${FIRING}
) == 0
and
(
  ${accepted('1h', ' offset 15m')} >= ${BUSY_HOUR}
  or
  ${FIRING}
)
unless
${accepted('30m', ' offset 1w')} == 0
and on (job)
group by (job) (sipwhy_build_info)
`,
  for: '1m',
  summary: 'No webhook from {{ $labels.source }} for 15 minutes',
  description:
    'The hour before was busy. Failures are now neither counted nor explained. ' +
    'Cause: there are no calls, or {{ $labels.source }} does not reach sipwhy. Owner: sipwhy’s operator. ' +
    'Fix: make a test call. If none of its webhooks arrives, check the hook’s URL, the network and the proxy.',
});

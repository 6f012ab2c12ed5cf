import { alertRule, OF_SIDECAR } from './rule.ts';

function accepted(window: string, offset = ''): string {
  const selector = 'sipwhy_webhooks_total{result=~"accepted|repeated"}';
  return `sum by (job, source) (increase(${selector}[${window}]${offset}))`;
}

const FIRING = 'group by (job, source) (ALERTS{alertname="SipwhyWebhooksSilent", alertstate="firing"})';

/** Webhooks an hour that make silence suspicious: some fifty calls, so that a quiet quarter of an hour is no chance. */
const BUSY_HOUR = 300;

/**
 * Silence after a busy hour, unless the same half hour a week ago was silent too (offices close). A counter that is not
 * there at all, as after a restart, is silent as well. Once it fires it goes on until webhooks come again: the busy hour
 * is soon forgotten, the silence is not over. Where no instance runs at all, SipwhyDown says so.
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
  summary: 'No webhook of {{ $labels.source }} for 15 minutes',
  description:
    'The hour before was busy. Cause: either no calls come at all, or {{ $labels.source }} does not reach sipwhy. Meanwhile ' +
    'failures are neither counted nor explained. Fix: make a call; if no webhook of it comes, look at the hook’s URL, the ' +
    'network between, or a proxy.',
});

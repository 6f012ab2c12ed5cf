import { type AlertRule, alertRule, OF_SIDECAR, type Severity } from './rule.ts';

function accepted(window: string, offset = ''): string {
  const selector = 'sipwhy_webhooks_total{result=~"accepted|repeated"}';
  return `sum by (job, source) (increase(${selector}[${window}]${offset}))`;
}

/** Webhooks per hour that make silence suspicious: about fifty calls, so that 15 quiet minutes aren't chance. */
const BUSY_HOUR = 300;

/** What came in the same half hour a week ago. */
const WEEK_AGO = accepted('30m', ' offset 1w');

/**
 * Silence after a busy hour. A missing counter, as after a restart, counts as silence. Once it fires, it keeps firing
 * until webhooks arrive again, although the busy hour has left its window by then. If no instance runs at all,
 * SipwhyDown fires instead.
 *
 * It pages if there were webhooks in the same half hour a week ago. Before there is a week's history it is a ticket:
 * nobody knows yet whether this hour is always quiet.
 */
function silent(severity: Severity): AlertRule {
  const firing = `group by (job, source) (ALERTS{alertname="SipwhyWebhooksSilent", severity="${severity}", alertstate="firing"})`;
  const isPage = severity === 'page';
  return alertRule({
    ...OF_SIDECAR,
    alert: 'SipwhyWebhooksSilent',
    severity,
    expr: `
(
  ${accepted('15m')}
  or
  0 * ${accepted('1h', ' offset 15m')}
  or
  0 * ${firing}
) == 0
and
(
  ${accepted('1h', ' offset 15m')} >= ${BUSY_HOUR}
  or
  ${firing}
)
${isPage ? `and\n${WEEK_AGO} > 0` : `unless\n${WEEK_AGO} >= 0`}
and on (job)
group by (job) (sipwhy_build_info)
`,
    for: '1m',
    summary: 'No webhook from {{ $labels.source }} for 15 minutes',
    description:
      `The hour before was busy, and ${isPage ? 'a week ago there were webhooks at this time' : 'nothing is known of this time a week ago'}. ` +
      'Failures are now neither counted nor explained. ' +
      'Cause: there are no calls, or {{ $labels.source }} does not reach sipwhy. Owner: sipwhy’s operator. ' +
      'Fix: make a test call. If none of its webhooks arrives, check the hook’s URL, the network and the proxy.',
  });
}

export const webhooksSilent: readonly AlertRule[] = [silent('page'), silent('ticket')];

import type { Row } from '../dashboard.ts';
import { graph } from '../panels.ts';
import { ALL, grown, quantile } from '../selector.ts';

const RECEIVED = `sipwhy_webhooks_total{${ALL}}`;
const REFUSED = `sipwhy_webhooks_total{${ALL}, result!~"accepted|repeated|ignored"}`;

export const WEBHOOKS: Row = {
  title: 'Webhooks',
  panels: [
    graph({
      title: 'Webhooks by source and event',
      description: 'All that came in, accepted or not.',
      unit: 'reqps',
      span: 8,
      lines: { '{{source}} {{event}}': `sum by (source, event) (rate(${RECEIVED}[$__rate_interval]))` },
      runbook: 'SipwhyWebhooksSilent',
    }),
    graph({
      title: 'Webhooks refused',
      description: 'By reason. A wrong secret shows as bad_signature, a wrong clock as stale_signature.',
      unit: 'short',
      span: 8,
      stacked: true,
      lines: { '{{source}} {{result}}': `${grown(REFUSED, 'source, result')} > 0` },
      nothing: 'none refused in this time',
      runbook: 'SipwhyWebhooksRefused',
    }),
    graph({
      title: 'Time to answer a webhook',
      description: '99 of 100 are answered within it, the durable write included. A dial hook keeps a caller waiting.',
      unit: 's',
      span: 8,
      lines: { '{{hook}}': quantile(0.99, 'sipwhy_webhook_seconds', 'hook') },
      nothing: 'no webhooks in this time',
      runbook: 'SipwhyJournalSlow',
    }),
    graph({
      title: 'From webhook to verdict',
      description: 'From an attempt’s last webhook to its diagnosis. Attempts without a final status wait for a timer.',
      unit: 's',
      span: 8,
      lines: {
        median: quantile(0.5, 'sipwhy_webhook_to_verdict_seconds'),
        '99 of 100': quantile(0.99, 'sipwhy_webhook_to_verdict_seconds'),
      },
      nothing: 'no calls in this time',
    }),
    graph({
      title: 'WebSockets of Jambonz',
      description: 'That are open, by instance; 0 where status hooks are not WebSockets.',
      unit: 'short',
      span: 8,
      lines: { '{{instance}}': `sum by (instance) (sipwhy_websocket_connections{${ALL}})` },
    }),
    graph({
      title: 'WebSockets closed',
      description: 'By Jambonz (peer), or by sipwhy and why.',
      unit: 'short',
      span: 8,
      stacked: true,
      lines: { '{{reason}}': grown(`sipwhy_websocket_closes_total{${ALL}}`, 'reason') },
    }),
  ],
};

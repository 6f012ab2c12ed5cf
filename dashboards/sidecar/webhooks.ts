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
      description: 'All webhooks received, accepted or not.',
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
      nothing: 'none refused',
      runbook: 'SipwhyWebhooksRefused',
    }),
    graph({
      title: 'Time to answer a webhook',
      description: 'p99, including the durable write. A dial hook keeps a caller waiting.',
      unit: 's',
      span: 8,
      lines: { '{{hook}}': quantile(0.99, 'sipwhy_webhook_seconds', 'hook') },
      nothing: 'no webhooks',
      runbook: 'SipwhyJournalSlow',
    }),
    graph({
      title: 'From webhook to verdict',
      description:
        'Time from an attempt’s last webhook to its verdict. Attempts without a final status wait for a timer.',
      unit: 's',
      span: 8,
      lines: {
        median: quantile(0.5, 'sipwhy_webhook_to_verdict_seconds'),
        p99: quantile(0.99, 'sipwhy_webhook_to_verdict_seconds'),
      },
      nothing: 'no calls',
    }),
    graph({
      title: 'WebSockets from Jambonz',
      description: 'Open WebSockets by instance. 0 if the status hooks don’t use WebSockets.',
      unit: 'short',
      span: 8,
      lines: { '{{instance}}': `sum by (instance) (sipwhy_websocket_connections{${ALL}})` },
    }),
    graph({
      title: 'WebSockets closed',
      description: 'By reason: peer is Jambonz, any other reason is sipwhy’s.',
      unit: 'short',
      span: 8,
      stacked: true,
      lines: { '{{reason}}': grown(`sipwhy_websocket_closes_total{${ALL}}`, 'reason') },
    }),
  ],
};

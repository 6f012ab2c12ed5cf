import { buildDashboard } from './dashboard.ts';
import { graph, stat, table } from './panels.ts';
import { ALL, grown, grownInAll, quantile } from './selector.ts';

const WEBHOOKS = `sipwhy_webhooks_total{${ALL}}`;
const REFUSED = `sipwhy_webhooks_total{${ALL}, result!~"accepted|repeated|ignored"}`;

export const SIDECAR = buildDashboard({
  uid: 'sipwhy-sidecar',
  title: 'sipwhy: the sidecar itself',
  description: 'Can what sipwhy says be trusted right now? Webhooks, store, LiveKit snapshot, rules.',
  rows: [
    {
      title: 'Is it well?',
      panels: [
        stat({
          title: 'Instances',
          description: 'Instances that Prometheus can scrape.',
          unit: 'short',
          span: 4,
          expr: `count (sipwhy_build_info{${ALL}}) or vector(0)`,
          limits: { yellow: 1, red: 0.5 },
          runbook: 'SipwhyDown',
        }),
        stat({
          title: 'Webhooks not stored',
          description: 'Refused because the store failed. Jambonz does not repeat them by itself.',
          unit: 'short',
          span: 4,
          expr: grownInAll(`sipwhy_webhooks_total{${ALL}, result="store_failed"}`),
          limits: { yellow: 1, red: 1 },
          runbook: 'SipwhyStoreFailing',
        }),
        stat({
          title: 'False signatures',
          description: 'Webhooks whose signature the secret does not confirm.',
          unit: 'short',
          span: 4,
          expr: grownInAll(`sipwhy_webhooks_total{${ALL}, result="bad_signature"}`),
          limits: { yellow: 1, red: 100 },
          runbook: 'SipwhyForgedWebhooks',
        }),
        stat({
          title: 'LiveKit snapshot age',
          description:
            'How long ago LiveKit’s trunks and rules were last read, by the instance that is furthest behind.',
          unit: 's',
          span: 4,
          expr: `max (sipwhy_livekit_snapshot_age_seconds{${ALL}})`,
          limits: { yellow: 300, red: 900 },
          runbook: 'SipwhySnapshotStale',
        }),
        stat({
          title: 'Open calls',
          description: 'Calls that are not settled yet. A number that only rises means that calls do not settle.',
          unit: 'short',
          span: 4,
          expr: `sum (sipwhy_open_calls{${ALL}}) or vector(0)`,
        }),
        stat({
          title: 'Rules that threw',
          description: 'A rule that throws is left out of a diagnosis. It is a defect of sipwhy.',
          unit: 'short',
          span: 4,
          expr: grownInAll(`sipwhy_rule_errors_total{${ALL}}`),
          limits: { yellow: 1, red: 10 },
          runbook: 'SipwhyRuleErrors',
        }),
      ],
    },
    {
      title: 'Webhooks',
      panels: [
        graph({
          title: 'Webhooks by source and event',
          description: 'All that came in, accepted or not.',
          unit: 'reqps',
          span: 12,
          lines: {
            '{{source}} {{event}}': `sum by (source, event) (rate(${WEBHOOKS}[$__rate_interval]))`,
          },
          runbook: 'SipwhyWebhooksSilent',
        }),
        graph({
          title: 'Webhooks refused',
          description: 'By reason. A wrong secret shows as bad_signature, a wrong clock as stale_signature.',
          unit: 'short',
          span: 12,
          stacked: true,
          lines: { '{{source}} {{result}}': `${grown(REFUSED, 'source, result')} > 0` },
          runbook: 'SipwhyWebhooksRefused',
        }),
        graph({
          title: 'From webhook to verdict',
          description:
            'From an attempt’s last webhook to its diagnosis. Attempts without a final status wait for a timer.',
          unit: 's',
          span: 12,
          lines: {
            median: quantile(0.5, 'sipwhy_webhook_to_verdict_seconds'),
            '99 of 100': quantile(0.99, 'sipwhy_webhook_to_verdict_seconds'),
          },
        }),
        graph({
          title: 'Journal commit',
          description: 'How long a durable write takes. A webhook is answered only after it.',
          unit: 's',
          span: 12,
          lines: {
            median: quantile(0.5, 'sipwhy_journal_commit_seconds'),
            '99 of 100': quantile(0.99, 'sipwhy_journal_commit_seconds'),
          },
          runbook: 'SipwhyJournalSlow',
        }),
      ],
    },
    {
      title: 'LiveKit, and what is running',
      panels: [
        graph({
          title: 'Refreshes of the LiveKit snapshot',
          description: 'By result. Diagnoses go on with the last snapshot while they fail, and say so.',
          unit: 'short',
          span: 8,
          stacked: true,
          lines: { '{{result}}': grown(`sipwhy_livekit_refreshes_total{${ALL}}`, 'result') },
          runbook: 'SipwhySnapshotStale',
        }),
        graph({
          title: 'Open calls by instance',
          description: 'Calls that are not settled yet.',
          unit: 'short',
          span: 8,
          lines: { '{{instance}}': `sum by (instance) (sipwhy_open_calls{${ALL}})` },
        }),
        table({
          title: 'Versions',
          description: 'Which version each instance runs.',
          unit: 'none',
          span: 8,
          expr: `max by (instance, version) (sipwhy_build_info{${ALL}})`,
          columns: { instance: 'Instance', version: 'Version', Value: 'Up' },
        }),
      ],
    },
  ],
});

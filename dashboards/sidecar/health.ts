import type { Row } from '../dashboard.ts';
import { stat } from '../panels.ts';
import { ALL, grownInAll } from '../selector.ts';

export const HEALTH: Row = {
  title: 'Health',
  panels: [
    stat({
      title: 'Instances',
      description: 'Instances that Prometheus can scrape.',
      unit: 'short',
      span: 3,
      expr: `count (sipwhy_build_info{${ALL}}) or vector(0)`,
      limits: { yellow: 1, red: 0.5 },
      runbook: 'SipwhyDown',
    }),
    stat({
      title: 'Store',
      description: 'Share of instances whose last store operations succeeded.',
      unit: 'percentunit',
      span: 3,
      expr: `avg (sipwhy_store_up{${ALL}})`,
      limits: { yellow: 1, red: 0.5 },
      nothing: 'no instance',
      runbook: 'SipwhyStoreDown',
    }),
    stat({
      title: 'Webhooks not stored',
      description:
        'Refused because they could not be written. Jambonz resends them only if the hook’s URL asks for it.',
      unit: 'short',
      span: 3,
      expr: grownInAll(`sipwhy_webhooks_total{${ALL}, result="store_failed"}`),
      limits: { yellow: 1, red: 1 },
      runbook: 'SipwhyStoreFailing',
    }),
    stat({
      title: 'Wrong signatures',
      description: 'Webhooks whose signature doesn’t match the secret.',
      unit: 'short',
      span: 3,
      expr: grownInAll(`sipwhy_webhooks_total{${ALL}, result="bad_signature"}`),
      limits: { yellow: 1, red: 100 },
      runbook: 'SipwhyForgedWebhooks',
    }),
    stat({
      title: 'LiveKit snapshot age',
      description: 'Time since LiveKit’s trunks and rules were last read, for the instance with the oldest snapshot.',
      unit: 's',
      span: 3,
      expr: `max (sipwhy_livekit_snapshot_age_seconds{${ALL}})`,
      limits: { yellow: 300, red: 900 },
      nothing: 'never read',
      runbook: 'SipwhySnapshotStale',
    }),
    stat({
      title: 'Open calls',
      description: 'Calls in progress or settled only recently. If the number only rises, calls do not settle.',
      unit: 'short',
      span: 3,
      expr: `sum (sipwhy_open_calls{${ALL}}) or vector(0)`,
    }),
    stat({
      title: 'Requests refused during overload',
      description: 'Requests to the page and the API refused with 503, to leave room for webhooks.',
      unit: 'short',
      span: 3,
      expr: grownInAll(`sipwhy_requests_shed_total{${ALL}}`),
      limits: { yellow: 1, red: 100 },
      runbook: 'SipwhyRequestsShed',
    }),
    stat({
      title: 'Rule errors',
      description: 'Errors thrown by rules. A failed rule is left out of the diagnosis. It is a bug in sipwhy.',
      unit: 'short',
      span: 3,
      expr: grownInAll(`sipwhy_rule_errors_total{${ALL}}`),
      limits: { yellow: 1, red: 10 },
      runbook: 'SipwhyRuleErrors',
    }),
  ],
};

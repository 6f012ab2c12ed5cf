import type { Row } from '../dashboard.ts';
import { graph } from '../panels.ts';
import { ALL, grown, quantile } from '../selector.ts';

export const FORWARDS: Row = {
  title: 'Forwarding to your application',
  panels: [
    graph({
      title: 'Forwards by result',
      description: 'A dial hook with any result but ok got the fallback. A call status is retried for a day.',
      unit: 'short',
      span: 8,
      stacked: true,
      lines: { '{{target}} {{result}}': grown(`sipwhy_forward_requests_total{${ALL}}`, 'target, result') },
      runbook: 'SipwhyDialForwardFailing',
    }),
    graph({
      title: 'Response time of the application',
      description: 'p99. A slow dial hook keeps the caller waiting in silence.',
      unit: 's',
      span: 8,
      lines: { '{{target}}': quantile(0.99, 'sipwhy_forward_duration_seconds', 'target') },
      nothing: 'nothing forwarded',
      runbook: 'SipwhyDialForwardFailing',
    }),
    graph({
      title: 'Statuses waiting for the application',
      description: 'Call statuses that are not forwarded yet. They are forwarded in order.',
      unit: 'short',
      span: 8,
      lines: { '{{instance}}': `max by (instance) (sipwhy_forward_backlog_events{${ALL}})` },
      nothing: 'CALL_STATUS_FORWARD_URL is not set',
      runbook: 'SipwhyForwardBehind',
    }),
    graph({
      title: 'Forwarding paused',
      description: '1 while forwarding is paused because the application kept failing to answer.',
      unit: 'none',
      span: 6,
      lines: { '{{instance}} {{target}}': `max by (instance, target) (sipwhy_forward_circuit_open{${ALL}})` },
      runbook: 'SipwhyDialForwardFailing',
    }),
    graph({
      title: 'Statuses not forwarded',
      description: 'rejected: the application answered 4xx. expired: the status waited for a day.',
      unit: 'short',
      span: 6,
      stacked: true,
      lines: { '{{reason}}': grown(`sipwhy_forward_given_up_events_total{${ALL}}`, 'reason') },
      runbook: 'SipwhyForwardGivenUp',
    }),
    graph({
      title: 'Dial hooks answered before the disk write',
      description: 'The application’s verbs were returned before the event was on disk, because the disk was slow.',
      unit: 'short',
      span: 6,
      stacked: true,
      lines: { '{{instance}}': grown(`sipwhy_dial_answers_before_journal_total{${ALL}}`, 'instance') },
      runbook: 'SipwhyJournalSlow',
    }),
    graph({
      title: 'Incident notifications',
      description: 'Attempts to deliver notifications to INCIDENT_WEBHOOK_URL, by result.',
      unit: 'short',
      span: 6,
      stacked: true,
      lines: { '{{result}}': grown(`sipwhy_incident_notifications_total{${ALL}}`, 'result') },
    }),
  ],
};
